package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.account.Audit;
import io.kindling.appliance.account.Protection;
import io.kindling.appliance.deploy.Phases;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Caller;
import io.kindling.appliance.http.Handlers;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.Role;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The operators' API for nodes that are to be forgotten. Nothing on the machine changes: one that
/// reports again is a new node. Thread-safe.
public final class RemovalApi {
  private final NodeStore nodes;
  private final EventStore events;
  private final Phases phases;

  public RemovalApi(NodeStore nodes, EventStore events, Phases phases) {
    this.nodes = nodes;
    this.events = events;
    this.phases = phases;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("DELETE", "/api/v1/nodes/{node}", Access.OPERATOR, this::remove);
  }

  /// `{"yes": true}` where the node runs a system that was installed.
  private void remove(HttpServerExchange exchange) throws IOException {
    var body = Requests.json(exchange);
    Requests.only(body, Set.of("yes"));
    boolean yes = Requests.flag(body, "yes", false);
    Node node = Lookup.node(nodes, Handlers.part(exchange, "node"));
    Protection.require(Caller.of(exchange), node, yes);
    nodes.change(
        node.id(),
        now -> {
          Requests.requireMatch(exchange, Long.toString(now.version()));
          requireUnused(now, yes);
          return now.withState(NodeState.REMOVED, null, null);
        });
    Audit.note(exchange, Map.of("name", node.name(), "state", node.state().label()), null);
    events.append(node.id(), "node-removed", null, node.name() + " is forgotten");
    exchange.setStatusCode(204);
  }

  private void requireUnused(Node node, boolean yes) {
    if (node.state() == NodeState.PROVISIONING
        || node.state() == NodeState.DEPLOYING
        || node.state() == NodeState.WIPING) {
      throw new ApplianceException(
          ApplianceError.BUSY, node.name() + " is " + node.state().label());
    }
    Assignment assignment = node.assignment();
    if (assignment == null || !assignment.onDisk()) {
      return;
    }
    String roles =
        assignment.roles().stream().map(Role::label).sorted().collect(Collectors.joining(", "));
    if (phases.serves(node)) {
      throw new ApplianceException(
          ApplianceError.IN_CLUSTER, node.name() + " is part of the cluster as " + roles);
    }
    if (!yes) {
      throw new ApplianceException(
          ApplianceError.IN_USE,
          "%s is %s as %s; its addresses and host key are forgotten, its system and data stay"
              .formatted(node.name(), node.state().label(), roles));
    }
  }
}
