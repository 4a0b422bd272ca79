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
  private static final Duration REBOOT = Duration.ofMinutes(12);

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

  /// One method: after a drive that did not boot there is nothing to learn from the next.
  @Test
  @Order(2)
  void theyBootWithEitherDriveTakenOutWithAndWithoutTheAppliance() {
    List<NodeShell> shells = NODES.stream().map(scenario::shell).toList();
    for (int drive : List.of(0, 1)) {
      machines.forEach(Machine::off);
      machines.forEach(m -> m.pull(drive));
      bootsOnHalfItsArrays(shells, "without drive " + drive);
      scenario.appliance.stop();
      machines.forEach(Machine::off);
      bootsOnHalfItsArrays(shells, "without drive " + drive + ", appliance stopped");
      scenario.appliance.start(Duration.ofMinutes(2));
      machines.forEach(Machine::off);
      machines.forEach(m -> m.insert(drive));
      becomeWhole(shells);
    }
  }

  private static void bootsOnHalfItsArrays(List<NodeShell> shells, String how) {
    long start = scenario.terminal.seconds();
    machines.forEach(Machine::on);
    for (NodeShell shell : shells) {
      scenario.reachable(shell, REBOOT);
      scenario.terminal.say(
          shell.address() + " " + how + ": " + (scenario.terminal.seconds() - start) + " s");
      assertThat(shell.run("grep -c '\\[[U_][U_]\\]' /proc/mdstat").output().strip())
          .isEqualTo("3");
      assertThat(shell.run("cat /proc/mdstat").output())
          .containsPattern("\\[(U_|_U)]")
          .doesNotContain("[UU]");
      assertThat(shell.run("for m in / /boot /boot/efi; do findmnt -no SOURCE $m; done").output())
          .contains("/dev/mapper/os-root")
          .containsPattern("(?s)/dev/md.*/dev/md");
      assertThat(shell.run("systemctl is-system-running --wait").output())
          .doesNotContain("maintenance");
    }
  }

  /// What docs/operate.md tells an operator to do with a drive that came back or a new one.
  private static void becomeWhole(List<NodeShell> shells) {
    machines.forEach(Machine::on);
    for (NodeShell shell : shells) {
      scenario.reachable(shell, REBOOT);
      String told = shell.run(TAKE_BACK).output();
      Waiting.until(
          shell.address() + "'s arrays whole after " + told,
          REBOOT,
          () -> shell.run("grep -c '\\[UU\\]' /proc/mdstat").output().strip().equals("3"),
          () -> machines.forEach(Machine::mustRun));
    }
  }

  /// Each member that is in no array goes back into its own.
  private static final String TAKE_BACK =
      """
      for part in $(lsblk -nrpo NAME,FSTYPE | sed -n 's/ linux_raid_member$//p'); do
        [ -z "$(ls /sys/class/block/${part#/dev/}/holders)" ] || continue
        id=$(sudo mdadm --examine --export $part | sed -n 's/^MD_UUID=//p')
        for array in /dev/md/*; do
          if sudo mdadm --detail --export $array | grep -q $id; then sudo mdadm --manage $array --add $part; fi
        done
      done 2>&1
      cat /proc/mdstat
      """;
}
