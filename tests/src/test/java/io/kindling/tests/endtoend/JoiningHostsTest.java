package io.kindling.tests.endtoend;

import static io.kindling.tests.endtoend.ContainerCluster.SOON;
import static io.kindling.tests.endtoend.ContainerCluster.output;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.isobuild.Mirror;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.ContainerHost;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.Waiting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Machines that have their own system come to a running appliance, and get packages from it alone.
@Tag("rack")
final class JoiningHostsTest {

  private static final List<Integer> DRIVES = List.of(6 << 10, 7 << 10);

  private ContainerCluster cluster;
  private Scenario scenario;

  @BeforeEach
  void start() throws Exception {
    cluster = ContainerCluster.start("join");
    scenario = cluster.scenario;
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void hostsJoinKeepWhatTheyHaveAndInstallFromTheMirrorWithSignaturesChecked() throws Exception {
    ContainerHost first = cluster.host(1, DRIVES);
    ContainerHost second = cluster.host(2, DRIVES);
    first.on();
    second.on();
    String before = output(cluster.operator(first), "sudo blkid -p /dev/loop*p*; ip -4 -o addr");

    JsonNode invitation = cluster.invite();
    assertThat(cluster.join(first, invitation).output())
        .contains("joined http://10.20.0.1 as host-1");
    Commands.Result again = cluster.join(second, invitation);
    assertThat(again.ok()).isFalse();
    assertThat(again.output()).contains("INV-017");
    assertThat(cluster.join(second, cluster.invite()).ok()).isTrue();

    for (String name : new String[] {"host-1", "host-2"}) {
      assertThat(scenario.state(name)).isEqualTo("provisioned");
      Waiting.until(
          name + " seen by its agent",
          SOON,
          () -> scenario.node(name).path("present").asBoolean(false),
          () -> {});
    }
    assertThat(scenario.client().nodes()).hasSize(2);
    cluster.apply(
        "{ match: { name: host-1 }, roles: [ceph-mon, ceph-osd] }",
        "{ match: { name: host-2 }, roles: [ceph-osd] }");
    JsonNode node = scenario.node("host-1");
    assertThat(node.path("addresses").path("replication").asString()).isEqualTo("10.22.0.11/24");
    assertThat(node.path("hostKey").asString())
        .isEqualTo(
            output(cluster.operator(first), "cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub"));
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
        mirror.sync(false, (step, steps, what) -> scenario.terminal.say("mirror: " + what));
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
}
