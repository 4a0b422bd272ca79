package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.cluster.ClusterChange;
import io.kindling.appliance.deploy.Assigner;
import io.kindling.appliance.deploy.ClusterBook;
import io.kindling.appliance.deploy.Designs;
import io.kindling.appliance.deploy.Designs.NodeDesign;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.Role;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// The operators' API for designing a cluster step by step. It changes the same file that is
/// applied as a whole. Thread-safe.
public final class DesignApi {
  private static final int MOST_NODES = 5000;

  private final NodeStore nodes;
  private final ClusterBook clusters;
  private final Assigner assigner;
  private final Designs designs;
  private final OperatorApi files;

  /// @param files keeps the file that comes of a change
  public DesignApi(
      NodeStore nodes,
      ClusterBook clusters,
      Assigner assigner,
      Designs designs,
      OperatorApi files) {
    this.nodes = nodes;
    this.clusters = clusters;
    this.assigner = assigner;
    this.designs = designs;
    this.files = files;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("PATCH", "/api/v1/cluster", Access.OPERATOR, this::change)
        .on("GET", "/api/v1/cluster/design", Access.VIEWER, this::design)
        .on("GET", "/api/v1/cluster/design/{node}", Access.VIEWER, this::node);
  }

  private void design(HttpServerExchange exchange) {
    tag(exchange);
    Json.send(exchange, 200, designs.now());
  }

  private void node(HttpServerExchange exchange) {
    Node node = Lookup.node(nodes, Handlers.part(exchange, "node"));
    tag(exchange);
    Json.send(
        exchange,
        200,
        designs
            .of(node)
            .orElseThrow(
                () -> new Problem(404, ApplianceError.NOT_FOUND, node.name() + " is removed")));
  }

  /// What a change must say in `If-Match` to build on this.
  private void tag(HttpServerExchange exchange) {
    Requests.tag(exchange, clusters.state());
  }

  /// `{"storage": {…}, "nodes": [{"node": …, "roles": […], "disks": […], "like": …}]}`.
  private void change(HttpServerExchange exchange) throws IOException {
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("storage", "nodes"));
    files.replace(
        exchange,
        former -> {
          String file = former.isEmpty() ? ClusterChange.EMPTY : former;
          Cluster now = clusters.read(Requests.file(exchange), file);
          ClusterChange change = read(body, now);
          String text = change.in(file, now, nodes.all());
          requirePossible(clusters.read(Requests.file(exchange), text), change);
          return text;
        });
  }

  /// All of it or nothing: a design that cannot be is refused before it is kept.
  private void requirePossible(Cluster cluster, ClusterChange change) {
    Set<String> meant = new HashSet<>();
    for (ClusterChange.Wish wish : change.nodes()) {
      meant.add(wish.node().name());
      cluster.ruleFor(wish.node()).flatMap(Cluster.NodeRule::name).ifPresent(meant::add);
    }
    List<Assigner.Line> failed =
        assigner.apply(cluster, true).stream()
            .filter(line -> line.failed() && meant.contains(line.node()))
            .toList();
    if (!failed.isEmpty()) {
      throw new ApplianceException(
          failed.stream().allMatch(l -> l.outcome().equals("refused"))
              ? ApplianceError.FROZEN
              : ApplianceError.LAYOUT_IMPOSSIBLE,
          failed.stream()
              .map(line -> line.node() + ": " + line.detail())
              .collect(Collectors.joining("\n")));
    }
  }

  private ClusterChange read(JsonNode body, Cluster now) {
    JsonNode storage = body.path("storage");
    if (!storage.isMissingNode()) {
      object(storage, "storage");
      Requests.only(storage, Set.of("images", "volumes", "ephemeral", "objects", "replicas"));
    }
    JsonNode list = body.path("nodes");
    if (!list.isMissingNode() && !list.isArray() || list.size() > MOST_NODES) {
      throw wrong("`nodes` is a list, " + MOST_NODES + " at most");
    }
    var wishes = new ArrayList<ClusterChange.Wish>();
    var twice = new HashSet<UUID>();
    for (JsonNode entry : list) {
      ClusterChange.Wish wish = wish(entry, now);
      if (!twice.add(wish.node().id())) {
        throw wrong(wish.node().name() + " is given twice");
      }
      wishes.add(wish);
    }
    return new ClusterChange(storage.isMissingNode() ? Map.of() : Json.map(storage), wishes);
  }

  private ClusterChange.Wish wish(JsonNode entry, Cluster now) {
    object(entry, "nodes");
    Requests.only(entry, Set.of("node", "roles", "disks", "like"));
    Node node = Lookup.node(nodes, entry.path("node").asString(""));
    Optional<Set<Role>> roles =
        entry.has("roles") ? Optional.of(roles(entry.path("roles"))) : Optional.empty();
    if (entry.has("disks") && entry.has("like")) {
      throw wrong("`disks` and `like` exclude each other");
    }
    Optional<List<Map<String, Object>>> disks = Optional.empty();
    if (entry.has("like")) {
      disks = Optional.of(like(node, Lookup.node(nodes, entry.path("like").asString("")), now));
    } else if (entry.has("disks")) {
      if (!entry.path("disks").isArray()) {
        throw wrong("`disks` is a list");
      }
      var rules = new ArrayList<Map<String, Object>>();
      for (JsonNode rule : entry.path("disks")) {
        object(rule, "disks");
        rules.add(Json.map(rule));
      }
      disks = Optional.of(rules);
    }
    return new ClusterChange.Wish(node, roles, disks);
  }

  private List<Map<String, Object>> like(Node node, Node other, Cluster now) {
    NodeDesign from = designs.of(other).orElseThrow(() -> wrong("no such node"));
    NodeDesign to = designs.of(node).orElseThrow(() -> wrong("no such node"));
    List<Map<String, Object>> rules =
        ClusterChange.disksOf(clusters.applied().orElseThrow().text(), now, other);
    return Designs.copy(rules, from, to)
        .orElseThrow(() -> wrong(node.name() + " has other disks than " + other.name()));
  }

  private static Set<Role> roles(JsonNode list) {
    Set<Role> roles = new TreeSet<>();
    for (String name : Requests.names(list)) {
      roles.add(Role.of(name).orElseThrow(() -> wrong("no role `" + name + "`")));
    }
    return roles;
  }

  private static void object(JsonNode value, String key) {
    if (!value.isObject()) {
      throw wrong("`" + key + "` is or holds an object");
    }
  }

  private static Problem wrong(String detail) {
    return new Problem(400, ApplianceError.BAD_REQUEST, detail);
  }
}
