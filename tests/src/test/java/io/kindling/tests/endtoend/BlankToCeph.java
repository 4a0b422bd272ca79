package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.RackMachines;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/// Machines from blank to a Ceph cluster.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class BlankToCeph {

  private static final String OSD = "4fbd7e29-9d25-41b8-afd0-062c0ceff05d";
  private static final String JOURNAL = "45b0969e-9b03-4f30-b4c6-b4b80ceff106";

  private final String rack;
  private final List<Firmware> firmwares;
  final List<String> nodes;
  Scenario scenario;
  List<Machine> machines;

  /// @param rack the name of the class's own
  /// @param firmwares one machine each
  BlankToCeph(String rack, List<Firmware> firmwares) {
    this.rack = rack;
    this.firmwares = firmwares;
    nodes = IntStream.rangeClosed(1, firmwares.size()).mapToObj(i -> "node-" + i).toList();
  }

  @BeforeAll
  final void blankMachinesAreInstalled() throws Exception {
    scenario = Scenario.start(rack);
    machines =
        IntStream.range(0, firmwares.size())
            .mapToObj(i -> scenario.machine(RackMachines.cephNode(i + 1, firmwares.get(i))))
            .toList();
    machines.forEach(Machine::on);
    long on = scenario.terminal.seconds();
    scenario.discovered(nodes.size());
    scenario.terminal.say("inventory " + (scenario.terminal.seconds() - on) + " s after power-on");
    scenario.apply(RackMachines.cephYaml(machines.stream().map(Machine::spec).toList()));
    long ordered = scenario.terminal.seconds();
    scenario.deploy("{}");
    for (String node : nodes) {
      scenario.settled(node, Scenario.INSTALLATION, "provisioned", "deploying", "ready", "error");
      scenario.terminal.say(
          node
              + " "
              + scenario.state(node)
              + " "
              + (scenario.terminal.seconds() - ordered)
              + " s after deploy "
              + scenario.node(node).path("reason"));
    }
  }

  @AfterAll
  final void down() {
    if (scenario != null) {
      scenario.close();
    }
  }

  @Test
  @Order(1)
  void theyBecomeACephCluster() {
    for (String node : nodes) {
      scenario.settled(node, Scenario.PHASES, "ready", "error");
      assertThat(scenario.state(node))
          .as(node + scenario.node(node).path("reason"))
          .isEqualTo("ready");
    }
    scenario.eventsWith("task-started ceph/").forEach(scenario.terminal::say);
    NodeShell shell = scenario.shell("node-1");
    assertThat(shell.run("sudo ceph health").output().strip()).isEqualTo("HEALTH_OK");
    int osds = 2 * nodes.size();
    assertThat(shell.run("sudo ceph osd stat").output())
        .contains("%d osds: %d up".formatted(osds, osds), osds + " in");
  }

  @Test
  @Order(2)
  void theFirmwareAndTheDrivesAreInTheInventory() {
    for (int i = 0; i < nodes.size(); i++) {
      String node = nodes.get(i);
      assertThat(scenario.node(node).path("firmware").asString())
          .isEqualToIgnoringCase(firmwares.get(i).name());
      assertThat(scenario.node(node).path("disks").size()).isEqualTo(4);
    }
  }

  @Test
  @Order(3)
  void thePartitionsCarryTheCephTypeGuids() {
    for (String node : nodes) {
      String table = scenario.shell(node).run("lsblk -o NAME,SIZE,PARTTYPE").output();
      assertThat(count(table, OSD)).as(table).isEqualTo(2);
      assertThat(count(table, JOURNAL)).as(table).isEqualTo(2);
    }
  }

  @Test
  @Order(4)
  void onlyTheNonRootUserWithTheAppliancesKeyLogsIn() {
    for (String node : nodes) {
      NodeShell shell = scenario.shell(node);
      assertThat(shell.run("sudo -n id -u").output().strip()).isEqualTo("0");
      assertThat(shell.run("id -u").output().strip()).isNotEqualTo("0");
      assertThat(shell.as("root", "true").ok()).isFalse();
      assertThat(
              shell
                  .as(
                      NodeShell.USER,
                      "true",
                      "-o",
                      "PubkeyAuthentication=no",
                      "-o",
                      "PreferredAuthentications=password,keyboard-interactive")
                  .output())
          .contains("Permission denied (publickey)");
      assertThat(shell.run("sudo -n passwd -S root").output()).contains("root L ");
    }
  }

  @Test
  @Order(5)
  void theAddressesAreStaticAndTheHostIsNamed() {
    for (String node : nodes) {
      NodeShell shell = scenario.shell(node);
      assertThat(shell.run("hostname").output().strip()).isEqualTo(node);
      String addresses = shell.run("ip -brief -4 address").output();
      for (String network : List.of("management", "storage", "replication")) {
        assertThat(addresses)
            .contains(scenario.node(node).path("addresses").path(network).asString());
      }
    }
  }

  @Test
  @Order(5)
  void theApplianceIsTheOnlySourceOfPackages() {
    for (String node : nodes) {
      assertThat(
              scenario
                  .shell(node)
                  .run("cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null")
                  .output()
                  .lines()
                  .filter(line -> !line.startsWith("#")))
          .as(node)
          .isNotEmpty()
          .allMatch(line -> line.contains(" http://10.20.0.1/mirror "));
    }
  }

  final List<NodeShell> shells() {
    return nodes.stream().map(scenario::shell).toList();
  }

  private static long count(String text, String what) {
    return Pattern.compile(Pattern.quote(what), Pattern.CASE_INSENSITIVE)
        .matcher(text)
        .results()
        .count();
  }
}
