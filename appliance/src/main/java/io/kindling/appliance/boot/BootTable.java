package io.kindling.appliance.boot;

import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.pxe.BootStage;
import org.jspecify.annotations.Nullable;

/// The one table *state × disk × stage → boot action*. Pure; every cell has an answer.
///
/// | state | before its disk holds a system | after |
/// |---|---|---|
/// | no node known, removed | bootstrap | bootstrap |
/// | discovered, assigned, wiping, rescue, quarantined | bootstrap | bootstrap |
/// | provisioning | bootstrap; its release's installer from that task on | own disk |
/// | error | bootstrap | own disk |
/// | provisioned, deploying, ready | own disk | own disk |
/// | adoptable | own disk; the bootstrap once where its adoption was ordered | own disk |
///
/// A removed machine that is powered on again is a new machine: it is welcome, and if its disks
/// still carry our partitions it reports once and becomes adoptable.
///
/// The stage matters where the answer is "own disk": up to the script the machine can still be sent
/// there; a machine that asks for the kernel or reports as a bootstrap has missed it (its state
/// changed in between) and is handed nothing more, least of all a token.
public final class BootTable {
  /// How far the machine's own disk is.
  public enum Disk {
    /// No system of ours.
    BLANK,
    /// Partitioned; its release's installer is to put the system there.
    INSTALLER,
    /// A system that can boot.
    SYSTEM,
    /// A system of another appliance, which an operator wants let this one in.
    VISITED;

    /// Of a node that no installer works on.
    public static Disk of(Node node) {
      Assignment assignment = node.assignment();
      if (node.state() == NodeState.ADOPTABLE && VISIT.equals(node.stage())) {
        return VISITED;
      }
      return assignment != null && assignment.onDisk() ? SYSTEM : BLANK;
    }
  }

  /// The stage of an adoptable node that is to come to the bootstrap once.
  public static final String VISIT = "adopt";

  private BootTable() {}

  /// @param state null for a machine nobody knows
  public static BootAction action(@Nullable NodeState state, Disk disk, BootStage stage) {
    if (disk == Disk.VISITED && state == NodeState.ADOPTABLE) {
      return BootAction.BOOTSTRAP;
    }
    if (ownDisk(state, disk == Disk.SYSTEM)) {
      return towardsDisk(stage);
    }
    return state == NodeState.PROVISIONING && disk == Disk.INSTALLER
        ? towardsInstaller(stage)
        : BootAction.BOOTSTRAP;
  }

  private static boolean ownDisk(@Nullable NodeState state, boolean onDisk) {
    if (state == null) {
      return false;
    }
    return switch (state) {
      case DISCOVERED, ASSIGNED, WIPING, RESCUE, QUARANTINED, REMOVED -> false;
      case PROVISIONING, ERROR -> onDisk;
      case PROVISIONED, DEPLOYING, READY, ADOPTABLE -> true;
    };
  }

  /// The bootstrap that is still running is heard; a loader that was sent to the bootstrap image
  /// before gets no more of it, and starts again.
  private static BootAction towardsInstaller(BootStage stage) {
    return switch (stage) {
      case DHCP, LOADER, SCRIPT -> BootAction.INSTALLER;
      case KERNEL -> BootAction.FIRMWARE_NEXT;
      case AGENT -> BootAction.BOOTSTRAP;
    };
  }

  private static BootAction towardsDisk(BootStage stage) {
    return switch (stage) {
      case DHCP, LOADER, SCRIPT -> BootAction.OWN_DISK;
      case KERNEL, AGENT -> BootAction.FIRMWARE_NEXT;
    };
  }
}
