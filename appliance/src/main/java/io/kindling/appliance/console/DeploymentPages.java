package io.kindling.appliance.console;

import io.kindling.appliance.console.internal.DeploymentViews;
import io.kindling.appliance.console.internal.Pages;
import io.kindling.appliance.daytwo.DayTwo;
import io.kindling.appliance.deploy.Checking;
import io.kindling.appliance.deploy.Deployments;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.undertow.server.HttpServerExchange;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// The console's pages of a deployment: how far it is, and whether what came of it is well.
/// Thread-safe.
public final class DeploymentPages {
  private final Deployments deployments;
  private final Supplier<Optional<Checking.Looked>> checked;
  private final Supplier<Optional<DayTwo.View>> operation;
  private final InstantSource clock;
  private final LongSupplier newest;
  private final Pages pages;

  /// @param operation the last piece of work on the cluster
  /// @param newest the number of the last event, from which a page's script listens on
  public DeploymentPages(
      Deployments deployments,
      Supplier<Optional<Checking.Looked>> checked,
      Supplier<Optional<DayTwo.View>> operation,
      InstantSource clock,
      LongSupplier newest,
      Pages pages) {
    this.deployments = deployments;
    this.checked = checked;
    this.operation = operation;
    this.clock = clock;
    this.newest = newest;
    this.pages = pages;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("GET", "/deploy", Access.VIEWER, e -> deploy(e, "deploy.html"))
        .on("GET", "/fragments/deploy", Access.VIEWER, e -> deploy(e, "deploy-live.html"))
        .on("GET", "/health", Access.VIEWER, this::health)
        .on(
            "GET",
            "/fragments/operation",
            Access.VIEWER,
            e -> pages.send(e, "operation.html", Map.of("operation", operation())));
  }

  private void deploy(HttpServerExchange exchange, String template) {
    pages.send(
        exchange,
        template,
        Map.of(
            "newest",
            newest.getAsLong(),
            "deployment",
            DeploymentViews.of(Json.map(deployments.now()))));
  }

  private void health(HttpServerExchange exchange) {
    Map<String, Object> looked = checked.get().map(Json::map).orElse(Map.of());
    pages.send(
        exchange,
        "health.html",
        Map.of(
            "newest",
            newest.getAsLong(),
            "check",
            DeploymentViews.check(looked, clock.instant()),
            "operation",
            operation()));
  }

  private Map<String, Object> operation() {
    return DeploymentViews.operation(operation.get().map(Json::map).orElse(Map.of()));
  }
}
