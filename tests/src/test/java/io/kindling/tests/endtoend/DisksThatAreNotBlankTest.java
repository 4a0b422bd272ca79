package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.RackMachines;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What was on the disks before: cleared where the plan says so, untouched where it does not hold.
@Tag("full")
final class DisksThatAreNotBlankTest {

  private static final int MIB = 1 << 20;

  private Scenario scenario;

  @AfterEach
  void down() {
    scenario.close();
  }

  @Test
  void anOldTableAFileSystemAndAnActiveVolumeGroupAreCleared() throws Exception {
    scenario = Scenario.start("dirty");
    Machine machine = scenario.machine(RackMachines.storageNode(1, Firmware.BIOS));
    machine.on();
    String name = scenario.discovered(1).get(0).path("name").asString();
    Commands.Result dirtied =
        bootstrapShell(name)
            .as(
                "root",
                """
                set -e
                sgdisk -n 1:0:+2G -n 2:0:0 /dev/sda
                udevadm settle
                mkfs.ext4 -q /dev/sda1
                pvcreate -q -y /dev/sda2 /dev/sdb
                vgcreate -q oldgroup /dev/sda2 /dev/sdb
                lvcreate -q -y -n data -l 100%FREE oldgroup
                mkfs.ext4 -q /dev/oldgroup/data
                mkfs.ext4 -q -F /dev/vda
                vgs --noheadings -o vg_name,lv_count
                """);
    assertThat(dirtied.ok()).as(dirtied.output()).isTrue();
    assertThat(dirtied.output()).contains("oldgroup");
    scenario.apply(List.of(machine));
    scenario.deploy("{}");
    scenario.settled("node-1", Scenario.INSTALLATION, "provisioned", "error");
    assertThat(scenario.state("node-1"))
        .as(scenario.node("node-1").path("reason").asString())
        .isEqualTo("provisioned");
    assertThat(scenario.shell("node-1").run("sudo vgs --noheadings -o vg_name").output())
        .doesNotContain("oldgroup");
  }

  @Test
  void aDiskOfAnotherSizeStopsTheInstallationBeforeAnyDiskChanges() throws Exception {
    scenario = Scenario.start("swapped");
    Machine machine = scenario.machine(RackMachines.storageNode(1, Firmware.BIOS));
    machine.on();
    scenario.discovered(1);
    scenario.apply(List.of(machine));
    machine.off();
    var random = new Random(7);
    List<byte[]> before = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      try (var file = new RandomAccessFile(machine.drive(i).toFile(), "rw")) {
        if (i == 3) {
          file.setLength(file.length() - 64L * MIB);
        }
        byte[] noise = new byte[MIB];
        random.nextBytes(noise);
        // No boot signature: the firmware is to go on to the network's answer, not to this noise.
        noise[510] = 0;
        file.write(noise);
        file.seek(file.length() - MIB);
        file.write(noise);
      }
      before.add(ends(machine, i));
    }
    machine.on();
    long reported = reported();
    io.kindling.tests.rack.Waiting.until(
        "the machine's second report",
        Scenario.DISCOVERY,
        () -> reported() != reported,
        machine::mustRun);
    scenario.deploy("{}");
    scenario.settled("node-1", Scenario.INSTALLATION, "provisioned", "error");
    assertThat(scenario.state("node-1")).isEqualTo("error");
    assertThat(scenario.node("node-1").path("reason").asString()).contains("KSG-");
    scenario.terminal.say(scenario.node("node-1").path("reason").asString());
    machine.off();
    for (int i = 0; i < 4; i++) {
      assertThat(Arrays.equals(ends(machine, i), before.get(i))).as("drive " + i).isTrue();
    }
  }

  private long reported() {
    return scenario.client().nodes().get(0).path("reported").asString().hashCode();
  }

  private NodeShell bootstrapShell(String name) {
    String address =
        Commands.run(
                "sh",
                "-c",
                "tr -d '\\033' < "
                    + scenario.rack.machines().getFirst().console()
                    + " | grep -aoE '10\\.20\\.0\\.1[0-9]{2}' | tail -n 1")
            .strip();
    return new NodeShell(scenario.appliance, scenario.network, address);
  }

  private static byte[] ends(Machine machine, int drive) throws IOException {
    try (var file = new RandomAccessFile(machine.drive(drive).toFile(), "r")) {
      byte[] ends = new byte[2 * MIB];
      file.readFully(ends, 0, MIB);
      file.seek(file.length() - MIB);
      file.readFully(ends, MIB, MIB);
      return ends;
    }
  }
}
