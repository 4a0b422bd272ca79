package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.isobuild.Mirror;
import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.ContainerHost;
import io.kindling.tests.rack.ContainerSpec;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.Waiting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Machines that have their own system come to a running appliance, and get packages from it alone.
@Tag("rack")
final class JoiningHostsTest {

  private static final Duration SOON = Duration.ofSeconds(60);

  private Scenario scenario;
  private Path operatorsKey;

  @BeforeEach
  void start() throws Exception {
    scenario = Scenario.ofContainers("join");
    operatorsKey = scenario.directory.resolve("operator");
    Commands.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", operatorsKey.toString());
  }

  @AfterEach
  void stop() {
    scenario.close();
  }

  @Test
  void hostsJoinKeepWhatTheyHaveAndInstallFromTheMirrorWithSignaturesChecked() throws Exception {
    ContainerHost first = host(1);
    ContainerHost second = host(2);
    first.on();
    second.on();
    String before = output(operator(first), "sudo blkid -p /dev/loop*p*; ip -4 -o addr");

    JsonNode invitation = invite();
    assertThat(join(first, invitation).output()).contains("joined http://10.20.0.1 as host-1");
    Commands.Result again = join(second, invitation);
    assertThat(again.ok()).isFalse();
    assertThat(again.output()).contains("INV-017");
    assertThat(join(second, invite()).ok()).isTrue();

    for (String name : new String[] {"host-1", "host-2"}) {
      assertThat(scenario.state(name)).isEqualTo("provisioned");
      Waiting.until(
          name + " seen by its agent",
          SOON,
          () -> scenario.node(name).path("present").asBoolean(false),
          () -> {});
    }
    assertThat(scenario.client().nodes()).hasSize(2);
    scenario.apply(
        """
        networks:
          management:  { cidr: 10.20.0.0/24, dhcp: 10.20.0.100-10.20.0.199, nodes: 10.20.0.10-10.20.0.99 }
          storage:     { cidr: 10.21.0.0/24, vlan: 101, nodes: 10.21.0.10-10.21.0.99 }
          replication: { cidr: 10.22.0.0/24, vlan: 102, nodes: 10.22.0.10-10.22.0.99 }
        nodes:
          - { match: { name: host-1 }, roles: [ceph-mon, ceph-osd] }
          - { match: { name: host-2 }, roles: [ceph-osd] }
        """);
    JsonNode node = scenario.node("host-1");
    assertThat(node.path("addresses").path("replication").asString()).isEqualTo("10.22.0.11/24");
    assertThat(node.path("hostKey").asString())
        .isEqualTo(output(operator(first), "cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub"));
    NodeShell appliances = scenario.shell("host-1");
    assertThat(output(appliances, "sudo -n id -u")).isEqualTo("0");
    assertThat(output(appliances, "sudo blkid -p /dev/loop*p*; ip -4 -o addr")).isEqualTo(before);

    // The agent comes back with the machine, by its own token.
    first.cycle();
    scenario.reachable(appliances, SOON);
    assertThat(output(appliances, "systemctl is-active kindling-agent.service"))
        .isEqualTo("active");
    assertThat(output(appliances, "sudo stat -c %a /etc/kindling/token")).isEqualTo("600");

    installsFromTheMirror(appliances);
  }

  private void installsFromTheMirror(NodeShell host) throws Exception {
    Mirror mirror = Mirror.in(scenario.cache());
    Mirror.Synced synced =
        mirror.sync((step, steps, what) -> scenario.terminal.say("mirror: " + what));
    scenario.terminal.say("mirror: " + synced);
    // As the installation writes it; Debian's own archive is not reachable from the rack.
    String source =
        "deb [signed-by=/etc/apt/keyrings/kindling.asc] http://10.20.0.1/mirror trixie main";
    output(
        host,
        "sudo install -d /etc/apt/keyrings && echo '"
            + mirror.key()
            + "' | sudo tee /etc/apt/keyrings/kindling.asc && sudo rm -f"
            + " /etc/apt/sources.list.d/* && echo '"
            + source
            + "' | sudo tee /etc/apt/sources.list.d/kindling.list");
    assertThat(host.run("command -v iperf3").ok()).isFalse();
    output(host, "sudo apt-get -o APT::Update::Error-Mode=any update");
    output(host, "sudo DEBIAN_FRONTEND=noninteractive apt-get -y install iperf3");
    assertThat(output(host, "iperf3 --version")).contains("iperf");
    assertThat(output(host, "apt-cache policy ceph-osd")).contains("http://10.20.0.1/mirror");

    // Another key's signature is refused.
    Path foreign = Files.createDirectory(scenario.directory.resolve("foreign"));
    Files.setPosixFilePermissions(
        foreign, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    String home = foreign.toString();
    Commands.run(
        "gpg",
        "--homedir",
        home,
        "--batch",
        "--quiet",
        "--passphrase",
        "",
        "--quick-generate-key",
        "foreign",
        "ed25519",
        "sign",
        "never");
    String other = Commands.run("gpg", "--homedir", home, "--armor", "--export");
    Commands.run("gpgconf", "--homedir", home, "--kill", "all");
    output(host, "echo '" + other + "' | sudo tee /etc/apt/keyrings/kindling.asc");
    Commands.Result refused =
        host.run(
            "sudo rm -rf /var/lib/apt/lists && sudo apt-get -o APT::Update::Error-Mode=any update");
    assertThat(refused.ok()).as(refused.output()).isFalse();
  }

  private ContainerHost host(int number) throws Exception {
    String key = Files.readString(Path.of(operatorsKey + ".pub"));
    return scenario.rack.addHost(ContainerSpec.storageHost(number, key), scenario.hostImage());
  }

  private JsonNode invite() {
    return ApplianceClient.must(
            scenario.client().send("POST", "/api/v1/join-tokens", "application/json", "{}"))
        .json();
  }

  /// What the operator does with the lines.
  private Commands.Result join(ContainerHost host, JsonNode invitation) {
    var lines = new StringBuilder();
    invitation.path("commands").forEach(line -> lines.append(line.asString()).append('\n'));
    return operator(host).run("sudo sh -ec '" + lines.toString().replace("'", "'\\''") + "' 2>&1");
  }

  private NodeShell operator(ContainerHost host) {
    var shell =
        new NodeShell(
            operatorsKey, scenario.network, host.spec().address(ContainerSpec.MANAGEMENT));
    scenario.reachable(shell, SOON);
    return shell;
  }

  private static String output(NodeShell shell, String command) {
    Commands.Result result = shell.run(command);
    assertThat(result.ok()).as("%s: %s", command, result.output()).isTrue();
    return result.output().strip();
  }
}
