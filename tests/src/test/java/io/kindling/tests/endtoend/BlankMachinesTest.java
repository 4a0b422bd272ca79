package io.kindling.tests.endtoend;

import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.NodeShell;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// One BIOS and one UEFI machine: a cluster of two hosts, up again also without the appliance.
@Tag("full")
final class BlankMachinesTest extends BlankToCeph {
  BlankMachinesTest() {
    super("blank2", List.of(Firmware.BIOS, Firmware.UEFI));
  }

  @Test
  @Order(7)
  void aPowerCycleEndsThereWithTheApplianceStopped() {
    List<NodeShell> shells = shells(); // asks the appliance
    scenario.appliance.stop();
    scenario.powerCycle(machines, shells, REBOOT);
  }
}
