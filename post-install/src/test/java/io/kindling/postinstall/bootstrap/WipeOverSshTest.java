package io.kindling.postinstall.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.DiskWipe;
import io.kindling.ksgen.PartitionScript;
import io.kindling.postinstall.InstallError;
import io.kindling.postinstall.InstallPlan.Bootstrap;
import io.kindling.postinstall.ssh.ApplianceKey;
import io.kindling.postinstall.ssh.OpenSshServer;
import io.kindling.postinstall.ssh.SshjConnector;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Wiping loop devices, as the appliance wipes a machine's disks: over OpenSSH's own sshd on a port
/// of 127.0.0.1. Needs root.
@Tag("rack")
class WipeOverSshTest {
  private static final long SIZE = 256L << 20;

  @TempDir Path dir;
  private final List<String> loops = new ArrayList<>();
  private final List<String> log = new ArrayList<>();
  private OpenSshServer server;
  private Bootstraps bootstraps;
  private Bootstrap machine;

  @BeforeEach
  void serve() throws Exception {
    ApplianceKey key = ApplianceKey.loadOrCreate(dir, new SecureRandom());
    bootstraps = new Bootstraps(new SshjConnector(key));
    server = new OpenSshServer(dir.resolve("sshd"), key.publicKey());
    machine = new Bootstrap("127.0.0.1", server.port(), List.of(server.hostKey()));
  }

  @AfterEach
  void stop() throws Exception {
    for (String loop : loops) {
      new ProcessBuilder("losetup", "-d", loop).start().waitFor();
    }
    server.close();
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + ": " + out).isZero();
    return out.strip();
  }

  private String loop(String name) throws Exception {
    Path image = dir.resolve(name);
    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(SIZE);
    }
    String device = run("losetup", "-f", "--show", image.toString());
    loops.add(device);
    run("mkfs.ext4", "-q", "-F", "-L", name, device);
    return device;
  }

  private static Facts.Disk disk(String device) {
    String name = device.substring("/dev/".length());
    return new Facts.Disk(
        name,
        name,
        name,
        List.of(),
        null,
        null,
        null,
        null,
        SIZE,
        512,
        512,
        Facts.Media.HDD,
        "loop",
        false,
        false,
        null,
        null,
        List.of());
  }

  private static String script(String named, String... all) {
    var disks = new ArrayList<Facts.Disk>();
    for (String device : all) {
      disks.add(disk(device));
    }
    var facts =
        new Facts(
            new Facts.Agent("1.0", Facts.Firmware.BIOS, false, "52:54:00:00:00:01"),
            new Facts.SystemInfo(null, null, null, null, null),
            new Facts.Cpu("cpu", "x86_64", 1, 1),
            1L << 30,
            disks,
            List.of(),
            List.of());
    DiskPlan plan =
        DiskWipe.plan(UUID.randomUUID(), facts, Set.of(disk(named).id()), UUID::randomUUID);
    return PartitionScript.render(plan);
  }

  @Test
  void theNamedDiskIsClearedAndTheOtherKeepsItsFileSystem() throws Exception {
    String doomed = loop("doomed");
    String kept = loop("kept");
    String script = script(doomed, doomed, kept);
    assertThat(bootstraps.check(machine, script, log::add)).isEqualTo(new Ended.Done());
    assertThat(run("wipefs", "--noheadings", doomed)).contains("ext4");
    assertThat(bootstraps.wipe(machine, script, log::add)).isEqualTo(new Ended.Done());
    assertThat(log).contains("KINDLING done blank");
    assertThat(run("wipefs", "--noheadings", doomed)).isEmpty();
    assertThat(run("fsck.ext4", "-n", kept)).contains("kept: clean");
    assertThat(bootstraps.wipe(machine, script, log::add)).isEqualTo(new Ended.Done());
  }

  @Test
  void aMountedDiskIsRefusedByName() throws Exception {
    String doomed = loop("doomed");
    Path at = Files.createDirectory(dir.resolve("at"));
    run("mount", doomed, at.toString());
    try {
      Ended ended = bootstraps.wipe(machine, script(doomed, doomed), log::add);
      assertThat(ended)
          .isInstanceOfSatisfying(
              Ended.Refused.class,
              refused -> {
                assertThat(refused.error()).isEqualTo("KSG-107");
                assertThat(refused.reason()).contains(doomed);
              });
    } finally {
      run("umount", at.toString());
    }
    assertThat(run("fsck.ext4", "-n", doomed)).contains("doomed: clean");
  }

  @Test
  void whatIsNotThatMachineIsNotTouched() throws Exception {
    String doomed = loop("doomed");
    var other = new Bootstrap("127.0.0.1", machine.port(), List.of("ssh-ed25519 AAAA"));
    assertThat(bootstraps.wipe(other, script(doomed, doomed), log::add))
        .isInstanceOfSatisfying(
            Ended.Away.class,
            away -> assertThat(away.error()).isEqualTo(InstallError.WRONG_HOST_KEY));
    assertThat(run("wipefs", "--noheadings", doomed)).contains("ext4");
  }
}
