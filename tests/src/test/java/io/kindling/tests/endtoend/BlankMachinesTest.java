package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.Waiting;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// One BIOS and one UEFI machine: a cluster of two hosts, up again after a power cut, also without
/// the appliance.
@Tag("full")
final class BlankMachinesTest extends BlankToCeph {
  private static final Duration REBOOT = Duration.ofMinutes(12);

  BlankMachinesTest() {
    super("blank2", List.of(Firmware.BIOS, Firmware.UEFI));
  }

  @Test
  @Order(6)
  void aPowerCycleWithNetworkFirstEndsInTheInstalledSystemAndItsOsds() {
    scenario.powerCycle(machines, shells(), REBOOT);
    for (String node : nodes) {
      assertThat(scenario.state(node)).isEqualTo("ready");
    }
    NodeShell shell = scenario.shell("node-1");
    Waiting.until(
        "HEALTH_OK after the power cycle",
        REBOOT,
        () -> shell.run("sudo ceph health").output().strip().equals("HEALTH_OK"),
        () -> machines.forEach(Machine::mustRun));
  }

  @Test
  @Order(7)
  void aPowerCycleEndsThereWithTheApplianceStopped() {
    List<NodeShell> shells = shells(); // asks the appliance
    scenario.appliance.stop();
    scenario.powerCycle(machines, shells, REBOOT);
  }
}
