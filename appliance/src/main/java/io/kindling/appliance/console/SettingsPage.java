package io.kindling.appliance.console;

import io.kindling.appliance.console.internal.Pages;
import io.kindling.appliance.console.internal.Views;
import io.kindling.appliance.console.internal.Words;
import io.kindling.appliance.deploy.ClusterBook;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.machines.RefusedReports;
import io.undertow.server.HttpServerExchange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/// The console's page of the appliance's own settings and of the cluster as a file. Thread-safe.
public final class SettingsPage {
  private final Supplier<Object> status;
  private final Optional<String> fingerprint;
  private final Callable<List<RefusedReports.Refused>> refused;
  private final ClusterBook clusters;
  private final Pages pages;

  /// @param status what `GET /api/v1/status` answers
  /// @param fingerprint SHA-256 of the operators' certificate; empty without TLS
  /// @param refused reports that were refused, newest first
  public SettingsPage(
      Supplier<Object> status,
      Optional<String> fingerprint,
      Callable<List<RefusedReports.Refused>> refused,
      ClusterBook clusters,
      Pages pages) {
    this.status = status;
    this.fingerprint = fingerprint;
    this.refused = refused;
    this.clusters = clusters;
    this.pages = pages;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("GET", "/settings", Access.VIEWER, this::show);
  }

  private void show(HttpServerExchange exchange) throws Exception {
    pages.send(
        exchange,
        "settings.html",
        Map.of(
            "appliance", Views.appliance(Json.map(status.get())),
            "fingerprint", fingerprint.orElse(""),
            "refused", refused.call().stream().map(SettingsPage::view).toList(),
            "etag", clusters.state(),
            "file", clusters.applied().map(ClusterBook.Applied::text).orElse("")));
  }

  private static Map<String, Object> view(RefusedReports.Refused report) {
    return Map.of(
        "id", report.id(),
        "at", report.at(),
        "from", report.from(),
        "error", report.error(),
        "reason", report.reason(),
        "kept", Words.size(report.kept()));
  }
}
