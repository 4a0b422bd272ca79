package io.kindling.appliance.aside;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.boot.BootAction;
import io.kindling.appliance.boot.BootTable;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.Role;
import io.kindling.pxe.BootStage;
import java.util.stream.Collectors;

/// Which nodes may be taken aside. Pure.
final class Admission {
  /// The stage of a node that is aside and has not been in the bootstrap since.
  static final String BOOT = "boot";

  private Admission() {}

  /// @throws ApplianceException where the node is nobody's to take aside now
  static void require(Node node, boolean rescued) {
    if (node.machineId() != null) {
      throw new ApplianceException(
          ApplianceError.EXISTING, node.name() + " has its own system and boots nothing else");
    }
    switch (node.state()) {
      case PROVISIONING, DEPLOYING, WIPING -> throw busy(node);
      case RESCUE -> {
        if (!rescued) {
          throw busy(node);
        }
      }
      case QUARANTINED ->
          throw new ApplianceException(
              ApplianceError.WHO_IS_IT, node.name() + ": " + node.reason());
      case REMOVED ->
          throw new ApplianceException(ApplianceError.UNKNOWN_NODE, node.name() + " is removed");
      case DISCOVERED, ASSIGNED, PROVISIONED, READY, ERROR, ADOPTABLE -> {
        // nobody is at work on it
      }
    }
  }

  static ApplianceException busy(Node node) {
    return new ApplianceException(ApplianceError.BUSY, node.name() + " is " + node.state().label());
  }

  /// Whether a system on its own disk is what the node starts.
  static boolean startsItsDisk(Node node) {
    return BootTable.action(node.state(), BootTable.Disk.of(node), BootStage.SCRIPT)
        == BootAction.OWN_DISK;
  }

  /// True of a node that was installed for more than its system: its daemons, and the data on its
  /// disks, may be a cluster's.
  static boolean serves(Node node) {
    Assignment assignment = node.assignment();
    return assignment != null
        && assignment.onDisk()
        && assignment.roles().stream().anyMatch(role -> role != Role.BASE);
  }

  static String roles(Node node) {
    Assignment assignment = node.assignment();
    return assignment == null || assignment.roles().isEmpty()
        ? "no role"
        : assignment.roles().stream().map(Role::label).sorted().collect(Collectors.joining(", "));
  }

  /// True where the node is in that state and waits for its boot.
  static boolean waits(Node node, NodeState state) {
    return node.state() == state && BOOT.equals(node.stage());
  }
}
