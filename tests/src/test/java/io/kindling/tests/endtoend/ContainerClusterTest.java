package io.kindling.tests.endtoend;

import static io.kindling.tests.endtoend.ContainerCluster.SOON;
import static io.kindling.tests.endtoend.ContainerCluster.findings;
import static io.kindling.tests.endtoend.ContainerCluster.output;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.ContainerHost;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Three container hosts become a Ceph cluster by what an operator types: join, apply, deploy.
@Tag("full")
final class ContainerClusterTest {

  private static final Duration DEPLOYMENT = Duration.ofMinutes(10);
  private static final Duration NOTHING_TO_DO = Duration.ofSeconds(30);
  private static final String VIP = "10.20.0.5";
  private static final List<String> NAMES = List.of("host-1", "host-2", "host-3");

  private ContainerCluster cluster;
  private Scenario scenario;

  @BeforeEach
  void start() throws Exception {
    cluster = ContainerCluster.start("ceph");
    scenario = cluster.scenario;
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void threeHostsAreHealthyStayAsTheyAreAndServeOnWhenOneIsKilled() throws Exception {
    for (int number = 1; number <= NAMES.size(); number++) {
      cluster.joined(number, List.of(6 << 10, 7 << 10));
    }
    scenario.apply(
        """
        networks:
          management:  { cidr: 10.20.0.0/24, dhcp: 10.20.0.100-10.20.0.199, nodes: 10.20.0.10-10.20.0.99, vip: 10.20.0.5 }
          storage:     { cidr: 10.21.0.0/24, vlan: 101, nodes: 10.21.0.10-10.21.0.99 }
          replication: { cidr: 10.22.0.0/24, vlan: 102, nodes: 10.22.0.10-10.22.0.99 }
        nodes:
          - { match: { name: host-1 }, roles: [ceph-mon, ceph-osd] }
          - { match: { name: host-2 }, roles: [ceph-mon, ceph-osd] }
          - { match: { name: host-3 }, roles: [ceph-mon, ceph-osd] }
        """);
    Duration first = deployed();
    NodeShell host = scenario.shell("host-1");
    assertThat(output(host, "sudo ceph health")).isEqualTo("HEALTH_OK");
    assertThat(output(host, "sudo ceph osd stat")).contains("6 osds: 6 up", "6 in");
    assertThat(output(host, "sudo ceph quorum_status -f json | jq -r '.quorum_names | length'"))
        .isEqualTo("3");
    assertThat(output(host, Scenario.POOLS)).isEqualTo("3 2 true");

    // Again: nothing is to be done.
    Map<String, String> state = state();
    int before = cluster.events("phase-done").size();
    Duration second = deployed();
    assertThat(cluster.events("phase-done")).hasSize(before + 1);
    assertThat(cluster.events("phase-done").getLast()).contains("nothing changed");
    assertThat(state()).isEqualTo(state);

    provokedFaultsAreFound();
    daemonsThatAreNotAsPlannedAreFound();
    aBundleTellsMuchAndNoSecret();

    // Writing goes on while a host is killed: the one that holds the virtual address of S3.
    S3 s3 = s3(host);
    byte[] object = new byte[5_000_000];
    new Random(1).nextBytes(object);
    s3.must("PUT", "/bucket", null);
    s3.must("PUT", "/bucket/before", object);
    assertThat(s3.must("GET", "/bucket/before", null)).isEqualTo(object);
    assertThat(s3.with("wrong-key").request("GET", "/bucket/before", null).ok()).isFalse();

    ContainerHost killed = holderOfVip();
    NodeShell other =
        scenario.shell(
            NAMES.stream().filter(n -> !n.equals(killed.spec().name())).findFirst().get());
    var writing =
        CompletableFuture.supplyAsync(() ->
            other.run(
                "sudo timeout 100 rados -p volumes bench 30 write -b 65536 -t 4 --no-cleanup"));
    Waiting.until(
        "objects in the pool",
        SOON,
        () -> other.run("sudo rados -p volumes ls | grep -q benchmark_data").ok(),
        () -> {});
    Instant dark = Instant.now();
    killed.off();
    Waiting.until(
        "S3 at the virtual address again",
        SOON,
        () -> s3.request("GET", "/bucket/before", null).ok(),
        () -> {});
    scenario.terminal.say(
        "S3 was away for %.1f s"
            .formatted(Duration.between(dark, Instant.now()).toMillis() / 1000.0));
    Commands.Result written = writing.get(120, TimeUnit.SECONDS);
    assertThat(written.ok()).as(written.output()).isTrue();
    assertThat(holderOfVip()).isNotEqualTo(killed);
    assertThat(s3.must("GET", "/bucket/before", null)).isEqualTo(object);
    s3.must("PUT", "/bucket/after", object);
    assertThat(s3.must("GET", "/bucket/after", null)).isEqualTo(object);
    output(other, "head -c 1000000 /dev/urandom > data; sudo rados -p volumes put kept data");
    assertThat(
            output(other, "sudo rados -p volumes get kept back && sudo cmp data back && echo same"))
        .isEqualTo("same");
    assertThat(output(other, "sudo ceph health")).startsWith("HEALTH_WARN");

    killed.on();
    scenario.reachable(scenario.shell(killed.spec().name()), SOON);
    deployed();
    Waiting.until(
        "HEALTH_OK again",
        Duration.ofMinutes(10),
        () -> other.run("sudo ceph health").output().strip().equals("HEALTH_OK"),
        () -> {});
    assertThat(holderOfVip()).as("nobody takes a served address back").isNotEqualTo(killed);
    assertThat(first).isLessThan(DEPLOYMENT);
    assertThat(second).isLessThan(NOTHING_TO_DO);
  }

  /// A check finds nothing on the new cluster, each fault by its name once it is there, and nothing
  /// again after a deployment.
  private void provokedFaultsAreFound() {
    JsonNode good = check();
    tellAccess(good);
    assertThat(findings(good)).as(good.toPrettyString()).isEmpty();
    assertThat(good.path("good").asBoolean()).isTrue();
    assertThat(subjects(good, "access", "nothing"))
        .contains("client.glance on volumes", "client.cinder-backup on images")
        .contains("client.nova on default.rgw.buckets.data", "client.rgw.host-1 on volumes");
    assertThat(subjects(good, "access", "read")).containsExactly("client.cinder on images");
    assertThat(subjects(good, "access", "read and write"))
        .contains("client.glance on images", "client.rgw.host-2 on .rgw.root");
    assertThat(subjects(good, "data", "the same comes back")).contains("client.nova on vms");

    NodeShell one = scenario.shell("host-1");
    NodeShell two = scenario.shell("host-2");
    String osd = output(two, "sudo ls /var/lib/ceph/osd | head -n 1").replace("ceph-", "");
    output(two, "sudo systemctl stop ceph-osd@" + osd + " chrony haproxy");
    output(one, "sudo ceph osd down osd." + osd);
    output(
        one,
        "sudo ceph auth caps client.glance mon 'profile rbd'"
            + " osd 'profile rbd-read-only pool=images, profile rbd pool=backups'");
    output(one, "sudo ceph osd pool set vms min_size 1");
    JsonNode bad = check();
    assertThat(bad.path("good").asBoolean()).isFalse();
    assertThat(findings(bad))
        .contains(
            "CHK-003 OSD_DOWN",
            "CHK-006 osd." + osd,
            "CHK-009 vms",
            "CHK-010 client.glance",
            "CHK-011 client.glance on images",
            "CHK-012 client.glance on backups",
            "CHK-013 client.glance on images",
            "CHK-014 host-2",
            "CHK-015 host-2 chrony.service",
            "CHK-015 host-2 haproxy.service")
        .doesNotContain("CHK-010 client.nova", "CHK-014 host-1");
    assertThat(output(one, "sudo rados -p backups ls | grep kindling-check; true")).isEmpty();

    deployed();
    JsonNode mended = check();
    assertThat(findings(mended)).as(mended.toPrettyString()).isEmpty();
  }

  /// A monitor and a manager that do not run, an OSD that nobody planned, one on another network,
  /// no gateway at the virtual address.
  private void daemonsThatAreNotAsPlannedAreFound() {
    NodeShell one = scenario.shell("host-1");
    NodeShell three = scenario.shell("host-3");
    String stray = output(one, "sudo ceph osd new $(cat /proc/sys/kernel/random/uuid)");
    String osd = output(three, "sudo ls /var/lib/ceph/osd | head -n 1").replace("ceph-", "");
    output(
        three,
        "sudo sed -i 's|^cluster_network = .*|cluster_network = 10.20.0.0/24|' /etc/ceph/ceph.conf"
            + " && sudo systemctl restart ceph-osd@"
            + osd
            + " && sudo systemctl stop ceph-mon@host-3");
    output(scenario.shell("host-2"), "sudo systemctl stop 'ceph-mgr@*'");
    for (String name : NAMES) {
      output(scenario.shell(name), "sudo systemctl stop keepalived");
    }
    Waiting.until(
        "osd." + osd + " up again",
        SOON,
        () -> one.run("sudo ceph osd dump | grep -q '^osd." + osd + " up'").ok(),
        () -> {});
    Waiting.until(
        "the manager to be missed",
        SOON,
        () ->
            one.run("sudo ceph mgr dump | grep -q host-2 || echo missed")
                .output()
                .contains("missed"),
        () -> {});
    JsonNode bad = check();
    assertThat(findings(bad))
        .contains(
            "CHK-007 osd." + stray,
            "CHK-008 osd." + osd + " back",
            "CHK-015 host-1 keepalived.service")
        .anyMatch(finding -> finding.startsWith("CHK-004 ") && finding.contains("host-3"))
        .anyMatch(finding -> finding.startsWith("CHK-005 ") && finding.contains("host-2"))
        .anyMatch(finding -> finding.startsWith("CHK-016 "))
        .anyMatch(finding -> finding.startsWith("CHK-017 "));

    deployed();
    output(three, "sudo systemctl restart ceph-osd@" + osd); // as CHK-008 advises
    Waiting.until("nothing found any more", SOON, () -> findings(check()).isEmpty(), () -> {});
  }

  private void aBundleTellsMuchAndNoSecret() {
    NodeShell one = scenario.shell("host-1");
    String bundle = ApplianceClient.must(scenario.client().get("/api/v1/snapshot")).body();
    assertThat(bundle).contains("hosts/host-1.txt", "facts/host-2.json", "HEALTH_OK", "phase-done");
    var secrets = new ArrayList<String>();
    secrets.addAll(
        output(one, "sudo ceph auth ls -f json | jq -r '.auth_dump[].key'").lines().toList());
    secrets.addAll(
        output(one, "sudo radosgw-admin user info --uid=kindling | jq -r '.keys[].secret_key'")
            .lines()
            .toList());
    assertThat(secrets).hasSizeGreaterThan(10).allMatch(secret -> secret.length() > 30);
    assertThat(secrets).noneMatch(bundle::contains);
    assertThat(bundle).doesNotContain("PRIVATE KEY");
  }

  private JsonNode check() {
    Instant begin = Instant.now();
    JsonNode looked =
        ApplianceClient.must(
                scenario.client().send("POST", "/api/v1/check", "application/json", "{}"))
            .json();
    scenario.terminal.say(
        "check: %d looked at, %d findings, in %.1f s"
            .formatted(
                looked.path("rows").size(),
                findings(looked).size(),
                Duration.between(begin, Instant.now()).toMillis() / 1000.0));
    return looked;
  }

  private static List<String> subjects(JsonNode looked, String check, String actual) {
    var subjects = new ArrayList<String>();
    for (JsonNode row : looked.path("rows")) {
      if (row.path("check").asString().equals(check)
          && row.path("actual").asString().equals(actual)) {
        subjects.add(row.path("subject").asString());
      }
    }
    return subjects;
  }

  private void tellAccess(JsonNode looked) {
    for (JsonNode row : looked.path("rows")) {
      if (row.path("check").asString().equals("access")) {
        scenario.terminal.say(
            "  %-45s expected %-14s is %s"
                .formatted(
                    row.path("subject").asString(),
                    row.path("expected").asString(),
                    row.path("actual").asString()));
      }
    }
  }

  /// The S3 user that the deployment made, at the virtual address.
  private S3 s3(NodeShell monitor) {
    String[] keys =
        output(
                monitor,
                "sudo radosgw-admin user info --uid=kindling"
                    + " | jq -r '.keys[0] | \"\\(.access_key) \\(.secret_key)\"'")
            .split(" ");
    return new S3(scenario.network, scenario.directory, VIP + ":8080", keys[0], keys[1]);
  }

  private ContainerHost holderOfVip() {
    var holders =
        scenario.rack.hosts().stream()
            .filter(ContainerHost::isOn)
            .filter(host -> {
              NodeShell shell = scenario.shell(host.spec().name());
              return shell.run("ip -o -4 address show to " + VIP + "/32 | grep -q .").ok();
            })
            .toList();
    assertThat(holders).hasSize(1);
    return holders.getFirst();
  }

  /// All that a deployment could have touched: every file's content and time, every unit's start,
  /// the cluster's configuration with its history, its users.
  private Map<String, String> state() {
    var state = new TreeMap<String, String>();
    for (String name : NAMES) {
      NodeShell host = scenario.shell(name);
      state.put(
          name + " files",
          output(
              host,
              "sudo find /etc /usr/local /usr/share/ceph/mgr/bcrypt.py /var/lib/kindling"
                  + " /var/lib/ceph/bootstrap-osd -type f -exec stat -c '%Y %a %U' {} +"
                  + " -exec sha256sum {} + | sort"));
      state.put(
          name + " units",
          output(
              host,
              "systemctl show --all --property=Id,ActiveEnterTimestamp,InvocationID 'ceph*'"
                  + " 'kindling*' chrony.service haproxy.service keepalived.service"));
    }
    NodeShell host = scenario.shell(NAMES.getFirst());
    state.put("configuration", output(host, "sudo ceph config dump && sudo ceph config log 100"));
    state.put("users", output(host, "sudo ceph auth ls | sha256sum"));
    return state;
  }

  /// As [ContainerCluster#deployed], and tells where the time went.
  private Duration deployed() {
    Instant begin = Instant.now();
    int seen = scenario.client().get("/api/v1/events?after=0&limit=10000").json().size();
    cluster.deployed(NAMES.toArray(String[]::new));
    tellTimes(seen);
    return Duration.between(begin, Instant.now());
  }

  /// When each task began, from the events after the first so many.
  private void tellTimes(int seen) {
    JsonNode all = scenario.client().get("/api/v1/events?after=0&limit=10000").json();
    Instant first = null;
    for (int i = seen; i < all.size(); i++) {
      String kind = all.get(i).path("kind").asString();
      if (kind.startsWith("phase-") || kind.equals("task-started")) {
        Instant at = Instant.parse(all.get(i).path("at").asString());
        first = first == null ? at : first;
        scenario.terminal.say(
            "  %6.1f s %s"
                .formatted(
                    Duration.between(first, at).toMillis() / 1000.0,
                    all.get(i).path("text").asString()));
      }
    }
  }
}
