package io.kindling.tests.endtoend;

import static io.kindling.tests.endtoend.ContainerCluster.findings;
import static io.kindling.tests.endtoend.ContainerCluster.output;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.Waiting;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// One container host becomes a controller with Ceph beside it, out of the appliance's own mirror;
/// images lie in Ceph, raw whatever they were.
@Tag("full")
final class OpenStackTest {

  private static final String OPENSTACK = "sudo openstack --os-cloud kindling ";
  private static final String VIP = "10.20.0.5";

  private static final String UNITS =
      "systemctl show --all 'ceph*' mariadb.service rabbitmq-server.service memcached.service"
          + " keystone.service glance-api.service kindling-glance-internal.service"
          + " cinder-api.service cinder-scheduler.service cinder-volume.service"
          + " cinder-backup.service placement-api.service kindling-dashboard.service"
          + " haproxy.service keepalived.service ";

  /// Of a service of OpenStack on two cores that also deploy.
  private static final double RESTART_SECONDS = 30;

  /// Each line a moment and whether everything was answered then.
  private static final String POLLER =
      """
      mkdir -p /tmp/poll && cat >/tmp/poll/poll.sh <<'POLL'
      cd /tmp/poll
      token=$(openstack --os-cloud kindling token issue -f value -c id)
      image=$(openstack --os-cloud kindling image list -f value -c ID | head -n 1)
      touch begun
      while [ ! -e stop ]; do
        good=yes
        for url in 5000/healthcheck 8776/healthcheck 9292/v2/images/$image/file; do
          curl -sf --noproxy '*' --max-time 20 -o /dev/null -H "X-Auth-Token: $token" https://%s:$url || good=no
        done
        echo "$(date +%%s.%%N) $good" >>asked
        sleep 0.2
      done
      touch stopped
      POLL
      sudo systemd-run --quiet --unit=poll sh /tmp/poll/poll.sh
      for second in $(seq 60); do [ -e /tmp/poll/begun ] && exit 0; sleep 1; done; exit 1
      """
          .formatted(VIP);

  /// Seconds between a good answer and the next.
  private static final String LONGEST =
      "awk '$2 == \"yes\" { if (last && $1 - last > most) most = $1 - last; last = $1 }"
          + " END { print most + 0 }' /tmp/poll/asked";

  private ContainerCluster cluster;
  private Scenario scenario;

  @BeforeEach
  void start() throws Exception {
    cluster = ContainerCluster.startForCloud("openstack");
    scenario = cluster.scenario;
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void imagesLieInCephAndWhatIsNotRawBecomesRaw() {
    cluster.joined(1, List.of(6 << 10, 7 << 10));
    cluster.applyCloud("{ match: { name: host-1 }, roles: [controller, ceph-osd] }");
    cluster.deployed("host-1");
    NodeShell host = scenario.shell("host-1");
    assertThat(output(host, "sudo ceph health")).startsWith("HEALTH_");

    theCatalogueNamesWhatAnswers(host);
    theAppliancesAuthorityVouchesForTheVirtualAddress(host);
    imagesAreRawInCeph(host);

    // Again: nothing is to be done.
    Map<String, String> state = state(host);
    cluster.deployed("host-1");
    assertThat(cluster.events("phase-done").getLast()).contains("ceph, openstack: nothing changed");
    assertThat(state(host)).isEqualTo(state);

    aCheckUsesEverythingAndLeavesNothing(host);
    aRenewedPasswordIsTakenUpByItsServiceAlone(host);
    aRenewedKeyAndCertificateInterruptTheApisNoLongerThanARestart(host);
    aServiceThatIsDownIsFound(host);
    whatWasChangedByHandIsPutBack(host);
    noSecretIsInABundle(host);
  }

  private void theAppliancesAuthorityVouchesForTheVirtualAddress(NodeShell host) {
    String show =
        "openssl s_client -connect " + VIP + ":%d -verify_return_error %s </dev/null 2>&1";
    for (int port : List.of(5000, 6780, 8776, 8778, 9292)) {
      assertThat(output(host, show.formatted(port, "-verify_ip " + VIP)))
          .contains("Verify return code: 0 (ok)");
    }
    assertThat(host.run(show.formatted(5000, "-verify_ip 10.20.0.6")).ok()).isFalse();
    assertThat(host.run(show.formatted(5000, "-no-CAfile -no-CApath -no-CAstore")).ok()).isFalse();
    assertThat(host.run("curl -sf --noproxy '*' http://" + VIP + ":5000/v3").ok()).isFalse();
  }

  private void aCheckUsesEverythingAndLeavesNothing(NodeShell host) {
    List<String> before = everythingThatIsThere(host);
    Map<String, String> steps = new TreeMap<>();
    JsonNode looked = cluster.check();
    for (JsonNode row : looked.path("rows")) {
      if (row.path("check").asString("").equals("openstack")) {
        assertThat(row.path("seconds").asDouble(-1)).isNotNegative();
        steps.put(row.path("subject").asString(""), row.path("actual").asString(""));
        scenario.terminal.say(
            "check: %s: %s, %s s"
                .formatted(
                    row.path("subject").asString(""),
                    row.path("actual").asString(""),
                    row.path("seconds").asString("")));
      }
    }
    assertThat(looked.path("good").asBoolean(false)).as(looked.toString()).isTrue();
    assertThat(steps)
        .containsOnlyKeys(
            "login of a user",
            "messages between services",
            "services of Cinder",
            "image from raw",
            "image from qcow2",
            "login to the dashboard",
            "volume of type ceph from raw",
            "volume of type ceph from qcow2",
            "snapshot of a volume",
            "backup of a volume",
            "object by Swift",
            "object by S3",
            "what it made")
        .containsEntry("what it made", "removed");
    assertThat(everythingThatIsThere(host)).isEqualTo(before);

    // What does not work is found, named and has a cure; what was made meanwhile is gone again.
    output(host, "sudo systemctl stop kindling-glance-internal.service");
    assertThat(findings(cluster.check()))
        .containsExactly(
            "CHK-021 volume of type ceph from raw",
            "CHK-021 volume of type ceph from qcow2",
            "CHK-021 snapshot of a volume",
            "CHK-022 backup of a volume");
    output(host, "sudo systemctl start kindling-glance-internal.service");
    assertThat(everythingThatIsThere(host)).isEqualTo(before);
  }

  private static List<String> everythingThatIsThere(NodeShell host) {
    return List.of(
        output(
            host,
            "for p in images volumes backups; do sudo rbd ls $p; sudo rbd trash ls $p; done; sudo"
                + " radosgw-admin user list; sudo radosgw-admin bucket list"),
        output(host, OPENSTACK + "project list -f value -c Name | sort"),
        output(host, OPENSTACK + "user list -f value -c Name | sort"));
  }

  /// Asks for a page of each API and for an image's bytes, several times a second, while it is
  /// deployed.
  private void aRenewedKeyAndCertificateInterruptTheApisNoLongerThanARestart(NodeShell host) {
    String shown = "openssl s_client -connect " + VIP + ":5000 </dev/null 2>/dev/null";
    String serial = shown + " | openssl x509 -noout -serial";
    String before = output(host, serial);
    String key = output(host, "sudo ceph auth print-key client.glance");
    for (String what : List.of("keys/client.glance", "keys/client.cinder", "certificate")) {
      ApplianceClient.must(
          scenario.client().send("POST", "/api/v1/openstack/" + what, "application/json", "{}"));
    }
    output(host, POLLER);
    cluster.deployed("host-1");
    output(host, "sudo touch /tmp/poll/stop; sleep 5; test -e /tmp/poll/stopped");
    assertThat(output(host, serial)).isNotEqualTo(before);
    assertThat(output(host, "sudo ceph auth print-key client.glance")).isNotEqualTo(key);
    int asked = Integer.parseInt(output(host, "wc -l </tmp/poll/asked"));
    double longest = Double.parseDouble(output(host, LONGEST));
    scenario.terminal.say(
        "%d times asked while key and certificate changed, unanswered for %.1f s at most"
            .formatted(asked, longest));
    assertThat(asked).isGreaterThan(20);
    assertThat(longest).isLessThan(RESTART_SECONDS);
    assertThat(findings(cluster.check())).isEmpty();
  }

  private void aRenewedPasswordIsTakenUpByItsServiceAlone(NodeShell host) {
    for (String user : List.of("glance", "radosgw")) {
      ApplianceClient.must(
          scenario
              .client()
              .send("POST", "/api/v1/openstack/passwords/" + user, "application/json", "{}"));
    }
    Map<String, String> before = starts(host);
    cluster.deployed("host-1");
    Map<String, String> after = starts(host);
    assertThat(after.keySet()).isEqualTo(before.keySet());
    assertThat(after.entrySet())
        .filteredOn(unit -> !unit.getValue().equals(before.get(unit.getKey())))
        .extracting(Map.Entry::getKey)
        .containsExactlyInAnyOrder(
            "glance-api.service",
            "kindling-glance-internal.service",
            "ceph-radosgw@rgw.host-1.service");
    assertThat(findings(cluster.check())).isEmpty();
    assertThat(cluster.events("password-renewed")).hasSize(2);
  }

  /// Each unit that runs, and its run's own id.
  private static Map<String, String> starts(NodeShell host) {
    var starts = new TreeMap<String, String>();
    for (String unit : output(host, UNITS + "--property=Id,InvocationID").split("\n\n")) {
      var said = new TreeMap<String, String>();
      unit.lines().forEach(line -> said.put(line.split("=", 2)[0], line.split("=", 2)[1]));
      if (!said.getOrDefault("InvocationID", "").isEmpty()) {
        starts.put(said.get("Id"), said.get("InvocationID"));
      }
    }
    assertThat(starts).hasSizeGreaterThan(15);
    return starts;
  }

  private void theCatalogueNamesWhatAnswers(NodeShell host) {
    assertThat(
            output(
                host,
                OPENSTACK
                    + "endpoint list -f json | jq -r '.[] | [.\"Service Type\", .Region, .URL] |"
                    + " join(\" \")' | sort -u"))
        .isEqualTo(
            """
            block-storage rack1 https://%1$s:8776/v3
            identity rack1 https://%1$s:5000
            image rack1 https://%1$s:9292
            object-store rack1 https://%1$s:6780/swift/v1/AUTH_%%(project_id)s
            placement rack1 https://%1$s:8778\
            """
                .formatted(VIP));
    assertThat(
            output(
                host,
                OPENSTACK
                    + "role assignment list --names --project service -f json |"
                    + " jq -r '.[] | .User + \" \" + .Role' | sort"))
        .isEqualTo(
            """
            cinder@Default admin
            cinder@Default service
            glance@Default admin
            glance@Default service
            placement@Default admin
            placement@Default service
            radosgw@Default admin
            radosgw@Default service\
            """);
    // Each asks Keystone who is asking.
    assertThat(output(host, code(":9292/v2/images", "none"))).isEqualTo("401");
    assertThat(output(host, code(":8778/resource_providers", "none"))).isEqualTo("401");
    String token = "$(" + OPENSTACK + "token issue -f value -c id)";
    assertThat(output(host, code(":8778/resource_providers", token))).isEqualTo("200");
    // What only the host itself needs is heard by nobody else, what the services need on one
    // address.
    assertThat(
            output(
                host,
                "ss -Hltn | awk '{ print $4 }' | grep -E"
                    + " ':(443|3306|5672|11211|5000|6780|8090|9292|9293|8776|8778)$' | sort -u"))
        .isEqualTo(
            """
            10.20.0.11:3306
            10.20.0.11:5000
            10.20.0.11:5672
            10.20.0.11:8090
            10.20.0.11:8776
            10.20.0.11:8778
            10.20.0.11:9292
            10.20.0.11:9293
            10.20.0.5:443
            10.20.0.5:5000
            10.20.0.5:6780
            10.20.0.5:8776
            10.20.0.5:8778
            10.20.0.5:9292
            127.0.0.1:11211
            [::1]:11211\
            """);
  }

  private static String code(String path, String token) {
    return "curl -s --noproxy '*' -o /dev/null -w '%{http_code}' -H \"X-Auth-Token: "
        + token
        + "\" https://"
        + VIP
        + path;
  }

  private void imagesAreRawInCeph(NodeShell host) {
    output(
        host,
        "head -c 20M /dev/urandom > disk.raw && qemu-img convert -f raw -O qcow2 disk.raw"
            + " disk.qcow2");
    String raw = uploaded(host, "raw", "");
    String converted = uploaded(host, "qcow2", "--import ");
    for (String image : List.of(raw, converted)) {
      assertThat(output(host, OPENSTACK + "image show -f value -c disk_format " + image))
          .isEqualTo("raw");
      assertThat(output(host, "sudo rbd info --format json images/" + image + " | jq .size"))
          .isEqualTo("" + (20 << 20));
      assertThat(
              output(
                  host, "sudo rbd snap ls --format json images/" + image + " | jq -r '.[].name'"))
          .isEqualTo("snap");
      output(
          host,
          "sudo rbd export images/"
              + image
              + " out.raw && sudo cmp out.raw disk.raw"
              + " && sudo rm out.raw");
    }
    aVolumeIsACloneOfItsImage(host, converted);
    output(host, OPENSTACK + "image delete " + converted);
    assertThat(output(host, "sudo rbd ls images")).isEqualTo(raw);
  }

  private void aVolumeIsACloneOfItsImage(NodeShell host, String image) {
    String volume =
        output(host, OPENSTACK + "volume create -f value -c id --size 1 --image " + image + " one");
    assertThat(output(host, OPENSTACK + "image show -f json " + image + " | jq -r 'keys[]'"))
        .as("where an image lies is told to nobody")
        .doesNotContain("direct_url", "locations");
    Waiting.until(
        "the volume",
        ContainerCluster.SOON,
        () ->
            host.run(OPENSTACK + "volume show -f value -c status " + volume)
                .output()
                .strip()
                .equals("available"),
        () -> {});
    assertThat(
            output(
                host,
                "sudo rbd info --format json volumes/volume-"
                    + volume
                    + " | jq -r '.parent | [.pool, .image, .snapshot] | join(\" \")'"))
        .isEqualTo("images " + image + " snap");
    output(host, OPENSTACK + "volume delete " + volume);
    Waiting.until(
        "no volume",
        ContainerCluster.SOON,
        () -> output(host, "sudo rbd ls volumes").isEmpty(),
        () -> {});
  }

  /// @return the image's id, once it can be used
  private String uploaded(NodeShell host, String format, String how) {
    String image =
        output(
            host,
            OPENSTACK
                + "image create -f value -c id --container-format bare --disk-format %1$s %2$s--file disk.%1$s from-%1$s"
                    .formatted(format, how));
    Waiting.until(
        "the image from " + format,
        ContainerCluster.SOON,
        () ->
            host.run(OPENSTACK + "image show -f value -c status " + image)
                .output()
                .strip()
                .equals("active"),
        () -> {});
    return image;
  }

  private void aServiceThatIsDownIsFound(NodeShell host) {
    output(host, "sudo systemctl stop cinder-backup");
    String state = OPENSTACK + "volume service list --service cinder-backup -f value -c State";
    Waiting.until(
        "Cinder misses its service",
        ContainerCluster.SOON,
        () -> output(host, state).equals("down"),
        () -> {});
    assertThat(findings(cluster.check())).contains("CHK-027 services of Cinder");
    // A deployment starts it, and the next check removes what this one could not.
    cluster.deployed("host-1");
    assertThat(findings(cluster.check())).isEmpty();
  }

  private void whatWasChangedByHandIsPutBack(NodeShell host) {
    output(
        host,
        OPENSTACK
            + "user set --password changed glance && sudo systemctl stop glance-api"
            + " && echo '[DEFAULT]' | sudo tee /etc/placement/placement.conf && "
            + OPENSTACK
            + "endpoint set --url https://10.20.0.77:9292 $("
            + OPENSTACK
            + "endpoint list --service image --interface public -f value -c ID)");
    cluster.deployed("host-1");
    assertThat(output(host, OPENSTACK + "image list -f value -c Name")).isEqualTo("from-raw");
    theCatalogueNamesWhatAnswers(host);
  }

  private void noSecretIsInABundle(NodeShell host) {
    String bundle = ApplianceClient.must(scenario.client().get("/api/v1/snapshot")).body();
    List<String> secrets =
        output(
                host,
                "sudo grep -rhoE '[0-9a-f]{48}' /etc/openstack /etc/keystone/keystone.conf"
                    + " /etc/glance/glance-api.conf /var/lib/kindling/openstack"
                    + " && sudo cat /etc/keystone/fernet-keys/1")
            .lines()
            .distinct()
            .toList();
    assertThat(secrets).hasSizeGreaterThan(5);
    assertThat(secrets).noneMatch(bundle::contains);
  }

  /// All that a deployment could have touched: every file's content and time, every unit's start,
  /// what Keystone knows.
  private Map<String, String> state(NodeShell host) {
    var state = new TreeMap<String, String>();
    state.put(
        "files",
        output(
            host,
            "sudo find /etc /usr/local /var/lib/kindling -type f -exec stat -c '%Y %a %U' {} +"
                + " -exec sha256sum {} + | sort"));
    state.put("units", output(host, UNITS + "--property=Id,ActiveEnterTimestamp,InvocationID"));
    state.put(
        "tables",
        output(
            host,
            "sudo mariadb keystone -e 'SELECT id, extra, enabled FROM user' && for t in endpoint"
                + " service assignment project; do sudo mariadb keystone -e \"SELECT * FROM"
                + " \\`$t\\`\"; done | sort | sha256sum"));
    return state;
  }
}
