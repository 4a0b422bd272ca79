package io.kindling.appliance.deploy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.deploy.Deployer.Line;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Nodes that stopped in a phase and without which the phases go on. Its caller sees to it that no
/// two orders decide at once.
final class LeftOut {
  private final NodeStore nodes;
  private final EventStore events;
  private final Phases phases;

  LeftOut(NodeStore nodes, EventStore events, Phases phases) {
    this.nodes = nodes;
    this.events = events;
    this.phases = phases;
  }

  /// The phases are to go on without these, which stopped in one.
  ///
  /// @return a line for each that is needed; then nothing begins
  List<Line> skip(Set<String> names) {
    var refused = new ArrayList<Line>();
    for (String name : new TreeSet<>(names)) {
      Node node = nodes.findByName(name).orElseThrow();
      if (Phases.leftOut(node)) {
        continue;
      }
      Optional<String> needed =
          phases.stopped(node)
              ? phases.needs(node)
              : Optional.of(
                  "it did not stop in a phase; what stops while it is installed is left out of"
                      + " the phases by itself");
      if (needed.isPresent()) {
        refused.add(
            new Line(
                name,
                "refused",
                "%s %s: %s"
                    .formatted(
                        ApplianceError.NOT_SPARED.id(),
                        ApplianceError.NOT_SPARED.summary(),
                        needed.orElseThrow())));
      } else {
        nodes.change(node.id(), n -> n.withState(NodeState.ERROR, Phases.LEFT_OUT, n.reason()));
        events.append(node.id(), "node-left-out", null, name + ": phases go on without it");
      }
    }
    return refused;
  }

  /// The phases are for the node again.
  Line takenIn(Node node) {
    nodes.change(node.id(), n -> n.withState(NodeState.PROVISIONED, null, null));
    events.append(node.id(), "node-taken-in", null, node.name() + ": phases are for it again");
    return new Line(node.name(), "done", "taken in again by the next `deploy`");
  }
}
