package io.kindling.tests.endtoend;

import static io.kindling.tests.endtoend.ContainerCluster.SOON;
import static io.kindling.tests.endtoend.ContainerCluster.output;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.ContainerHost;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.Waiting;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Every verb on a cluster that serves, while it is written to: nothing of what is written is lost
/// or refused, and each verb says no once where it must.
@Tag("full")
final class DayTwoTest {

  /// Writes by block device and by object until told to end; notes each failure, and what every
  /// object must hold.
  private static final String LOAD =
      """
      cd /tmp/load
      n=0
      while [ ! -e stop ]; do
        timeout 300 rbd bench --io-type write --io-size 64K --io-threads 2 --io-total 4M \\
          --io-pattern rand volumes/load >bench.log 2>&1 || { echo bench; cat bench.log; } >>errors
        n=$((n + 1))
        head -c 262144 /dev/urandom >object.$n
        timeout 300 rados -p volumes put object.$n object.$n 2>>errors || echo "put $n" >>errors
        sha256sum object.$n >>sums
        timeout 300 rados -p volumes get object.$n back 2>>errors || echo "get $n" >>errors
        cmp object.$n back >>errors 2>&1
      done
      for o in object.*; do timeout 300 rados -p volumes get $o $o 2>>errors || echo "get $o" >>errors; done
      sha256sum --check --quiet sums >>errors 2>&1
      touch stopped
      """;

  private static final String START_OSDS =
      "sudo sh -c 'for o in /var/lib/ceph/osd/ceph-*; do systemctl start ceph-osd@${o##*-}; done'";

  /// Operations of [#rebootInMaintenance], which comes before.
  private static final int DONE_BEFORE = 3;

  private ContainerCluster cluster;
  private Operations operations;
  private NodeShell mon;

  @BeforeEach
  void start() throws Exception {
    cluster = ContainerCluster.start("daytwo");
    operations = new Operations(cluster.scenario);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void aClusterThatServesIsRebootedAndGrownWithoutAnErrorOfItsUsers() {
    ContainerHost first = cluster.joined(1, List.of(6 << 10));
    for (int number = 2; number <= 3; number++) {
      cluster.joined(number, List.of(6 << 10));
    }
    String[] rules = {rule(1), rule(2), rule(3)};
    cluster.apply(rules);
    cluster.deployed("host-1", "host-2", "host-3");
    mon = cluster.scenario.shell("host-1");
    load();

    rebootInMaintenance();
    addNode(rules);
    addDrive(first);
    served();
    // More OSDs may mean more placement groups; then nothing is to be done any more.
    nothingChanges("host-1", "host-2", "host-3", "host-4");
  }

  @Test
  void aDeadDriveIsReplacedWithItsIdAndDbKeptWithoutAnErrorOfItsUsers() {
    cluster.joined(1, List.of(6 << 10));
    cluster.joined(2, List.of(6 << 10));
    ContainerHost third = cluster.joined(3, List.of(6 << 10, 6 << 10));
    cluster.apply(rule(1), rule(2), rule(3));
    cluster.deployed("host-1", "host-2", "host-3");
    mon = cluster.scenario.shell("host-1");
    load();
    replaceDrive(third);
    served();
    nothingChanges("host-1", "host-2", "host-3");
  }

  /// Ends the load: none of it failed, and everything that was written is as it was written.
  private void served() {
    output(mon, "sudo touch /tmp/load/stop");
    Waiting.until(
        "the load's end",
        Operations.LIMIT,
        () -> mon.run("test -e /tmp/load/stopped").ok(),
        () -> {});
    assertThat(output(mon, "cat /tmp/load/errors")).isEmpty();
    cluster.scenario.terminal.say(output(mon, "wc -l </tmp/load/sums") + " objects verified");
  }

  private void nothingChanges(String... hosts) {
    cluster.deployed(hosts);
    int before = cluster.events("phase-done").size();
    cluster.deployed(hosts);
    assertThat(cluster.events("phase-done")).hasSize(before + 1);
    assertThat(cluster.events("phase-done").getLast()).contains("nothing changed");
  }

  private void rebootInMaintenance() {
    operations.done("/api/v1/nodes/host-3/maintenance", "{\"step\":\"enter\"}");
    operations.refused("/api/v1/nodes/host-2/maintenance", "{\"step\":\"reboot\"}", "DAY-003");
    operations.done("/api/v1/nodes/host-3/maintenance", "{\"step\":\"exit\"}");
    output(cluster.scenario.shell("host-3"), "sudo systemctl stop ceph-osd.target");
    awaitOsds("2 up");
    operations.refused("/api/v1/nodes/host-2/maintenance", "{\"step\":\"reboot\"}", "DAY-002");
    output(cluster.scenario.shell("host-3"), START_OSDS);
    awaitOsds("3 up");
    awaitWhole();
    NodeShell second = cluster.scenario.shell("host-2");
    String boot = second.bootId();
    JsonNode plan =
        operations.order(
            "/api/v1/nodes/host-2/maintenance", "{\"step\":\"reboot\",\"dryRun\":true}", 200);
    assertThat(plan.path("text").asString())
        .contains("may begin now", "ceph osd set-group noout host-2", "/reboot now");
    assertThat(second.bootId()).isEqualTo(boot);
    operations.done("/api/v1/nodes/host-2/maintenance", "{\"step\":\"reboot\"}");
    assertThat(second.bootId()).isNotEqualTo(boot);
    assertThat(output(mon, "sudo ceph osd dump -f json | jq -c .crush_node_flags")).isEqualTo("{}");
    assertThat(output(mon, "sudo ceph osd stat")).contains("3 up", "3 in");
  }

  private void addNode(String... rules) {
    cluster.joined(4, List.of(6 << 10));
    cluster.apply(rules[0], rules[1], rules[2], "{ match: { name: host-4 }, roles: [ceph-osd] }");
    cluster.deployed("host-1", "host-2", "host-3", "host-4");
    assertThat(cluster.events("task-started"))
        .anyMatch(e -> e.contains("ceph/calm: no data move before every new OSD is there"));
    assertThat(output(mon, "sudo ceph osd stat")).contains("4 up", "4 in");
    assertThat(output(mon, "sudo ceph osd dump | grep ^flags")).doesNotContain("norebalance");
  }

  private void addDrive(ContainerHost host) {
    String path = "/api/v1/nodes/host-1/osds";
    operations.refused(path, "{}", "DAY-007");
    String drive = host.plugDrive(6 << 10);
    Waiting.until("the drive", SOON, () -> mon.run("test -b /dev/" + drive).ok(), () -> {});
    output(cluster.scenario.shell("host-3"), "sudo systemctl stop ceph-osd.target");
    awaitOsds("3 up");
    operations.refused(path, "{}", "DAY-001");
    output(cluster.scenario.shell("host-3"), START_OSDS);
    awaitOsds("4 up");
    awaitWhole();
    String others =
        "for d in /dev/loop*; do case $d in *p*|/dev/%s) ;; *) sudo sfdisk -d $d;; esac; done"
            .formatted(drive);
    String before = output(mon, others);
    long begin = cluster.scenario.terminal.seconds();
    int tasks = cluster.events("task-started").size();
    operations.order(path, "{\"disks\":[\"" + drive + "\"]}", 202);
    // Killed while the drive is made an OSD, the appliance goes on with it once it is back.
    Waiting.until(
        "the second task",
        Operations.LIMIT,
        () -> cluster.events("task-started").size() >= tasks + 2,
        () -> assertThat(cluster.events("operation-done")).hasSize(DONE_BEFORE));
    cluster.scenario.appliance.kill();
    cluster.scenario.appliance.start(Duration.ofMinutes(2));
    operations.ended(path, begin);
    assertThat(cluster.events("operation-resumed")).hasSize(1);
    assertThat(output(mon, others)).isEqualTo(before);
    assertThat(output(mon, "sudo ceph osd stat")).contains("5 up", "5 in");
    assertThat(
            output(
                mon,
                "sudo ceph osd metadata | jq -c '[.[] | select(.hostname == \"host-1\")"
                    + ".bluefs_db_partition_path] | unique | map(length > 0)'"))
        .as("each has a journal of its own, the new one the spare slot")
        .isEqualTo("[true,true]");
    assertThat(output(mon, "sudo ceph osd dump | grep ^flags")).doesNotContain("norebalance");
    awaitWhole();
  }

  private void replaceDrive(ContainerHost host) {
    NodeShell shell = cluster.scenario.shell("host-3");
    String partition = host.plan().disks().getFirst().partitions().getLast().guid().toString();
    String id =
        output(shell, "sudo /usr/local/lib/kindling/osd list " + partition + " | cut -d ' ' -f 3");
    String db = database(id);
    String uuid = uuid(id);
    String path = "/api/v1/osds/" + id + "/replace";
    String drive = host.plugDrive(6 << 10);
    Waiting.until("the drive", SOON, () -> shell.run("test -b /dev/" + drive).ok(), () -> {});
    String disk = "\"disk\":\"" + drive + "\"";
    operations.refused(path, "{" + disk + "}", "DAY-004");
    operations.refused(path, "{\"how\":\"degraded\"," + disk + "}", "DAY-005");
    host.breakDrive(0);
    shell.run("sudo systemctl restart ceph-osd@" + id); // finds nothing to read any more
    awaitOsds("3 up");
    operations.refused(path, "{" + disk + "}", "DAY-004");
    operations.done(path, "{\"how\":\"drain\"," + disk + "}");
    assertThat(output(mon, "sudo ceph osd ls-tree host-3").lines()).contains(id).hasSize(2);
    assertThat(uuid(id)).isNotEqualTo(uuid);
    assertThat(database(id)).isEqualTo(db);
    assertThat(output(mon, "sudo ceph osd stat")).contains("4 osds", "4 up", "4 in");
    awaitWhole();
  }

  private String database(String osd) {
    return output(mon, "sudo ceph osd metadata " + osd + " | jq -r .bluefs_db_partition_path");
  }

  private String uuid(String osd) {
    return output(
        mon, "sudo ceph osd dump -f json | jq -r '.osds[]|select(.osd==" + osd + ").uuid'");
  }

  private void load() {
    output(
        mon, "sudo rbd create --size 512M volumes/load && mkdir /tmp/load && : >/tmp/load/errors");
    output(
        mon,
        "cat >/tmp/load.sh <<'LOAD'\n%sLOAD\nsudo systemd-run --quiet --unit=load sh /tmp/load.sh"
            .formatted(LOAD));
  }

  private void awaitOsds(String what) {
    Waiting.until(
        "OSDs: " + what,
        Operations.LIMIT,
        () -> mon.run("sudo ceph osd stat").output().contains(what),
        () -> {});
  }

  private void awaitWhole() {
    Waiting.until(
        "clean placement groups",
        Operations.LIMIT,
        () -> mon.run("sudo /usr/local/lib/kindling/ceph-probe whole").ok(),
        () -> {});
  }

  private static String rule(int number) {
    return "{ match: { name: host-" + number + " }, roles: [ceph-mon, ceph-osd] }";
  }
}
