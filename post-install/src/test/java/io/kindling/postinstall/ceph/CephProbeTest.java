package io.kindling.postinstall.ceph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kindling.postinstall.internal.Resources;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the program on monitor hosts says of answers of a cluster, above all when it must say no.
class CephProbeTest {

  private static final String UUID = "11111111-2222-4333-8444-555555555555";

  /// Host a has OSDs 0 and 1, host b has 2; a and b are monitors beside c.
  private static final String TREE =
      """
      "osd tree": {"nodes": [
        {"id": -2, "name": "a", "type": "host", "children": [0, 1]},
        {"id": -3, "name": "b", "type": "host", "children": [2]},
        {"id": 0, "type": "osd", "status": "up", "reweight": 1},
        {"id": 1, "type": "osd", "status": "%s", "reweight": 1},
        {"id": 2, "type": "osd", "status": "up", "reweight": 1}]},
      "quorum_status": {"quorum_names": ["a", "b"%s],
        "monmap": {"mons": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}},
      """;

  @TempDir Path directory;
  private boolean up = true;
  private String quorum = ", \"c\"";
  private String flags = "{}";
  private String pgs = "active+clean";
  private String acting = "[2, 0]";
  private String manager = "{}";
  private String safe = "{\"safe_to_destroy\": [1], \"active\": []}";

  @BeforeEach
  void program() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "no python3");
    Files.writeString(
        directory.resolve("probe.py"), Resources.text(CephFiles.class, "ceph-probe.py"));
    Files.writeString(
        directory.resolve("rados.py"), Resources.text(CephProbeTest.class, "rados.py"));
  }

  @Test
  void aHostIsStoppedWhereNothingStandsStillWithoutIt() throws Exception {
    assertThat(ask("may_stop", "a")).startsWith("0 ");
  }

  @Test
  void aHostIsNotStoppedWhereAManagerSaysNo() throws Exception {
    manager = "{\"code\": -16, \"said\": \"3 PGs would become inactive\"}";
    assertThat(ask("may_stop", "a"))
        .isEqualTo("2 KINDLING-ERROR DAY-002 3 PGs would become inactive");
  }

  @Test
  void aManagerThatHasJustBegunIsAskedAgain() throws Exception {
    manager = "{\"code\": -11, \"said\": \"no statistics yet\"}";
    assertThat(ask("may_stop", "a")).isEqualTo("75 no statistics yet");
  }

  @Test
  void aManagerThatStillCountsAnOsdThatIsDownIsAskedAgain() throws Exception {
    acting = "[1, 2]";
    assertThat(ask("may_stop", "b")).startsWith("0 ");
    up = false;
    assertThat(ask("may_stop", "b"))
        .isEqualTo("75 the manager's statistics still count OSDs that are down: 1");
    acting = "[2]";
    assertThat(ask("may_stop", "b")).startsWith("0 ");
  }

  @Test
  void aMonitorThatTheQuorumNeedsIsNotStopped() throws Exception {
    quorum = "";
    assertThat(ask("may_stop", "a")).startsWith("2 KINDLING-ERROR DAY-002 2 of 3 monitors");
  }

  @Test
  void oneHostIsInMaintenanceAtATime() throws Exception {
    flags = "{\"b\": [\"noout\"]}";
    assertThat(ask("may_stop", "a")).isEqualTo("2 KINDLING-ERROR DAY-003 noout is set on b");
    assertThat(ask("may_stop", "b")).startsWith("0 ");
    assertThat(ask("noout", "b", "set")).startsWith("0 ");
    assertThat(ask("noout", "b", "unset")).isEqualTo("1 noout is set");
  }

  @Test
  void nothingIsAddedWhileCopiesAreMissing() throws Exception {
    assertThat(ask("may_add")).startsWith("0 ");
    pgs = "active+undersized+degraded";
    assertThat(ask("may_add")).startsWith("2 KINDLING-ERROR DAY-001 8 placement groups");
    pgs = "active+clean";
    up = false;
    assertThat(ask("may_add")).isEqualTo("2 KINDLING-ERROR DAY-001 OSDs down: 1");
    assertThat(ask("host_up", "a")).isEqualTo("1 OSDs down: 1");
    assertThat(ask("host_up", "b")).startsWith("0 ");
  }

  @Test
  void dataThatMoveAreThereButNotCleanYet() throws Exception {
    pgs = "active+remapped+backfill_wait";
    assertThat(ask("settling")).startsWith("0 ");
    assertThat(ask("may_add")).startsWith("0 ");
    assertThat(ask("whole")).startsWith("1 8 placement groups");
    pgs = "active+clean+scrubbing+deep";
    assertThat(ask("whole")).startsWith("0 ");
  }

  @Test
  void onlyAClusterThatGrowsKeepsItsDataStill() throws Exception {
    assertThat(ask("grows_calmly", "3")).startsWith("0 ");
    assertThat(ask("grows_calmly", "4")).isEqualTo("1 norebalance is unset");
    assertThat(ask("released")).startsWith("0 ");
  }

  @Test
  void anOsdIsReplacedWhereItIsSafeOrWhereItIsDeadAndNothingStandsStill() throws Exception {
    assertThat(ask("may_replace", "1", UUID, "safe")).startsWith("0 ");
    assertThat(ask("may_replace", "1", UUID, "degraded"))
        .isEqualTo("2 KINDLING-ERROR DAY-005 osd.1 is up");
    up = false;
    assertThat(ask("may_replace", "1", UUID, "degraded")).startsWith("0 ");
    // Asked for JSON a manager answers with success here too.
    safe = "{\"safe_to_destroy\": [], \"active\": [1]}";
    manager = "{\"code\": -16, \"said\": \"7 PGs would become inactive\"}";
    assertThat(ask("may_replace", "1", UUID, "safe"))
        .isEqualTo("2 KINDLING-ERROR DAY-004 osd.1 has placement groups");
    assertThat(ask("may_replace", "1", UUID, "degraded")).contains("DAY-004");
    assertThat(ask("may_replace", "1", UUID, "drain")).startsWith("0 ");
    assertThat(ask("safe", "1", UUID)).startsWith("1 ");
    safe = "{\"safe_to_destroy\": [], \"missing_stats\": [1]}";
    assertThat(ask("may_replace", "1", UUID, "safe")).contains("DAY-004 osd.1 has no statistics");
    assertThat(ask("safe", "1", UUID)).startsWith("1 osd.1 has no statistics");
    assertThat(ask("may_replace", "7", UUID, "drain")).contains("DAY-006");
  }

  @Test
  void anOsdOfTheSameIdThatIsAnotherOneIsDoneAlready() throws Exception {
    String other = UUID.replace('5', '6');
    assertThat(ask("destroyed", "1", other)).startsWith("0 ");
    assertThat(ask("destroyed", "1", UUID)).isEqualTo("1 is not");
    assertThat(ask("out", "1", other)).startsWith("0 ");
    assertThat(ask("out", "1", UUID)).isEqualTo("1 is in");
    assertThat(ask("may_replace", "1", other, "safe")).contains("DAY-006");
  }

  @Test
  void anOsdServesWhereItIsUpOnItsHost() throws Exception {
    assertThat(ask("serves", "1", "a")).startsWith("0 ");
    assertThat(ask("serves", "1", "b")).isEqualTo("1 is not of b");
    assertThat(ask("tell_osd", "1")).isEqualTo("0 KINDLING-OSD " + UUID + " a 1 1");
    up = false;
    assertThat(ask("serves", "1", "a")).isEqualTo("1 is down");
  }

  /// Its exit status and its last line.
  private String ask(String... words) throws Exception {
    Files.writeString(
        directory.resolve("answers.json"),
        ("{" + TREE.formatted(up ? "up" : "down", quorum))
            + """
            "health": {"status": "HEALTH_OK"},
            "status": {"pgmap": {"pgs_by_state": [{"state_name": "%s", "count": 8}]}},
            "pg dump": {"pg_stats": [{"pgid": "1.0", "acting": [0, 2]}, {"pgid": "1.1", "acting": %s}]},
            "osd ok-to-stop": %s, "osd safe-to-destroy": %s,
            "osd dump": {"flags_set": [], "crush_node_flags": %s, "osds": [
              {"osd": 0, "up": 1, "in": 1, "uuid": "0", "state": []},
              {"osd": 1, "up": %d, "in": 1, "uuid": "%s", "state": []},
              {"osd": 2, "up": 1, "in": 1, "uuid": "2", "state": []}]}}
            """
                .formatted(pgs, acting, manager, safe, flags, up ? 1 : 0, UUID));
    var command =
        new ArrayList<>(List.of("/usr/bin/python3", directory.resolve("probe.py").toString()));
    command.addAll(List.of(words));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ANSWERS", directory.resolve("answers.json").toString());
    Process process = builder.start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return process.waitFor() + " " + said.substring(said.lastIndexOf('\n') + 1);
  }
}
