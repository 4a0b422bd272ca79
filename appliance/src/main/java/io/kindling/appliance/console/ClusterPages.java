package io.kindling.appliance.console;

import io.kindling.appliance.console.internal.ClusterViews;
import io.kindling.appliance.console.internal.Pages;
import io.kindling.appliance.deploy.Assigner;
import io.kindling.appliance.deploy.ClusterBook;
import io.kindling.appliance.deploy.Designs;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import io.undertow.server.HttpServerExchange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;

/// The console's steps to a cluster: storage settings, roles, disks, review. They show what the
/// cluster file comes to; their script changes it through the API. Thread-safe.
public final class ClusterPages {
  private final Designs designs;
  private final ClusterBook clusters;
  private final Assigner assigner;
  private final NodeStore nodes;
  private final LongSupplier newest;
  private final Pages pages;

  /// @param newest the number of the last event, from which a page's script listens on
  public ClusterPages(
      Designs designs,
      ClusterBook clusters,
      Assigner assigner,
      NodeStore nodes,
      LongSupplier newest,
      Pages pages) {
    this.designs = designs;
    this.clusters = clusters;
    this.assigner = assigner;
    this.nodes = nodes;
    this.newest = newest;
    this.pages = pages;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("GET", "/cluster", Access.VIEWER, e -> page(e, "cluster.html"))
        .on("GET", "/cluster/roles", Access.VIEWER, e -> page(e, "roles.html"))
        .on("GET", "/fragments/cluster/roles", Access.VIEWER, e -> page(e, "roles-live.html"))
        .on("GET", "/cluster/disks", Access.VIEWER, e -> page(e, "disks.html"))
        .on("GET", "/cluster/disks/{node}", Access.VIEWER, e -> disks(e, "node-disks.html"))
        .on(
            "GET",
            "/fragments/cluster/disks/{node}",
            Access.VIEWER,
            e -> disks(e, "node-disks-live.html"))
        .on("GET", "/cluster/review", Access.VIEWER, this::review);
  }

  private Map<String, Object> design() {
    var values = new LinkedHashMap<String, Object>();
    values.put("etag", clusters.state());
    values.put("newest", newest.getAsLong());
    values.put("design", ClusterViews.of(Json.map(designs.now())));
    return values;
  }

  private void page(HttpServerExchange exchange, String template) {
    pages.send(exchange, template, design());
  }

  private void disks(HttpServerExchange exchange, String template) {
    String key = Handlers.part(exchange, "node");
    Optional<Map<String, Object>> found =
        find(key).flatMap(designs::of).map(Json::map).map(ClusterViews::node);
    if (found.isEmpty()) {
      pages.problem(exchange, 404, "There is no node " + key + ".");
      return;
    }
    pages.send(
        exchange,
        template,
        Map.of("etag", clusters.state(), "node", found.get(), "newest", newest.getAsLong()));
  }

  private void review(HttpServerExchange exchange) {
    Map<String, Object> values = design();
    List<Assigner.Line> lines =
        clusters.applied().map(a -> assigner.apply(a.cluster(), true)).orElse(List.of());
    values.put(
        "lines",
        lines.stream()
            .map(l -> Map.of("node", l.node(), "outcome", deploying(l), "detail", l.detail()))
            .toList());
    pages.send(exchange, "review.html", values);
  }

  /// What an order to deploy would do with the node.
  private String deploying(Assigner.Line line) {
    return switch (line.outcome()) {
      case "would-assign" -> "install";
      case "would-release" -> "leave out";
      case "unchanged" ->
          nodes.findByName(line.node()).map(Node::state).map(ClusterPages::next).orElse("");
      default -> line.outcome();
    };
  }

  private static String next(NodeState state) {
    return switch (state) {
      case DISCOVERED, ASSIGNED -> "install";
      case PROVISIONING -> "go on installing";
      case PROVISIONED, DEPLOYING, READY -> "installed: keep as planned";
      case ERROR -> "in error: only by going on";
      case WIPING, RESCUE, QUARANTINED, ADOPTABLE, REMOVED -> "leave alone";
    };
  }

  private Optional<Node> find(String key) {
    Optional<Node> named = nodes.findByName(key);
    if (named.isPresent() || key.length() != 36) {
      return named;
    }
    try {
      return nodes.find(UUID.fromString(key));
    } catch (IllegalArgumentException notAnId) {
      return Optional.empty();
    }
  }
}
