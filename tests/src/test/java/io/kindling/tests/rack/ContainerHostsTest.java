package io.kindling.tests.rack;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.structure.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Real systemd and sshd in containers, real loop devices.
@Tag("rack")
final class ContainerHostsTest {

  private static final Duration BOOT = Duration.ofMinutes(3);
  private static final String OSD = "4fbd7e29-9d25-41b8-afd0-062c0ceff05d";
  private static final String JOURNAL = "45b0969e-9b03-4f30-b4c6-b4b80ceff106";

  private final Network network = new Network("kindling-hosts", "10.20.0.1/24");
  private Path directory = Path.of("");
  private Path key = Path.of("");

  @BeforeEach
  void empty() {
    var environment =
        new RackEnvironment(Repository.root(), RackEnvironment.ofThisMachine().cache());
    Rack.down(environment.directory("test-hosts"), network);
    directory = environment.emptied("test-hosts");
    key = directory.resolve("key");
    Commands.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString());
    network.up();
  }

  @AfterEach
  void down() {
    Rack.down(directory, network);
  }

  @Test
  void hostsAreMachinesOfTheirOwnWhoseSystemAndDrivesOutliveThePower() throws Exception {
    var rack = new Rack(directory, network, Accelerator.EMULATION);
    ContainerHost first = add(rack, 1);
    ContainerHost second = add(rack, 2);
    long begin = System.nanoTime();
    first.on();
    second.on();
    NodeShell one = reachable(first);
    NodeShell two = reachable(second);
    System.out.printf(
        "two container hosts reachable %d ms after power-on%n",
        (System.nanoTime() - begin) / 1_000_000);

    assertThat(output(one, "hostname")).isEqualTo("host-1");
    assertThat(output(two, "hostname")).isEqualTo("host-2");
    for (String what : List.of("cat /etc/machine-id", "cat /etc/ssh/ssh_host_ed25519_key.pub")) {
      assertThat(output(one, what)).isNotEmpty().isNotEqualTo(output(two, what));
    }
    assertThat(output(one, "sudo -n id -u")).isEqualTo("0");
    assertThat(output(one, "sudo systemctl is-system-running --wait")).isEqualTo("running");
    assertThat(one.as("root", "true").ok()).isFalse();
    for (String network : first.spec().addresses().keySet()) {
      assertThat(output(two, "sudo ping -c 1 -W 5 " + first.spec().address(network)))
          .contains("1 received");
    }
    String types = "sudo blkid -p -o value -s PART_ENTRY_TYPE /dev/loop*p*";
    assertThat(output(one, types).lines().filter(OSD::equals)).hasSize(2);
    assertThat(output(one, types).lines().filter(JOURNAL::equals)).hasSize(3); // one is spare
    // Loop devices are numbered anew at each power-on, as a machine may number its drives.
    String drives = "sudo blkid -p -o value -s PART_ENTRY_UUID /dev/loop*p* | sort";
    String ids = output(one, drives);
    assertThat(ids).isNotEqualTo(output(two, drives));

    assertThat(output(one, "echo kept > kept && sync && echo ok")).isEqualTo("ok");
    first.off();
    assertThat(first.isOn()).isFalse();
    assertThat(one.run("true").ok()).isFalse();
    assertThat(second.isOn()).isTrue();
    first.on();
    assertThat(output(reachable(first), "cat kept")).isEqualTo("kept");
    assertThat(output(one, drives)).isEqualTo(ids);
    first.shutDown();
    assertThat(Files.readString(first.console())).contains("System Power Off");
  }

  @Test
  void whatAKilledRunHasLeftIsTakenDown() {
    ContainerHost host = add(new Rack(directory, network, Accelerator.EMULATION), 1);
    host.on();
    reachable(host);
    assertThat(loops()).isNotEmpty();
    assertThat(network.hosts()).containsExactly("host-1");

    // Another run knows the folder and the network's name, nothing else.
    Rack.down(directory, new Network(network.namespace(), network.address()));

    assertThat(loops()).isEmpty();
    assertThat(network.hosts()).isEmpty();
    assertThat(network.exists()).isFalse();
    assertThat(host.isOn()).isFalse();
  }

  private ContainerHost add(Rack rack, int number) {
    var environment =
        new RackEnvironment(Repository.root(), RackEnvironment.ofThisMachine().cache());
    Path image = environment.hostImage(environment.images(new Terminal(System.out)));
    try {
      String authorized = Files.readString(Path.of(key + ".pub"));
      return rack.addHost(ContainerSpec.storageHost(number, authorized), image);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private NodeShell reachable(ContainerHost host) {
    var shell = new NodeShell(key, network, host.spec().address(ContainerSpec.MANAGEMENT));
    Waiting.until(
        "SSH on " + host.spec().name(), BOOT, () -> shell.run("true").ok(), host::mustRun);
    return shell;
  }

  private static String output(NodeShell shell, String command) {
    Commands.Result result = shell.run(command);
    assertThat(result.ok()).as("%s: %s", command, result.output()).isTrue();
    return result.output().strip();
  }

  private String loops() {
    return Commands.run("losetup", "--list", "--noheadings", "--output", "BACK-FILE")
        .lines()
        .filter(file -> file.contains(directory.toString()))
        .reduce("", (a, b) -> a + b);
  }
}
