package io.kindling.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.rack.Lan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole rack is switched on at once: none is lost, each gets an address of its own and every
/// byte of loader, kernel and initrd.
@Tag("full")
class PoweringOnTest {
  private static final int MACHINES = 100;

  /// As large as Debian's loader, its kernel and the bootstrap's initrd.
  private static final int LOADER = 3 << 20;

  private static final int KERNEL = 12 << 20;
  private static final int INITRD = 190 << 20;

  @TempDir Path folder;

  @Test
  void aHundredMachinesAtOnceAllBoot() throws Exception {
    try (Peers peers = new Peers(folder)) {
      peers.file("loader", LOADER);
      peers.file("kernel", KERNEL);
      peers.file("initrd", INITRD);
      Path server = peers.kindling(true);
      Lan.eventually(server, "DHCP_ACKS");
      String said =
          PoweringOn.run(peers, MACHINES, Duration.ofMinutes(15), "loader", "kernel", "initrd");
      assertThat(said.lines().filter(line -> line.startsWith("lost"))).isEmpty();
      assertThat(matches(said, "machine \\d+ dhcp (\\S+) .*"))
          .hasSize(MACHINES)
          .doesNotHaveDuplicates();
      assertThat(matches(said, "fetched \\S+/loader (\\d+)"))
          .hasSize(MACHINES)
          .containsOnly("" + LOADER);
      assertThat(matches(said, "fetched \\S+/kernel (\\d+)"))
          .hasSize(MACHINES)
          .containsOnly("" + KERNEL);
      assertThat(matches(said, "fetched \\S+/initrd (\\d+)"))
          .hasSize(MACHINES)
          .containsOnly("" + INITRD);
      for (String stage : List.of("dhcp \\S+", "loader", "kernel")) {
        System.out.printf(
            "the last machine's %s: %.1f s%n",
            stage.split(" ")[0],
            matches(said, "machine \\d+ " + stage + " ([0-9.]+)").stream()
                .mapToDouble(Double::parseDouble)
                .max()
                .orElseThrow());
      }
      System.out.println("asked again: " + matches(said, "again (.*)"));
    }
  }

  private static List<String> matches(String text, String line) {
    return Pattern.compile("^" + line + "$", Pattern.MULTILINE)
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }
}
