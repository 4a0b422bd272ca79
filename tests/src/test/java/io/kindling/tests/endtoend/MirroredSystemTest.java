package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec;
import io.kindling.tests.rack.MachineSpec.Bus;
import io.kindling.tests.rack.MachineSpec.Drive;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.RackMachines;
import io.kindling.tests.rack.Waiting;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/// One BIOS and one UEFI machine with the system on two drives: each boots with either of them
/// taken out.
@Tag("full")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class MirroredSystemTest {

  private static final List<String> NODES = List.of("node-1", "node-2");
  private static final Duration REBOOT = Duration.ofMinutes(15);

  private static Scenario scenario;
  private static List<Machine> machines;

  @BeforeAll
  static void machinesAreInstalledOnTwoDrives() throws Exception {
    scenario = Scenario.start("mirrored");
    machines =
        List.of(
            scenario.machine(machine(1, Firmware.BIOS)),
            scenario.machine(machine(2, Firmware.UEFI)));
    machines.forEach(Machine::on);
    scenario.discovered(2);
    scenario.apply(
        RackMachines.clusterYaml(machines.stream().map(Machine::spec).toList())
            .replace(
                "      - { media: nvme, count: 1, use: { cephjournal: all } }\n",
                "      - { size: 10GiB, count: 2, use: { os: mirror } }\n"));
    scenario.deploy("{}");
    for (String node : NODES) {
      scenario.settled(node, Scenario.INSTALLATION, "provisioned", "error");
    }
  }

  @AfterAll
  static void down() {
    if (scenario != null) {
      scenario.close();
    }
  }

  private static MachineSpec machine(int number, Firmware firmware) {
    String tag = "0" + number;
    return new MachineSpec(
        "machine-" + tag,
        firmware,
        List.of("52:54:00:00:00:" + tag),
        RackMachines.MEMORY_MIB,
        List.of(
            new Drive("OSA" + tag, Bus.VIRTIO, 10 << 10),
            new Drive("OSB" + tag, Bus.SCSI, 10 << 10),
            new Drive("DATA" + tag, Bus.SCSI, 6 << 10)),
        null,
        null);
  }

  @Test
  @Order(1)
  void theyAreProvisionedOnWholeArrays() {
    for (String node : NODES) {
      assertThat(scenario.state(node))
          .as(node + scenario.node(node).path("reason"))
          .isEqualTo("provisioned");
      String arrays = scenario.shell(node).run("cat /proc/mdstat; ls /dev/md").output();
      assertThat(arrays).contains("raid1", "boot", "esp", "os").doesNotContain("[U_]", "[_U]");
    }
    assertThat(scenario.shell("node-2").run("sudo efibootmgr").output())
        .contains("Kindling node-2\t", "Kindling node-2 (disk 2)\t");
  }

  @Test
  @Order(2)
  void theyBootWithoutTheFirstDrive() {
    bootWithout(0);
  }

  @Test
  @Order(3)
  void theyBootWithoutTheSecondDriveOnceTheFirstIsBack() {
    machines.forEach(Machine::off);
    machines.forEach(m -> m.insert(0));
    machines.forEach(Machine::on);
    for (String node : NODES) {
      NodeShell shell = scenario.shell(node);
      scenario.reachable(shell, REBOOT);
      assertThat(
              shell
                  .run(
                      "for p in $(lsblk -nrpo NAME,FSTYPE | sed -n 's/ linux_raid_member$//p'); do"
                          + " [ -n \"$(ls /sys/class/block/${p#/dev/}/holders)\" ] && continue;"
                          + " u=$(sudo mdadm --examine --export $p | sed -n 's/^MD_UUID=//p'); for"
                          + " m in /dev/md/*; do sudo mdadm --detail --export $m | grep -q $u &&"
                          + " sudo mdadm --manage $m --add $p; done; done; cat /proc/mdstat")
                  .ok())
          .isTrue();
      Waiting.until(
          node + "'s arrays whole",
          REBOOT,
          () -> !shell.run("cat /proc/mdstat").output().contains("_"),
          () -> machines.forEach(Machine::mustRun));
    }
    bootWithout(1);
  }

  private static void bootWithout(int drive) {
    List<NodeShell> shells = NODES.stream().map(scenario::shell).toList();
    machines.forEach(Machine::off);
    machines.forEach(m -> m.pull(drive));
    machines.forEach(Machine::on);
    for (NodeShell shell : shells) {
      scenario.reachable(shell, REBOOT);
      String arrays = shell.run("cat /proc/mdstat; findmnt -no SOURCE / /boot /boot/efi").output();
      assertThat(arrays).containsPattern("\\[(U_|_U)]").contains("/dev/mapper/os-root", "/dev/md");
      assertThat(shell.run("systemctl is-system-running").output()).doesNotContain("maintenance");
    }
    machines.forEach(Machine::off);
    machines.forEach(m -> m.insert(drive));
  }
}
