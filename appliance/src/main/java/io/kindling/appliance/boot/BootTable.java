package io.kindling.appliance.boot;

import io.kindling.inventory.NodeState;
import io.kindling.pxe.BootStage;
import org.jspecify.annotations.Nullable;

/// The one table *state × stage → boot action*. Pure; every cell has an answer.
///
/// | state | before its disk holds a system | after |
/// |---|---|---|
/// | no node known, removed | bootstrap | bootstrap |
/// | discovered, assigned, wiping, rescue, quarantined | bootstrap | bootstrap |
/// | provisioning, error | bootstrap | own disk |
/// | provisioned, deploying, ready, adoptable | own disk | own disk |
///
/// A removed machine that is powered on again is a new machine: it is welcome, and if its disks
/// still carry our partitions it reports once and becomes adoptable.
///
/// The stage matters where the answer is "own disk": up to the script the machine can still be sent
/// there; a machine that asks for the kernel or reports as a bootstrap has missed it (its state
/// changed in between) and is handed nothing more, least of all a token.
public final class BootTable {
  private BootTable() {}

  /// @param state null for a machine nobody knows
  /// @param onDisk its own disk holds a system that can boot
  public static BootAction action(@Nullable NodeState state, boolean onDisk, BootStage stage) {
    return ownDisk(state, onDisk) ? towardsDisk(stage) : BootAction.BOOTSTRAP;
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

  private static BootAction towardsDisk(BootStage stage) {
    return switch (stage) {
      case DHCP, LOADER, SCRIPT -> BootAction.OWN_DISK;
      case KERNEL, AGENT -> BootAction.FIRMWARE_NEXT;
    };
  }
}
