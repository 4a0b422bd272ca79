package io.kindling.appliance.console;

import io.kindling.appliance.console.internal.Pages;
import io.kindling.appliance.console.internal.Values;
import io.kindling.appliance.console.internal.Views;
import io.kindling.appliance.console.internal.Words;
import io.kindling.appliance.deploy.ClusterBook;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.machines.RefusedReports;
import io.kindling.postinstall.openstack.OpenStackModel;
import io.undertow.server.HttpServerExchange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/// The console's page of the appliance's own settings and of the cluster as a file. Thread-safe.
public final class SettingsPage {
  private final Supplier<Object> status;
  private final Optional<String> fingerprint;
  private final Callable<List<RefusedReports.Refused>> refused;
  private final ClusterBook clusters;
  private final Supplier<List<Map<String, Object>>> labels;
  private final Pages pages;

  /// @param status what `GET /api/v1/status` answers
  /// @param fingerprint SHA-256 of the operators' certificate; empty without TLS
  /// @param refused reports that were refused, newest first
  /// @param labels what `GET /api/v1/labels` answers
  public SettingsPage(
      Supplier<Object> status,
      Optional<String> fingerprint,
      Callable<List<RefusedReports.Refused>> refused,
      ClusterBook clusters,
      Supplier<List<Map<String, Object>>> labels,
      Pages pages) {
    this.status = status;
    this.fingerprint = fingerprint;
    this.refused = refused;
    this.clusters = clusters;
    this.labels = labels;
    this.pages = pages;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("GET", "/settings", Access.VIEWER, this::show)
        .on(
            "GET",
            "/fragments/labels",
            Access.VIEWER,
            e -> pages.send(e, "labels.html", Map.of("labels", labelled())));
  }

  private void show(HttpServerExchange exchange) throws Exception {
    pages.send(
        exchange,
        "settings.html",
        Map.of(
            "appliance", Views.appliance(Json.map(status.get())),
            "fingerprint", fingerprint.orElse(""),
            "refused", refused.call().stream().map(SettingsPage::view).toList(),
            "labels", labelled(),
            "users", users(),
            "cephUsers", OpenStackModel.cephUsers(),
            "etag", clusters.state(),
            "file", clusters.applied().map(ClusterBook.Applied::text).orElse("")));
  }

  private List<Map<String, Object>> labelled() {
    return labels.get().stream().map(SettingsPage::label).toList();
  }

  private static Map<String, Object> label(Map<String, Object> label) {
    return Map.of(
        "label", Values.text(label, "label"),
        "nodes", Values.text(label, "nodes"),
        "power", Views.power(Values.map(label, "power")));
  }

  /// Of OpenStack's Keystone, where the cluster has it.
  private Set<String> users() {
    return clusters.applied().flatMap(applied -> applied.cluster().openstack()).isPresent()
        ? OpenStackModel.users().keySet()
        : Set.of();
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
