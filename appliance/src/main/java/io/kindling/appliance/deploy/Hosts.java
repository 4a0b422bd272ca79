package io.kindling.appliance.deploy;

import io.kindling.appliance.cluster.Cluster;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.postinstall.InstallPlan.Bootstrap;
import io.kindling.postinstall.engine.Host;
import java.util.List;
import java.util.UUID;

/// How a node is reached over SSH, by what runs on it. Pure.
final class Hosts {
  private static final String ROOT = "root";
  private static final int SSH = 22;

  private Hosts() {}

  /// Its installed system, at its management address.
  static Host installed(UUID id, String name, Assignment assignment) {
    String key = assignment.hostKey();
    return new Host(
        id,
        assignment.attempt(),
        name,
        CephModels.address(assignment, Cluster.MANAGEMENT),
        SSH,
        InstallPlans.ADMIN_USER,
        key == null ? List.of() : List.of(key));
  }

  /// The bootstrap that runs on it.
  static Host bootstrap(Node node, Assignment assignment, Bootstrap bootstrap) {
    return new Host(
        node.id(),
        assignment.attempt(),
        node.name(),
        bootstrap.address(),
        bootstrap.port(),
        ROOT,
        bootstrap.hostKeys());
  }
}
