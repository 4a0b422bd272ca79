package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.RackMachines;
import io.kindling.tests.rack.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `kill -9` of the appliance once in each task, by the task's own log line.
@Tag("full")
final class KilledApplianceTest {

  private static final List<String> TASKS =
      List.of(
          "check-disks",
          "wipe",
          "partition",
          "image",
          "boot-loader",
          "configure",
          "reboot",
          "verify");

  private Scenario scenario;

  @AfterEach
  void down() {
    scenario.close();
  }

  @Test
  void aNodeReachesItsGoalAndIsWipedOnceWhateverTaskTheApplianceDiesIn() throws Exception {
    scenario = Scenario.start("killed");
    Machine machine = scenario.machine(RackMachines.storageNode(1, Firmware.BIOS));
    machine.on();
    scenario.discovered(1);
    scenario.apply(List.of(machine));
    scenario.deploy("{}");
    for (String task : TASKS) {
      Waiting.until(
          "task-started " + task,
          Scenario.INSTALLATION,
          () -> log().contains("task-started " + task),
          machine::mustRun);
      scenario.appliance.kill();
      scenario.terminal.say("killed in " + task);
      scenario.appliance.start(Duration.ofMinutes(1));
    }
    scenario.settled("node-1", Scenario.INSTALLATION, "provisioned", "error");
    assertThat(scenario.state("node-1"))
        .as(scenario.node("node-1").path("reason").asString())
        .isEqualTo("provisioned");
    var wiped = Pattern.compile("KINDLING wiped (\\S+)").matcher(log()).results().toList();
    assertThat(wiped.stream().map(m -> m.group(1)).distinct().count()).isEqualTo(4);
    assertThat(wiped).hasSize(4);
  }

  private String log() {
    Path logs = scenario.appliance.state().resolve("log");
    if (!Files.isDirectory(logs)) {
      return "";
    }
    var text = new StringBuilder();
    try (Stream<Path> files = Files.walk(logs)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        text.append(Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
