package io.kindling.tests.endtoend;

import static io.kindling.tests.endtoend.ContainerCluster.output;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.ContainerHost;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// One controller and two computes: a guest boots from an image and from a volume, both clones in
/// Ceph, is snapshot, moves to the other compute while it runs, leaves one that is taken into
/// maintenance, starts anew where its compute dies, and leaves one that goes for good. Guests are
/// emulated.
@Tag("full")
final class OpenStackGuestTest {

  private static final String OPENSTACK = "sudo openstack --os-cloud kindling ";
  private static final String SECOND = "/api/v1/nodes/host-2";
  private static final Duration GUEST = Duration.ofMinutes(10);
  private static final Pattern BEAT =
      Pattern.compile(
          "kindling-guest beat (\\d+) boot (\\S+) wrote ([0-9a-f]{64}) reads ([0-9a-f]{64})");

  private ContainerCluster cluster;
  private Scenario scenario;
  private Operations operations;
  private NodeShell host;

  @BeforeEach
  void start() throws Exception {
    cluster = ContainerCluster.startForCloud("guests");
    scenario = cluster.scenario;
    operations = new Operations(scenario);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void guestsAreClonesAndMoveWhileTheyRun() {
    cluster.joined(1, List.of(6 << 10, 7 << 10));
    ContainerHost second = cluster.joined(2, List.of());
    rack("compute");
    cluster.deployed("host-1", "host-2");
    host = scenario.shell("host-1");
    output(
        host,
        "umask 077 && printf 'X-Auth-Token: %s' \"$("
            + OPENSTACK
            + "token issue -f value -c id)\" > token");

    String image = imageAndNetwork();
    String guest = bootedWithoutTheImagesBytes(image);
    cloneOf(image, "vms/" + guest + "_disk");
    Beat before = beat(guest);
    assertThat(before.reads).isEqualTo(before.wrote);

    String from = hostOf(guest);
    String to = from.equals("host-1") ? "host-2" : "host-1";
    movesTo(guest, to);
    Beat after = beat(guest);
    assertThat(after.boot).isEqualTo(before.boot);
    assertThat(after.number).isGreaterThan(before.number);
    assertThat(after.reads).isEqualTo(before.wrote);
    assertThat(watcher(guest)).isEqualTo(address(to));

    aSnapshotIsACloneToo(guest, before);
    fromAVolume(image);
    leavesForMaintenance(guest, before);
    startsElsewhereWhenItsComputeDies(guest, before, second);

    JsonNode looked = cluster.check();
    assertThat(looked.path("good").asBoolean(false)).as(looked.toString()).isTrue();
    cluster.deployed("host-1", "host-2");
    assertThat(cluster.events("phase-done").getLast()).contains("ceph, openstack: nothing changed");

    theSecondIsTakenOutForGood(image);
    cluster.deployed("host-1", "host-2");
    cluster.deployed("host-1", "host-2");
    assertThat(cluster.events("phase-done").getLast()).contains("ceph, openstack: nothing changed");
  }

  private void rack(String second) {
    cluster.applyCloud(
        "{ match: { name: host-1 }, roles: [controller, compute, ceph-osd] }",
        "{ match: { name: host-2 }, roles: [" + second + "] }");
  }

  private String imageAndNetwork() {
    output(host, "sudo /usr/local/lib/kindling/guest-image guest.raw");
    output(host, OPENSTACK + "flavor create --ram 192 --disk 1 --vcpus 1 small");
    output(host, OPENSTACK + "network create inside");
    output(host, OPENSTACK + "subnet create --network inside --subnet-range 192.168.7.0/24 inside");
    return output(
        host,
        OPENSTACK
            + "image create -f value -c id --container-format bare --disk-format raw"
            + " --file guest.raw guest");
  }

  /// On the second compute, where what comes of Glance is counted: what it says of the image, and
  /// not the image, which has 18 MiB.
  private String bootedWithoutTheImagesBytes(String image) {
    NodeShell second = scenario.shell("host-2");
    output(
        second,
        "sudo nft 'table inet counted { chain input { type filter hook input priority -300; tcp"
            + " sport { 9292, 9293 } counter; }; }'");
    String guest = booted("one", "--availability-zone nova:host-2 --image " + image);
    String bytes =
        output(
            second,
            "sudo nft list table inet counted | sed -n 's/.* bytes \\([0-9]*\\).*/\\1/p' && sudo"
                + " nft delete table inet counted");
    scenario.terminal.say("a guest booted, Glance sent its compute " + bytes + " bytes");
    assertThat(Long.parseLong(bytes)).isBetween(1L, 1L << 20);
    return guest;
  }

  /// @return the guest's id, once it runs
  private String booted(String name, String of) {
    String guest =
        output(
            host,
            OPENSTACK
                + "server create -f value -c id --flavor small --network inside %s %s"
                    .formatted(of, name));
    becomes(guest, "ACTIVE");
    return guest;
  }

  private void becomes(String guest, String wanted) {
    Waiting.until(
        guest + " " + wanted,
        GUEST,
        () -> {
          String status = server(guest, ".server.status");
          assertThat(status).as(server(guest, ".server.fault.message")).isNotEqualTo("ERROR");
          return status.equals(wanted);
        },
        () -> {});
  }

  private String server(String guest, String filter) {
    return answer(8774, "/v2.1/servers/" + guest, filter);
  }

  private String hostOf(String guest) {
    return server(guest, ".server[\"OS-EXT-SRV-ATTR:host\"]");
  }

  private String answer(int port, String path, String filter) {
    return asked(port, path, "", filter);
  }

  /// What an API says; asked with one token, for the client itself takes seconds of the processors
  /// that emulate the guests.
  private String asked(int port, String path, String more, String filter) {
    return output(
        host,
        "curl -sS --noproxy '*' -H @token -H 'Content-Type: application/json' %s 'https://10.20.0.5:%d%s'"
                .formatted(more, port, path)
            + " | jq -r '"
            + filter
            + "'");
  }

  private static String address(String name) {
    return "10.21.0.1" + name.charAt(name.length() - 1);
  }

  private void cloneOf(String image, String disk) {
    assertThat(
            output(
                host,
                "sudo rbd info --format json "
                    + disk
                    + " | jq -r '.parent | [.pool, .image, .snapshot] | join(\" \")'"))
        .isEqualTo("images " + image + " snap");
  }

  /// What a guest last said of itself.
  private record Beat(int number, String boot, String wrote, String reads) {}

  /// Its next word from now on.
  private Beat beat(String guest) {
    int had = console(guest).length();
    Waiting.until(
        "the guest's next beat",
        GUEST,
        () -> {
          String now = console(guest);
          return BEAT.matcher(now.length() > had ? now.substring(had) : now).find();
        },
        () -> {});
    Matcher found = BEAT.matcher(console(guest));
    Beat last = null;
    while (found.find()) {
      last =
          new Beat(
              Integer.parseInt(found.group(1)), found.group(2), found.group(3), found.group(4));
    }
    assertThat(last).isNotNull();
    return last;
  }

  private String console(String guest) {
    return asked(
        8774,
        "/v2.1/servers/" + guest + "/action",
        "-d '{\"os-getConsoleOutput\": {}}'",
        ".output");
  }

  private void movesTo(String guest, String to) {
    output(
        host,
        OPENSTACK
            + "--os-compute-api-version 2.30 server migrate --live-migration --host %s %s"
                .formatted(to, guest));
    long begin = scenario.terminal.seconds();
    Waiting.until(
        "the guest's move",
        GUEST,
        () -> {
          String moves =
              answer(
                  8774,
                  "/v2.1/os-migrations?instance_uuid=" + guest,
                  "[.migrations[].status] | join(\" \")");
          assertThat(moves).doesNotContain("error", "failed");
          return hostOf(guest).equals(to);
        },
        () -> {});
    scenario.terminal.say("moved in %d s".formatted(scenario.terminal.seconds() - begin));
    becomes(guest, "ACTIVE");
    assertThat(hostOf(guest)).isEqualTo(to);
  }

  /// Who has the guest's disk open.
  private String watcher(String guest) {
    return output(
        host,
        "sudo rbd status --format json vms/"
            + guest
            + "_disk | jq -r '.watchers[].address' | cut -d: -f1");
  }

  private void aSnapshotIsACloneToo(String guest, Beat before) {
    String snapshot =
        output(host, OPENSTACK + "server image create -f value -c id --name later " + guest);
    Waiting.until(
        "the snapshot",
        ContainerCluster.SOON,
        () -> answer(9292, "/v2/images/" + snapshot, ".status").equals("active"),
        () -> {});
    assertThat(output(host, OPENSTACK + "image show -f value -c disk_format " + snapshot))
        .isEqualTo("raw");
    assertThat(output(host, "sudo rbd snap ls --format json images/" + snapshot + " | jq length"))
        .isEqualTo("1");
    assertThat(
            output(
                scenario.shell(hostOf(guest)),
                "sudo cat /var/log/nova/nova-compute.log | grep -c 'standard snapshot' || :"))
        .as("copied by qemu-img")
        .isEqualTo("0");
    String copy = booted("two", "--image " + snapshot);
    cloneOf(snapshot, "vms/" + copy + "_disk");
    beat(copy);
    assertThat(console(copy)).contains("kindling-guest found " + before.wrote);
    output(host, OPENSTACK + "server delete --wait " + copy);
  }

  private void fromAVolume(String image) {
    String volume =
        output(
            host,
            OPENSTACK + "volume create -f value -c id --bootable --size 1 --image " + image + " v");
    Waiting.until(
        "the volume",
        ContainerCluster.SOON,
        () -> {
          String status = output(host, OPENSTACK + "volume show -f value -c status " + volume);
          assertThat(status).isNotEqualTo("error");
          return status.equals("available");
        },
        () -> {});
    String guest = booted("three", "--volume " + volume);
    cloneOf(image, "volumes/volume-" + volume);
    Beat beat = beat(guest);
    assertThat(beat.reads).isEqualTo(beat.wrote);
    output(host, OPENSTACK + "server delete --wait " + guest);
  }

  private void leavesForMaintenance(String guest, Beat before) {
    onSecond(guest);
    operations.done(SECOND + "/maintenance", "{\"step\":\"enter\"}");
    assertThat(hostOf(guest)).isEqualTo("host-1");
    assertThat(service("status,disabled_reason")).isEqualTo("disabled Kindling: maintenance");
    Beat after = beat(guest);
    assertThat(after.boot).isEqualTo(before.boot);
    assertThat(after.reads).isEqualTo(before.wrote);
    operations.done(SECOND + "/maintenance", "{\"step\":\"exit\"}");
    assertThat(service("status,state")).isEqualTo("enabled up");
    // What an operator disabled stays so; and then there is nowhere to go.
    output(host, OPENSTACK + "compute service set --disable host-2 nova-compute");
    operations.refused("/api/v1/nodes/host-1/maintenance", "{\"step\":\"enter\"}", "DAY-002");
    operations.done(SECOND + "/maintenance", "{\"step\":\"exit\"}");
    assertThat(service("status")).isEqualTo("disabled");
    output(host, OPENSTACK + "compute service set --enable host-2 nova-compute");
    onSecond(guest);
    output(host, OPENSTACK + "compute service set --disable host-1 nova-compute");
    operations.refused(SECOND + "/maintenance", "{\"step\":\"enter\"}", "DAY-017");
    output(host, OPENSTACK + "compute service set --enable host-1 nova-compute");
  }

  private void startsElsewhereWhenItsComputeDies(String guest, Beat before, ContainerHost second) {
    String evacuate = SECOND + "/evacuate";
    operations.refused("/api/v1/nodes/host-1/evacuate", "{}", "DAY-021");
    operations.refused(evacuate, "{\"off\":true}", "DAY-019");
    second.off();
    Waiting.until(
        "Nova misses host-2",
        ContainerCluster.SOON.multipliedBy(2),
        () -> service("state").equals("down"),
        () -> {});
    operations.refused(evacuate, "{}", "DAY-021");
    operations.done(evacuate, "{\"off\":true}");
    assertThat(hostOf(guest)).isEqualTo("host-1");
    becomes(guest, "ACTIVE");
    Beat after = beat(guest);
    assertThat(after.boot).isNotEqualTo(before.boot);
    assertThat(console(guest)).contains("kindling-guest found " + before.wrote);
    second.on();
    Waiting.until(
        "host-2", ContainerCluster.SOON, () -> scenario.shell("host-2").run("true").ok(), () -> {});
    operations.done(SECOND + "/maintenance", "{\"step\":\"exit\"}");
    assertThat(service("status,state")).isEqualTo("enabled up");
    assertThat(output(scenario.shell("host-2"), "sudo virsh list --all --name")).isEmpty();
    movesTo(guest, "host-2");
    beat(guest);
    output(host, OPENSTACK + "server delete --wait " + guest);
  }

  private void theSecondIsTakenOutForGood(String image) {
    String retire = SECOND + "/retire";
    String running = booted("four", "--image " + image);
    String off = booted("five", "--image " + image);
    onSecond(running);
    onSecond(off);
    Beat ran = beat(running);
    Beat wrote = beat(off);
    output(host, OPENSTACK + "server stop " + off);
    becomes(off, "SHUTOFF");
    output(host, OPENSTACK + "compute service set --disable host-1 nova-compute");
    operations.refused(retire, "{}", "DAY-017");
    output(host, OPENSTACK + "compute service set --enable host-1 nova-compute");

    operations.done(retire, "{}");
    assertThat(hostOf(running)).isEqualTo("host-1");
    assertThat(beat(running).boot).isEqualTo(ran.boot);
    assertThat(hostOf(off)).isEqualTo("host-1");
    assertThat(server(off, ".server.status")).isEqualTo("SHUTOFF");
    output(host, OPENSTACK + "server start " + off);
    becomes(off, "ACTIVE");
    beat(off);
    assertThat(console(off)).contains("kindling-guest found " + wrote.wrote);
    String services = "/v2.1/os-services?host=host-2";
    assertThat(answer(8774, services, ".services | length")).isEqualTo("0");
    String providers = "/resource_providers?name=host-2";
    assertThat(answer(8778, providers, ".resource_providers | length")).isEqualTo("0");
    assertThat(answer(9696, "/v2.0/agents?host=host-2", ".agents | length")).isEqualTo("0");
    NodeShell second = scenario.shell("host-2");
    assertThat(second.run("systemctl is-active nova-compute libvirtd ovn-controller").output())
        .doesNotContainPattern("(?m)^active");
    assertThat(output(second, "sudo ls /etc/ceph /etc/libvirt/secrets"))
        .doesNotContain("keyring", ".xml");

    // What the file still says is no order to make it a compute again.
    rack("compute");
    rack("base");
    output(host, OPENSTACK + "server delete --wait %s %s".formatted(running, off));
  }

  private void onSecond(String guest) {
    if (!hostOf(guest).equals("host-2")) {
      movesTo(guest, "host-2");
    }
  }

  /// What Nova says of the second compute.
  private String service(String fields) {
    return answer(
        8774,
        "/v2.1/os-services?host=host-2&binary=nova-compute",
        ".services[0] | [" + "." + fields.replace(",", ", .") + "] | join(\" \")");
  }
}
