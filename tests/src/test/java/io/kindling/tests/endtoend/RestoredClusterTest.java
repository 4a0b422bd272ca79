package io.kindling.tests.endtoend;

import static io.kindling.tests.endtoend.ContainerCluster.output;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.ApplianceProcess;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.Waiting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// A deployed Ceph cluster's appliance is lost and restored elsewhere from its backup: there is
/// nothing to deploy.
@Tag("full")
final class RestoredClusterTest {

  private static final List<Integer> DRIVES = List.of(6 << 10, 7 << 10);
  private static final Duration PHASES = Duration.ofMinutes(10);

  private ContainerCluster cluster;
  private Scenario scenario;
  private ApplianceProcess next;

  @BeforeEach
  void start() throws Exception {
    cluster = ContainerCluster.start("restored");
    scenario = cluster.scenario;
    next =
        new ApplianceProcess(
            scenario.directory.resolve("elsewhere"), scenario.cache(), scenario.network, List.of());
  }

  @AfterEach
  void stop() {
    next.kill();
    cluster.close();
  }

  @Test
  void afterTheRestoreThereIsNothingToDeploy() throws Exception {
    cluster.joined(1, DRIVES);
    cluster.joined(2, DRIVES);
    scenario.apply(
        """
        storage: { objects: none }
        networks:
          management:  { cidr: 10.20.0.0/24, dhcp: 10.20.0.100-10.20.0.199, nodes: 10.20.0.10-10.20.0.99 }
          storage:     { cidr: 10.21.0.0/24, vlan: 101, nodes: 10.21.0.10-10.21.0.99 }
          replication: { cidr: 10.22.0.0/24, vlan: 102, nodes: 10.22.0.10-10.22.0.99 }
        nodes:
          - { match: { name: host-1 }, roles: [ceph-mon, ceph-osd] }
          - { match: { name: host-2 }, roles: [ceph-osd] }
        """);
    cluster.deployed("host-1", "host-2");
    NodeShell host = scenario.shell("host-1");
    String before = output(host, "sudo ceph fsid; sudo ceph auth ls 2>/dev/null | sort");
    Path passphrase = Files.writeString(scenario.directory.resolve("pass"), "words for this test");
    Path file = scenario.directory.resolve("cluster.backup");
    scenario.terminal.say(
        KindlingCli.must(
                "backup",
                "--state",
                "" + scenario.appliance.state(),
                "-o",
                "" + file,
                "--passphrase-file",
                "" + passphrase)
            .strip());

    // No key of the cluster stands in the file.
    String bytes = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    String keys = output(host, "sudo ceph auth ls -f json | jq -r '.auth_dump[].key'");
    assertThat(keys.lines()).isNotEmpty().noneMatch(bytes::contains);

    scenario.appliance.kill();
    deleted(scenario.appliance.state().resolve("kindling.mv.db"));
    KindlingCli.must(
        "restore",
        "" + file,
        "--state",
        "" + next.state(),
        "--config",
        "" + scenario.directory.resolve("elsewhere.yaml"),
        "--passphrase-file",
        "" + passphrase);
    next.start(Duration.ofMinutes(1));

    // The agents' tokens are good here, too.
    Waiting.until(
        "both hosts seen by their agents",
        ContainerCluster.SOON,
        () -> present("host-1") && present("host-2"),
        () -> {});
    assertThat(state("host-1")).isEqualTo("ready");
    int done = events("phase-done").size();
    ApplianceClient.must(next.client().send("POST", "/api/v1/deploy", "application/json", "{}"));
    Waiting.until("the phases' end", PHASES, () -> events("phase-done").size() > done, () -> {});
    assertThat(events("phase-done").getLast()).contains("nothing changed");
    assertThat(events("phase-failed")).isEmpty();
    var same = new NodeShell(next, scenario.network, host.address());
    assertThat(output(same, "sudo ceph fsid; sudo ceph auth ls 2>/dev/null | sort"))
        .isEqualTo(before);
    scenario.terminal.say(events("phase-done").getLast());
  }

  private static void deleted(Path path) throws Exception {
    Files.delete(path); // nothing of the former appliance is needed any more
  }

  private JsonNode node(String name) {
    return ApplianceClient.must(next.client().get("/api/v1/nodes/" + name)).json();
  }

  private boolean present(String name) {
    return node(name).path("present").asBoolean(false);
  }

  private String state(String name) {
    return node(name).path("state").asString();
  }

  private List<String> events(String kind) {
    var found = new ArrayList<String>();
    for (JsonNode event :
        ApplianceClient.must(next.client().get("/api/v1/events?after=0&limit=10000")).json()) {
      if (event.path("kind").asString().equals(kind)) {
        found.add(event.path("text").asString());
      }
    }
    return found;
  }
}
