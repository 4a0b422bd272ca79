package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.RackMachines;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Two UEFI machines of one kind, installed at once: one enters its system by kexec, one through
/// its firmware.
@Tag("full")
final class KexecTest {

  private static final Duration REBOOT = Duration.ofMinutes(12);

  private static Scenario scenario;
  private static List<Machine> machines;

  @BeforeAll
  static void blankMachinesAreInstalled() throws Exception {
    scenario = Scenario.start("kexec");
    machines =
        Stream.of(1, 2)
            .map(number -> scenario.machine(RackMachines.storageNode(number, Firmware.UEFI)))
            .toList();
    machines.forEach(Machine::on);
    scenario.discovered(2);
    scenario.apply(
        RackMachines.clusterYaml(machines.stream().map(Machine::spec).toList())
            .replace("    name: node-1\n", "    name: node-1\n    enter: kexec\n"));
    scenario.deploy("{}");
    for (String node : List.of("node-1", "node-2")) {
      scenario.settled(node, Scenario.INSTALLATION, "provisioned", "error");
      assertThat(scenario.state(node))
          .as(node + scenario.node(node).path("reason"))
          .isEqualTo("provisioned");
    }
  }

  @AfterAll
  static void down() {
    if (scenario != null) {
      scenario.close();
    }
  }

  @Test
  void theInstalledKernelIsStartedFromTheBootstrapAndTheFirmwareStartsItLater() {
    NodeShell shell = scenario.shell("node-1");
    // GRUB tells the kernel which image it took; kexec does not.
    assertThat(shell.run("cat /proc/cmdline").output())
        .contains("root=")
        .doesNotContain("BOOT_IMAGE");
    assertThat(scenario.shell("node-2").run("cat /proc/cmdline").output()).contains("BOOT_IMAGE");
    scenario.terminal.say(
        "from `reboot` to verified: kexec %d s, firmware %d s"
            .formatted(entered("node-1").toSeconds(), entered("node-2").toSeconds()));
    scenario.powerCycle(machines.subList(0, 1), List.of(shell), REBOOT);
    assertThat(shell.run("cat /proc/cmdline").output()).contains("BOOT_IMAGE");
  }

  private static Duration entered(String node) {
    List<String> lines =
        ApplianceClient.must(scenario.client().get("/api/v1/logs/" + node + "?lines=10000"))
            .body()
            .lines()
            .toList();
    String start = lines.stream().filter(l -> l.contains(" reboot ")).findFirst().orElseThrow();
    String end =
        lines.stream().filter(l -> l.contains("task-done verify")).findFirst().orElseThrow();
    return Duration.between(at(start), at(end));
  }

  private static Instant at(String line) {
    return Instant.parse(line.substring(0, line.indexOf(' ')));
  }
}
