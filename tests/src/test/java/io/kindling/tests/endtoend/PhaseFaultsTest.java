package io.kindling.tests.endtoend;

import static io.kindling.tests.endtoend.ContainerCluster.SOON;
import static io.kindling.tests.endtoend.ContainerCluster.output;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.ContainerHost;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.Waiting;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What goes wrong under the phases is named, and the next deployment goes on where it stopped.
@Tag("full")
final class PhaseFaultsTest {

  private static final Duration WHOLE = Duration.ofMinutes(20);
  private static final int KILLS = 10;
  private static final String RULE = "{ match: { name: host-1 }, roles: [ceph-mon, ceph-osd] }";

  /// What a deployment leaves, but for what differs from cluster to cluster.
  private static final String STATE =
      "sudo sh -c 'ceph osd pool ls detail -f json | jq -c \".[]|[.pool_name,.size,.pg_num]\"; ceph"
          + " auth ls -f json | jq -c \".auth_dump[]|[.entity,.caps]\"; ceph osd tree -f json | jq"
          + " -c \".nodes[]|[.type,.name,.status]\"; find /etc/ceph /usr/local/lib/kindling"
          + " /etc/apt/sources.list.d /var/lib/kindling/ceph -type f -printf \"%m %u %p\\n\" |"
          + " sort; sed -e /^fsid/d /etc/ceph/ceph.conf; cat /usr/local/lib/kindling/* | sha256sum;"
          + " systemctl list-units --no-legend --plain --state=active \"ceph-*@*\" | cut -d \" \""
          + " -f 1'";

  private ContainerCluster cluster;

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void eachFaultIsNamedAndTheNextDeploymentGoesOnFromThere() throws Exception {
    cluster = ContainerCluster.start("faults");
    ContainerHost host = cluster.joined(1, List.of(6 << 10));
    cluster.apply(RULE);
    NodeShell shell = cluster.scenario.shell("host-1");

    // The package source stops while packages are missing.
    output(
        shell,
        "sudo dpkg --remove --force-depends chrony 2>&1 && echo 'Acquire::http::Proxy"
            + " \"http://127.0.0.1:9\";' | sudo tee /etc/apt/apt.conf.d/99-away");
    named("the package source is away", "ENG-013");
    output(shell, "sudo rm /etc/apt/apt.conf.d/99-away");

    output(shell, "sudo mount -t tmpfs -o size=4k,nr_inodes=2 none /etc/ceph");
    output(shell, "sudo sh -c 'head -c 4096 /dev/zero >/etc/ceph/full'");
    named("a full file system", "ENG-012");
    output(shell, "sudo umount /etc/ceph");

    output(
        shell,
        "sudo sh -ec 'monmaptool --create --fsid 11111111-2222-4333-8444-555555555555 --clobber"
            + " --add host-1 10.21.0.11 /tmp/monmap; ceph-authtool --create-keyring /tmp/keyring"
            + " --gen-key -n mon. --cap mon \"allow *\"; ceph-mon --mkfs -i host-1 --monmap"
            + " /tmp/monmap --keyring /tmp/keyring 2>&1; chown -R ceph: /var/lib/ceph/mon'");
    named("a monitor's store of another cluster", "CEPH-003");
    output(shell, "sudo sh -c 'mv /var/lib/ceph/mon/ceph-host-1 /root/foreign'");

    output(shell, "sudo sh -c 'for d in /dev/loop*p2; do blockdev --setro $d; done'");
    named("a drive that cannot be written", "CEPH-008");
    output(shell, "sudo sh -c 'for d in /dev/loop*p2; do blockdev --setrw $d; done'");

    // A node that goes off in the middle.
    cluster.scenario.deploy("{\"resume\":true}");
    awaitTask("ceph/osds:");
    host.off();
    awaitEnd();
    assertThat(cluster.events("phase-failed").getLast()).containsAnyOf("ENG-001", "ENG-004");
    cluster.scenario.terminal.say("a node off: " + cluster.events("phase-failed").getLast());
    host.on();
    cluster.scenario.reachable(shell, SOON);

    // A minute without SSH is ridden out.
    int failures = cluster.events("phase-failed").size();
    cluster.scenario.deploy("{\"resume\":true}");
    awaitTask("ceph/monitors:");
    Commands.run("ip", "-n", cluster.scenario.network.namespace(), "link", "set", "c1n0", "down");
    Thread.sleep(60_000); // the fault itself lasts that long
    Commands.run("ip", "-n", cluster.scenario.network.namespace(), "link", "set", "c1n0", "up");
    awaitEnd();
    assertThat(cluster.events("phase-failed")).hasSize(failures);
    cluster.scenario.settled("host-1", SOON, "ready");
    cluster.scenario.terminal.say("a minute without SSH: no failure");

    cluster.deployed("host-1");
    assertThat(cluster.events("phase-done").getLast()).contains("nothing changed");
  }

  @Test
  void anApplianceKilledAtTenCommitPointsMakesWhatOneMakesThatIsNot() throws Exception {
    cluster = ContainerCluster.start("unkilled");
    cluster.joined(1, List.of(6 << 10));
    cluster.apply(RULE);
    cluster.deployed("host-1");
    String expected = output(cluster.scenario.shell("host-1"), STATE);
    cluster.close();

    cluster = ContainerCluster.start("killed");
    cluster.joined(1, List.of(6 << 10));
    cluster.apply(RULE);
    cluster.scenario.deploy("{}");
    new CommitPoints(cluster, "ceph").kill(KILLS);
    awaitEnd();
    cluster.scenario.settled("host-1", WHOLE, "ready");
    assertThat(output(cluster.scenario.shell("host-1"), STATE)).isEqualTo(expected);
    cluster.deployed("host-1");
    assertThat(cluster.events("phase-done").getLast()).contains("nothing changed");
  }

  private void named(String fault, String error) {
    assertThat(cluster.deploy("{\"resume\":true}")).as(fault).isFalse();
    String said = cluster.events("phase-failed").getLast();
    cluster.scenario.terminal.say(fault + ": " + said);
    assertThat(said).contains(error);
  }

  private void awaitTask(String task) {
    int before =
        (int) cluster.events("task-started").stream().filter(e -> e.contains(task)).count();
    Waiting.until(
        task,
        WHOLE,
        () ->
            cluster.events("task-started").stream().filter(e -> e.contains(task)).count() > before,
        () -> {});
  }

  private void awaitEnd() {
    Waiting.until(
        "the phases' end",
        WHOLE,
        () -> !List.of("deploying", "provisioned").contains(cluster.scenario.state("host-1")),
        () -> {});
  }
}
