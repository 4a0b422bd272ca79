package io.kindling.appliance.console;

import io.kindling.appliance.console.internal.ClusterViews;
import io.kindling.appliance.console.internal.Pages;
import io.kindling.appliance.console.internal.Paging;
import io.kindling.appliance.deploy.Assigner;
import io.kindling.appliance.deploy.ClusterBook;
import io.kindling.appliance.deploy.Designs;
import io.kindling.appliance.deploy.Designs.Design;
import io.kindling.appliance.deploy.Designs.NodeDesign;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import io.undertow.server.HttpServerExchange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The console's steps to a cluster: storage settings, roles, disks, review. They show what the
/// cluster file comes to; their script changes it through the API. Thread-safe.
public final class ClusterPages {
  private static final String ROLES = "/cluster/roles";
  private static final String DISKS = "/cluster/disks";
  private static final String REVIEW = "/cluster/review";
  private static final Predicate<NodeDesign> ALL = node -> true;
  private static final Predicate<NodeDesign> PLANNED =
      node -> !node.roles().isEmpty() || !node.error().isEmpty();

  private final Designs designs;
  private final ClusterBook clusters;
  private final Assigner assigner;
  private final NodeStore nodes;
  private final ConsoleModel model;
  private final LongSupplier newest;
  private final Pages pages;
  private volatile Foreseen foreseen = new Foreseen("", List.of(), List.of());

  /// What applying the file would do, of that file and those nodes.
  private record Foreseen(String file, List<Long> versions, List<Assigner.Line> lines) {}

  /// @param newest the number of the last event, from which a page's script listens on
  public ClusterPages(
      Designs designs,
      ClusterBook clusters,
      Assigner assigner,
      NodeStore nodes,
      ConsoleModel model,
      LongSupplier newest,
      Pages pages) {
    this.designs = designs;
    this.clusters = clusters;
    this.assigner = assigner;
    this.nodes = nodes;
    this.model = model;
    this.newest = newest;
    this.pages = pages;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("GET", "/cluster", Access.VIEWER, e -> page(e, "cluster.html", "/cluster", ALL))
        .on("GET", ROLES, Access.VIEWER, e -> page(e, "roles.html", ROLES, ALL))
        .on("GET", "/fragments" + ROLES, Access.VIEWER, e -> page(e, "roles-live.html", ROLES, ALL))
        .on("GET", DISKS, Access.VIEWER, e -> page(e, "disks.html", DISKS, PLANNED))
        .on(
            "GET",
            "/fragments" + DISKS,
            Access.VIEWER,
            e -> page(e, "disks-live.html", DISKS, PLANNED))
        .on("GET", "/cluster/disks/{node}", Access.VIEWER, e -> disks(e, "node-disks.html"))
        .on(
            "GET",
            "/fragments/cluster/disks/{node}",
            Access.VIEWER,
            e -> disks(e, "node-disks-live.html"))
        .on("GET", REVIEW, Access.VIEWER, e -> review(e, "review.html"))
        .on("GET", "/fragments" + REVIEW, Access.VIEWER, e -> review(e, "review-live.html"));
  }

  /// A page of the nodes that the query finds, and what is said of all of them.
  private Map<String, Object> design(
      HttpServerExchange exchange, String path, Predicate<NodeDesign> wanted) {
    Paging paging = Paging.of(path, exchange.getQueryParameters());
    Design design = designs.now();
    var byId = new HashMap<UUID, NodeDesign>();
    design.nodes().stream().filter(wanted).forEach(node -> byId.put(node.id(), node));
    List<NodeDesign> found =
        model.found(paging.found()).stream().map(byId::get).filter(Objects::nonNull).toList();
    var values = new LinkedHashMap<String, Object>();
    values.put("etag", clusters.state());
    values.put("newest", newest.getAsLong());
    values.put(
        "design", ClusterViews.of(Json.map(design.showing(paging.of(found))), design.nodes()));
    values.put("list", paging.view(byId.size(), found.size(), "name, serial, MAC, label, model …"));
    return values;
  }

  private void page(
      HttpServerExchange exchange, String template, String path, Predicate<NodeDesign> wanted) {
    try {
      pages.send(exchange, template, design(exchange, path, wanted));
    } catch (Problem wrongQuery) {
      pages.problem(exchange, wrongQuery.status(), wrongQuery.id() + " " + wrongQuery.getMessage());
    }
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

  private void review(HttpServerExchange exchange, String template) {
    List<Assigner.Line> lines = foreseen();
    Paging paging = Paging.of(REVIEW, exchange.getQueryParameters());
    String words =
        String.join(" ", paging.found().getOrDefault("q", List.of())).toLowerCase(Locale.ROOT);
    var views = new ArrayList<Map<String, Object>>();
    for (Assigner.Line line : lines) {
      String deploying = deploying(line);
      String text = (line.node() + " " + deploying + " " + line.detail()).toLowerCase(Locale.ROOT);
      if (Arrays.stream(words.split("\\s+", -1)).allMatch(text::contains)) {
        views.add(Map.of("node", line.node(), "outcome", deploying, "detail", line.detail()));
      }
    }
    List<Map<String, Object>> shown = paging.of(views);
    Design design = designs.now();
    var names = new HashSet<String>();
    shown.forEach(line -> names.add(String.valueOf(line.get("node"))));
    List<NodeDesign> some = design.nodes().stream().filter(n -> names.contains(n.name())).toList();
    var values = new LinkedHashMap<String, Object>();
    values.put("newest", newest.getAsLong());
    values.put("design", ClusterViews.of(Json.map(design.showing(some)), design.nodes()));
    values.put("list", paging.view(lines.size(), views.size(), "name, role, address …"));
    values.put("lines", shown);
    pages.send(exchange, template, values);
  }

  /// Foreseen anew where something has happened since, for it takes its time at thousands of nodes.
  private List<Assigner.Line> foreseen() {
    String file = clusters.state();
    List<Long> versions =
        Stream.concat(Stream.of(newest.getAsLong()), nodes.all().stream().map(Node::version))
            .toList();
    Foreseen last = foreseen;
    if (!last.file().equals(file) || !last.versions().equals(versions)) {
      List<Assigner.Line> lines =
          clusters.applied().map(a -> assigner.apply(a.cluster(), true)).orElse(List.of());
      last = new Foreseen(file, versions, lines);
      foreseen = last;
    }
    return last.lines();
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
