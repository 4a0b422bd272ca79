package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.RackMachines;
import io.kindling.tests.rack.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/// Three blank machines become a Ceph cluster that loses a host, finds moved and late drives again,
/// and names the one that is dead.
@Tag("full")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class CephMachinesTest {

  private static final List<String> NODES = List.of("node-1", "node-2", "node-3");
  private static final Duration RETURN = Duration.ofMinutes(15);
  private static final int SYSTEM = 0;
  private static final int JOURNAL = 1;
  private static final int DATA_A = 2;
  private static final int DATA_B = 3;

  private static Scenario scenario;
  private static List<Machine> machines;

  @BeforeAll
  static void blankMachinesBecomeACluster() throws Exception {
    scenario = Scenario.start("ceph-machines");
    machines =
        Stream.of(1, 2, 3)
            .map(number -> scenario.machine(RackMachines.cephNode(number, Firmware.BIOS)))
            .toList();
    machines.forEach(Machine::on);
    scenario.discovered(NODES.size());
    scenario.apply(RackMachines.cephYaml(machines.stream().map(Machine::spec).toList()));
    scenario.deploy("{}");
    for (String node : NODES) {
      scenario.settled(node, Scenario.INSTALLATION, "deploying", "ready", "error");
    }
    long installed = scenario.terminal.seconds();
    for (String node : NODES) {
      scenario.settled(node, Scenario.PHASES, "ready", "error");
    }
    scenario.terminal.say("Ceph in " + (scenario.terminal.seconds() - installed) + " s");
  }

  @AfterAll
  static void down() {
    if (scenario != null) {
      scenario.close();
    }
  }

  @Test
  @Order(1)
  void itIsHealthyWithItsCopiesOnDifferentHosts() {
    for (String node : NODES) {
      assertThat(scenario.state(node))
          .as(node + scenario.node(node).path("reason"))
          .isEqualTo("ready");
    }
    assertThat(ceph("health")).isEqualTo("HEALTH_OK");
    assertThat(ceph("osd stat")).contains("6 osds: 6 up", "6 in");
    assertThat(output(Scenario.POOLS)).isEqualTo("3 2 true");
    assertThat(
            output(
                "sudo ceph osd crush rule dump replicated_rule | jq -r '.steps[].type // empty'"))
        .isEqualTo("host");
  }

  @Test
  @Order(2)
  void writingGoesOnWhileAHostIsKilled() throws Exception {
    NodeShell shell = scenario.shell("node-1");
    var writing =
        CompletableFuture.supplyAsync(() ->
            shell.run(
                "sudo timeout 110 rados -p volumes bench 60 write -b 16384 -t 2 --no-cleanup"));
    Waiting.until(
        "objects in the pool",
        Duration.ofMinutes(2),
        () -> shell.run("sudo rados -p volumes ls | grep -q benchmark_data").ok(),
        () -> {});
    machines.getLast().off();
    Commands.Result written = writing.get(4, TimeUnit.MINUTES);
    assertThat(written.ok()).as(written.output()).isTrue();
    output("head -c 100000 /dev/urandom >data; sudo rados -p volumes put kept data");
    assertThat(output("sudo rados -p volumes get kept back && sudo cmp data back && echo same"))
        .isEqualTo("same");
    machines.getLast().on();
    healthy();
  }

  @Test
  @Order(3)
  void aClockThatIsTenSecondsOffIsNamedOrPutRight() {
    NodeShell shell = scenario.shell("node-2");
    assertThat(shell.run("sudo systemctl stop chrony; sudo date -s '+10 seconds'").ok()).isTrue();
    String end = ordered();
    String offset = shell.run("chronyc -c tracking | cut -d, -f5").output().strip();
    scenario.terminal.say("clock ten seconds off: " + end + "; offset then " + offset + " s");
    if (end.startsWith("phase-failed")) {
      assertThat(end).contains("CEPH-001", "node-2");
      assertThat(ordered()).startsWith("phase-done");
      offset = shell.run("chronyc -c tracking | cut -d, -f5").output().strip();
    }
    assertThat(Math.abs(Double.parseDouble(offset))).isLessThan(0.05);
    healthy();
  }

  @Test
  @Order(4)
  void everyOsdComesBackWhereItsDrivesMovedAndCameLate() throws Exception {
    Machine machine = machines.getLast();
    machine.off();
    machine.order(List.of(JOURNAL, DATA_B, SYSTEM, DATA_A));
    machine.pull(DATA_A);
    machine.pull(DATA_B);
    machine.on();
    NodeShell shell = scenario.shell("node-3");
    scenario.reachable(shell, RETURN);
    Waiting.until(
        "a minute of uptime",
        RETURN,
        () -> shell.run("[ $(cut -d. -f1 /proc/uptime) -ge 60 ]").ok(),
        machine::mustRun);
    machine.insert(DATA_A);
    machine.insert(DATA_B);
    healthy();
    assertThat(ceph("osd stat")).contains("6 osds: 6 up");
  }

  @Test
  @Order(5)
  void theDeadDriveIsNamedAndTheOthersRun() {
    Machine machine = machines.getLast();
    machine.off();
    machine.pull(DATA_A); // its db partition remains
    machine.on();
    NodeShell shell = scenario.shell("node-3");
    scenario.reachable(shell, RETURN);
    Waiting.until(
        "five OSDs up", RETURN, () -> ceph("osd stat").contains("5 up"), machine::mustRun);
    assertThat(ordered()).startsWith("phase-failed");
    assertThat(scenario.eventsWith("task-failed").getLast()).contains("no partition", "node-3");
    assertThat(scenario.node("node-3").path("reason").asString()).contains("CEPH-005");
    assertThat(ceph("osd stat")).contains("5 up");
  }

  /// Orders the phases again and returns how they ended.
  private static String ordered() {
    int before = ends().size();
    scenario.deploy("{\"resume\":true}");
    Waiting.until(
        "the phases' end",
        Scenario.PHASES,
        () -> ends().size() > before,
        () -> machines.forEach(Machine::mustRun));
    return ends().getLast();
  }

  private static List<String> ends() {
    return scenario.events().stream()
        .filter(e -> e.startsWith("phase-done") || e.startsWith("phase-failed"))
        .toList();
  }

  private static void healthy() {
    Waiting.until(
        "HEALTH_OK",
        RETURN,
        () -> ceph("health").equals("HEALTH_OK"),
        () -> machines.forEach(Machine::mustRun));
  }

  private static String ceph(String question) {
    return scenario.shell("node-1").run("sudo ceph " + question).output().strip();
  }

  private static String output(String command) {
    return ContainerCluster.output(scenario.shell("node-1"), command);
  }
}
