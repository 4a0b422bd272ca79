package io.kindling.tests.endtoend;

import static io.kindling.tests.endtoend.ContainerCluster.output;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.isobuild.Mirror;
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

/// One container host becomes a controller with Ceph beside it, out of the appliance's own mirror;
/// images lie in Ceph, raw whatever they were.
@Tag("full")
final class OpenStackTest {

  private static final String OPENSTACK = "sudo openstack --os-cloud kindling ";
  private static final String VIP = "10.20.0.5";

  private ContainerCluster cluster;
  private Scenario scenario;

  @BeforeEach
  void start() throws Exception {
    cluster = ContainerCluster.start("openstack");
    scenario = cluster.scenario;
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void imagesLieInCephAndWhatIsNotRawBecomesRaw() {
    Mirror.Synced synced =
        Mirror.in(scenario.cache())
            .sync(true, (step, steps, what) -> scenario.terminal.say("mirror: " + what));
    scenario.terminal.say("mirror: " + synced);
    cluster.joined(1, List.of(6 << 10, 7 << 10));
    scenario.apply(
        """
        networks:
          management: { cidr: 10.20.0.0/24, dhcp: 10.20.0.100-10.20.0.199, nodes: 10.20.0.10-10.20.0.99, vip: 10.20.0.5 }
          storage:    { cidr: 10.21.0.0/24, vlan: 101, nodes: 10.21.0.10-10.21.0.99 }
        openstack: { region: rack1 }
        nodes:
          - { match: { name: host-1 }, roles: [controller, ceph-osd] }
        """);
    cluster.deployed("host-1");
    NodeShell host = scenario.shell("host-1");
    assertThat(output(host, "sudo ceph health")).startsWith("HEALTH_");

    theCatalogueNamesWhatAnswers(host);
    imagesAreRawInCeph(host);

    // Again: nothing is to be done.
    Map<String, String> state = state(host);
    cluster.deployed("host-1");
    assertThat(cluster.events("phase-done").getLast()).contains("ceph, openstack: nothing changed");
    assertThat(state(host)).isEqualTo(state);

    whatWasChangedByHandIsPutBack(host);
    noSecretIsInABundle(host);
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
            block-storage rack1 http://%1$s:8776/v3
            identity rack1 http://%1$s:5000
            image rack1 http://%1$s:9292
            placement rack1 http://%1$s:8778\
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
            placement@Default service\
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
                    + " ':(3306|5672|11211|5000|9292|9293|8776|8778)$' | sort -u"))
        .isEqualTo(
            """
            10.20.0.11:3306
            10.20.0.11:5000
            10.20.0.11:5672
            10.20.0.11:8776
            10.20.0.11:8778
            10.20.0.11:9292
            10.20.0.11:9293
            10.20.0.5:5000
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
        + "\" http://"
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

  private void whatWasChangedByHandIsPutBack(NodeShell host) {
    output(
        host,
        OPENSTACK
            + "user set --password changed glance && sudo systemctl stop glance-api"
            + " && echo '[DEFAULT]' | sudo tee /etc/placement/placement.conf && "
            + OPENSTACK
            + "endpoint set --url http://10.20.0.77:9292 $("
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
    state.put(
        "units",
        output(
            host,
            "systemctl show --all --property=Id,ActiveEnterTimestamp,InvocationID 'ceph*'"
                + " mariadb.service rabbitmq-server.service memcached.service keystone.service"
                + " glance-api.service kindling-glance-internal.service cinder-api.service"
                + " cinder-scheduler.service cinder-volume.service placement-api.service"
                + " haproxy.service keepalived.service"));
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
