package io.kindling.appliance.deploy;

import io.kindling.inventory.Node;
import java.util.List;

/// What comes after the installation of nodes. Thread-safe.
public interface Phases {

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

  /// Whether the node's error is one of a phase: its installation is done.
  boolean stopped(Node node);
}
