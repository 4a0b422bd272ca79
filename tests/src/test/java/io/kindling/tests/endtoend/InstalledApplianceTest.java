package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec.Bus;
import io.kindling.tests.rack.MachineSpec.Drive;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.Medium;
import io.kindling.tests.rack.Waiting;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/// An appliance that runs from its ISO is put on a disk and starts from there with what it had; an
/// update that was cut off costs nothing, and a backup is restored on it.
@Tag("full")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class InstalledApplianceTest {

  private static final int STICK = 0;
  private static final int DISK = 1;
  private static final String TARGET = "/dev/disk/by-id/virtio-SYSTEM";
  private static final String HOST_KEY = "cat /var/lib/kindling-data/ssh/ssh_host_ed25519_key.pub";

  private static DiscRack rack;
  private static DiscAppliance appliance;
  private static String hostKey;

  @BeforeAll
  static void anApplianceStartsFromItsIso() throws IOException {
    rack = new DiscRack("installed");
    appliance = rack.appliance(Firmware.BIOS, true, new Drive("SYSTEM", Bus.VIRTIO, 9 << 10));
    appliance.machine().insert(new Medium(Medium.Kind.DISC, rack.image));
    rack.on(appliance.machine());
    appliance.ready();
    hostKey = appliance.run(HOST_KEY);
    appliance.api(
        "PUT",
        "/api/v1/cluster",
        "application/yaml",
        "name: rack7\nnodes:\n  - { match: { mac: \"52:54:00:00:00:01\" }, roles: [base] }\n");
  }

  @AfterAll
  static void down() {
    if (rack != null) {
      rack.close();
    }
  }

  @Test
  @Order(1)
  void startsFromADiskWithWhatItHadInMemory() {
    long begin = rack.terminal.seconds();
    appliance.install(TARGET);
    rack.terminal.say("put on its disk in " + (rack.terminal.seconds() - begin) + " s");
    startsFromItsDisk();
  }

  /// By then the partition table is written over, the data partition is not, and the disk carries
  /// no label that the disc has.
  @Test
  @Order(2)
  void anUpdateThatWasCutOffAndIsDoneAgainKeepsWhatItHad() {
    Machine machine = appliance.machine();
    machine.off();
    // The head is zero until all else is there.
    overwrite(Path.of("/dev/zero"), machine.drive(DISK), 0, 1);
    overwrite(rack.image, machine.drive(DISK), 1, 63);
    machine.insert(new Medium(Medium.Kind.DISC, rack.image));
    machine.insert(STICK);
    rack.on(machine);
    appliance.ready();
    appliance.shows("state     memory only");
    appliance.install(TARGET);
    startsFromItsDisk();
  }

  private static void overwrite(Path from, Path drive, int skipMib, int mib) {
    Commands.run(
        "dd",
        "if=" + from,
        "of=" + drive,
        "bs=1M",
        "skip=" + skipMib,
        "seek=" + skipMib,
        "count=" + mib,
        "conv=notrunc",
        "status=none");
  }

  /// By the words of docs/iso.md.
  @Test
  @Order(3)
  void aBackupIsRestoredOnIt() {
    appliance.run("echo correct horse battery >/root/passphrase");
    appliance.run("kindling backup -o /root/rack.backup --passphrase-file /root/passphrase");
    appliance.api("PUT", "/api/v1/cluster", "application/yaml", "name: later\nnodes: []\n");
    Commands.Result over =
        appliance.attempt("kindling restore /root/rack.backup --passphrase-file /root/passphrase");
    assertThat(over.ok()).isFalse();
    appliance.run("systemctl stop kindling; find /var/lib/kindling -mindepth 1 -delete");
    appliance.run("kindling restore /root/rack.backup --passphrase-file /root/passphrase");
    appliance.run("systemctl start kindling");
    // By the token that it gave before, in the state that it had then.
    Waiting.until(
        "the restored appliance",
        Duration.ofMinutes(5),
        () -> appliance.attempt("kindling status").ok(),
        appliance.machine()::mustRun);
    assertThat(appliance.api("GET", "/api/v1/cluster", "", "").body()).contains("rack7");
  }

  /// Without the disc, and without the stick that held its answers.
  private static void startsFromItsDisk() {
    Machine machine = appliance.machine();
    machine.off();
    machine.insert(null);
    machine.pull(STICK);
    long begin = rack.terminal.seconds();
    rack.on(machine);
    String ofKernel = appliance.ready();
    rack.terminal.say(
        "BIOS from a disk: console ready %d s after power-on, %s s after the kernel's start"
            .formatted(rack.terminal.seconds() - begin, ofKernel));
    appliance.shows("state     disk /dev/vd");
    assertThat(appliance.run("kindling-settings")).contains("address=10.20.0.1/24");
    assertThat(appliance.run(HOST_KEY)).isEqualTo(hostKey);
    assertThat(appliance.run("journalctl --boot=-1 --unit=kindling --output=cat --lines=1"))
        .as("what the appliance logged before this start")
        .isNotBlank();
    // By the token that it gave when it ran from the disc.
    assertThat(appliance.api("GET", "/api/v1/cluster", "", "").body()).contains("rack7");
  }
}
