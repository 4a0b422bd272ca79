package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.deploy.Checking;
import io.kindling.appliance.deploy.Deployments;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;
import java.util.Optional;
import java.util.function.Supplier;

/// The operators' API for how far a deployment is, and what the last check found. Thread-safe.
public final class DeploymentApi {
  private final Deployments deployments;
  private final Supplier<Optional<Checking.Looked>> checked;

  public DeploymentApi(Deployments deployments, Supplier<Optional<Checking.Looked>> checked) {
    this.deployments = deployments;
    this.checked = checked;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("GET", "/api/v1/deploy", Access.VIEWER, e -> Json.send(e, 200, deployments.now()))
        .on("GET", "/api/v1/check", Access.VIEWER, e -> Json.send(e, 200, last()));
  }

  private Object last() {
    return checked
        .get()
        .orElseThrow(() -> new Problem(404, ApplianceError.NOT_FOUND, "nothing was checked yet"));
  }
}
