package io.kindling.appliance.deploy;

import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import java.util.List;
import java.util.Optional;

/// What comes after the installation of nodes. Thread-safe.
public interface Phases {

  /// The stage of a node in error without which the phases go on.
  String LEFT_OUT = "left-out";

  /// Nothing does.
  Phases NONE =
      new Phases() {
        @Override
        public List<Deployer.Line> begin() {
          return List.of();
        }

        @Override
        public boolean follow(Node node) {
          return false;
        }

        @Override
        public boolean stopped(Node node) {
          return false;
        }
      };

  /// Runs them, where every node that they need is installed; returns at once.
  ///
  /// @return a line for each node they are for: `started`, `running` or `waiting`
  List<Deployer.Line> begin();

  /// Whether phases follow for this node once it is installed.
  boolean follow(Node node);

  /// Whether the node has a place in what follows, also where it has none for now: its disks do not
  /// fit its layout any more, but what was installed on them serves on.
  default boolean serves(Node node) {
    return follow(node);
  }

  /// Whether the node's error is one of a phase: its installation is done.
  boolean stopped(Node node);

  /// Why the phases cannot go on without that node; empty where they can.
  default Optional<String> needs(Node node) {
    return Optional.empty();
  }

  /// Stops what runs as soon as may be.
  ///
  /// @return a line for each node of it
  default List<Deployer.Line> pause() {
    return List.of();
  }

  /// Whether an operator said that the phases go on without that node, which stopped in one.
  static boolean leftOut(Node node) {
    return node.state() == NodeState.ERROR && LEFT_OUT.equals(node.stage());
  }
}
