package io.kindling.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.PxeMetrics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final String TEXT =
      Metrics.text(
          new Status.View(
              "0.1.0",
              Instant.parse("2026-11-01T00:00:00Z"),
              90,
              1_250,
              new Status.Memory(200L << 20),
              Map.of("ready", 3, "error", 1),
              Map.of("agent", 4),
              List.of("52:54:00:00:00:09: script"),
              2,
              List.of("node"),
              new Status.Dhcp("server", "", List.of()),
              new PxeMetrics(
                  Arrays.stream(PxeCounter.values())
                      .collect(Collectors.toMap(Function.identity(), c -> (long) c.ordinal())),
                  7,
                  100,
                  1)));

  @Test
  void everyLineIsAHelpATypeOrAValueOfThatName() {
    String name = "";
    for (String line : TEXT.lines().toList()) {
      if (line.startsWith("# HELP ")) {
        name = line.split(" ")[2];
      } else if (line.startsWith("# TYPE ")) {
        assertThat(line).matches("# TYPE " + name + " (gauge|counter)");
      } else {
        assertThat(line).matches(name + "(\\{[a-z]+=\"[a-z0-9_.]+\"})? -?[0-9.]+");
      }
    }
    assertThat(TEXT)
        .contains(
            "kindling_nodes{state=\"ready\"} 3\n",
            "kindling_nodes{state=\"discovered\"} 0\n",
            "kindling_start_seconds 1.25\n",
            "kindling_dhcp_silent 0\n",
            "kindling_boots_stalled 1\n",
            "kindling_network_total{what=\"tftp_requests\"} "
                + PxeCounter.TFTP_REQUESTS.ordinal()
                + "\n");
  }

  @Test
  void theReadyAlertsAndTheDashboardAskForNothingThatIsNotThere() throws Exception {
    var there = new TreeSet<>(names(TEXT));
    for (String file : List.of("alerts.yaml", "grafana.json")) {
      var asked = names(Files.readString(Path.of("../docs/monitoring").resolve(file)));
      assertThat(asked).as(file).isNotEmpty();
      assertThat(there).as(file).containsAll(asked);
    }
  }

  private static TreeSet<String> names(String text) {
    var names = new TreeSet<String>();
    Matcher found = Pattern.compile("\\bkindling_[a-z_]+").matcher(text);
    while (found.find()) {
      names.add(found.group());
    }
    return names;
  }
}
