package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.deploy.NetVerifying;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;

/// The operators' API for the networks between nodes. Thread-safe.
public final class NetVerifyApi {
  private final NetVerifying networks;

  public NetVerifyApi(NetVerifying networks) {
    this.networks = networks;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on(
            "POST",
            "/api/v1/cluster/networks",
            Access.OPERATOR,
            e -> Json.send(e, 200, networks.verify()))
        .on("GET", "/api/v1/cluster/networks", Access.VIEWER, e -> Json.send(e, 200, last()));
  }

  private Object last() {
    return networks
        .last()
        .orElseThrow(
            () -> new Problem(404, ApplianceError.NOT_FOUND, "no network was verified yet"));
  }
}
