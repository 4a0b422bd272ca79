package io.kindling.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.TestParsing;
import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.ApplianceProcess;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Network;
import io.kindling.tests.rack.Rack;
import io.kindling.tests.rack.RackEnvironment;
import io.kindling.tests.rack.Waiting;
import io.kindling.tests.structure.Repository;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// How much memory an appliance holds once a thousand servers have reported and its pages and lists
/// were asked for.
@Tag("full")
final class MemoryTest {
  private static final int NODES = 1_000;
  private static final long WANTED_MIB = 256;

  /// What the compiler needed is given back by then.
  private static final Duration SOON = Duration.ofMinutes(1);

  private static final List<String> PATHS =
      List.of(
          "/",
          "/api/v1/nodes",
          "/cluster/roles",
          "/cluster/disks",
          "/cluster/review",
          "/settings",
          "/audit",
          "/deploy",
          "/health",
          "/metrics",
          "/fragments/nodes");

  @Test
  void aThousandServersFitIntoWhatASmallMachineHas() throws Exception {
    var environment =
        new RackEnvironment(Repository.root(), RackEnvironment.ofThisMachine().cache());
    var network = new Network("kindling-memory", "10.20.0.1/16");
    Rack.down(environment.directory("test-memory"), network);
    Path directory = environment.emptied("test-memory");
    network.up();
    try (var appliance = new ApplianceProcess(directory, environment.cache(), network, List.of())) {
      System.out.println("ready in " + appliance.start(Duration.ofMinutes(2)).toMillis() + " ms");
      System.out.println("at the start: " + resident(appliance) + " MiB");
      Path reports = Files.createDirectories(directory.resolve("reports"));
      for (int number = 1; number <= NODES; number++) {
        Files.writeString(reports.resolve(number + ".json"), report(number));
      }
      Commands.Result posted =
          Commands.attempt(
              Duration.ofMinutes(10),
              network.in(
                  "sh",
                  "-c",
                  "for f in "
                      + reports
                      + "/*.json; do curl -sS --fail -o /dev/null --data-binary @$f"
                      + " http://10.20.0.1/agent/v1/report || exit 1; done"));
      assertThat(posted.ok()).as(posted.output()).isTrue();
      System.out.println("after " + NODES + " reports: " + resident(appliance) + " MiB");
      ApplianceClient client = appliance.client();
      assertThat(client.nodes()).hasSize(NODES);
      for (int round = 0; round < 3; round++) {
        for (String path : PATHS) {
          assertThat(client.get(path).status()).as(path).isEqualTo(200);
        }
      }
      System.out.println("right after its lists and pages: " + resident(appliance) + " MiB");
      settles(appliance);
      // Its key alone is 64 MiB of work.
      ApplianceClient.must(
          client.send(
              "POST",
              "/api/v1/backup",
              "application/json",
              "{\"passphrase\":\"correct horse battery\"}"));
      System.out.println("right after a backup: " + resident(appliance) + " MiB");
      settles(appliance);
    } finally {
      network.down();
    }
  }

  private static void settles(ApplianceProcess appliance) {
    Waiting.until(
        "less than " + WANTED_MIB + " MiB", SOON, () -> resident(appliance) < WANTED_MIB, () -> {});
    System.out.println("and then: " + resident(appliance) + " MiB");
  }

  private static String report(int number) {
    return new String(TestParsing.recorded("dell-r640"), StandardCharsets.UTF_8)
        .replace("b0:26:28:00:00:", "b0:26:28:%02x:%02x:".formatted(number >> 8, number & 255))
        .replace(
            "4c4c4544-004b-4e10-8044-cbc04f303031",
            "4c4c4544-004b-4e10-8044-%012x".formatted(number))
        .replace("KND0001", "KND%04d".formatted(number))
        .replace("cafe000", "ca%05d".formatted(number))
        .replace("36344830520000", "3634483052%04d".formatted(number));
  }

  private static long resident(ApplianceProcess appliance) {
    return ApplianceClient.must(appliance.client().get("/api/v1/status"))
            .json()
            .path("memory")
            .path("residentBytes")
            .asLong()
        >> 20;
  }
}
