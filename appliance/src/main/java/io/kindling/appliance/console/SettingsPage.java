package io.kindling.appliance.console;

import io.kindling.appliance.console.internal.Pages;
import io.kindling.appliance.console.internal.Views;
import io.kindling.appliance.deploy.ClusterBook;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.undertow.server.HttpServerExchange;
import java.util.Map;
import java.util.function.Supplier;

/// The console's page of the appliance's own settings and of the cluster as a file. Thread-safe.
public final class SettingsPage {
  private final Supplier<Object> status;
  private final ClusterBook clusters;
  private final Pages pages;

  /// @param status what `GET /api/v1/status` answers
  public SettingsPage(Supplier<Object> status, ClusterBook clusters, Pages pages) {
    this.status = status;
    this.clusters = clusters;
    this.pages = pages;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("GET", "/settings", Access.VIEWER, this::show);
  }

  private void show(HttpServerExchange exchange) {
    pages.send(
        exchange,
        "settings.html",
        Map.of(
            "appliance", Views.appliance(Json.map(status.get())),
            "etag", clusters.state(),
            "file", clusters.applied().map(ClusterBook.Applied::text).orElse("")));
  }
}
