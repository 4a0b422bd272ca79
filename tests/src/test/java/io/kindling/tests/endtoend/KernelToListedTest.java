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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// How long a blank machine takes from its kernel's start until the inventory lists it: five
/// machines with one CPU and four drives, one after the other, with the whole bootstrap image.
@Tag("full")
final class KernelToListedTest {
  private static final int MACHINES = 5;

  private static final Pattern KERNEL_TIME = Pattern.compile("(?m)^\\[ *([0-9]+\\.[0-9]+)\\]");

  @Test
  void everyMachineIsListedAndTheMedianIsTold() throws IOException {
    var seconds = new ArrayList<Double>();
    try (Scenario scenario = Scenario.start("listed")) {
      System.out.print("load before: " + Files.readString(Path.of("/proc/loadavg")));
      for (int n = 1; n <= MACHINES; n++) {
        Machine machine = scenario.machine(RackMachines.storageNode(n, Firmware.BIOS));
        machine.on();
        Waiting.until(
            "the kernel of machine " + n,
            Scenario.DISCOVERY,
            () -> kernelTime(machine).isPresent(),
            machine::mustRun);
        long started =
            System.nanoTime() - (long) (kernelTime(machine).orElseThrow() * 1_000_000_000L);
        scenario.discovered(n);
        seconds.add(Duration.ofNanos(System.nanoTime() - started).toMillis() / 1000.0);
        machine.off();
      }
      assertThat(scenario.client().nodes()).hasSize(MACHINES);
    }
    List<Double> sorted = new ArrayList<>(seconds);
    Collections.sort(sorted);
    System.out.println(
        "kernel start to listed: " + seconds + " s, median " + sorted.get(MACHINES / 2) + " s");
  }

  /// How long the kernel has been running by the last line that it wrote to the console.
  private static OptionalDouble kernelTime(Machine machine) {
    try {
      String console = Files.readString(machine.console(), StandardCharsets.ISO_8859_1);
      return KERNEL_TIME
          .matcher(console)
          .results()
          .mapToDouble(match -> Double.parseDouble(match.group(1)))
          .max();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
