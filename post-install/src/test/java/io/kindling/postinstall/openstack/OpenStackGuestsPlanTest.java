package io.kindling.postinstall.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.postinstall.ceph.CephPlan;
import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.engine.Item.Gate;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.openstack.Guests.Compute;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OpenStackGuestsPlanTest {
  private static final String NOVA = "/etc/nova/nova.conf";

  /// One controller that is a compute too, and another compute.
  private final Graph graph = graph("kvm", "key-of-the-disks");

  private static Host host(int number) {
    return new Host(
        new UUID(0, number), 1, "n" + number, "10.0.0." + number, 22, "kindling", List.of());
  }

  private static Graph graph(String virtualization, @Nullable String diskKey) {
    var secrets = new TreeMap<String, String>();
    OpenStackModel.secretNames().forEach(name -> secrets.put(name, "word-of-" + name));
    var computes =
        Stream.of(1, 2)
            .map(n -> new Compute(host(n), "10.0.1." + n, "certificate-of-n" + n, "key-of-n" + n))
            .toList();
    return OpenStackPlan.of(
        new OpenStackModel(
            "rack1",
            List.of(host(1)),
            "10.0.0.9",
            new OpenStackModel.Tls(
                "authority\n", "certificate\n", "-----\nkey-of-the-load-balancer\n-----\n"),
            secrets,
            List.of("n2", "n3"),
            "key-of-the-images",
            "key-of-volumes",
            "key-of-backups",
            List.of(),
            null,
            new Guests(computes, virtualization, diskKey, "certificate-of-the-authority")));
  }

  private static Stream<ManagedFile> files(Graph graph, String host) {
    return graph.tasks().stream()
        .map(task -> task.items().getOrDefault(host, List.of()))
        .flatMap(List::stream)
        .filter(ManagedFile.class::isInstance)
        .map(ManagedFile.class::cast);
  }

  private String file(String host, String path) {
    return files(graph, host)
        .filter(f -> f.path().equals(path))
        .findFirst()
        .orElseThrow()
        .content();
  }

  private GraphTask task(String name) {
    return graph.tasks().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void aHostHasOneFileOfNovaWhateverPartsOfItRunThere() {
    assertThat(
            files(graph, "n1")
                .filter(f -> f.path().equals(NOVA))
                .map(ManagedFile::content)
                .distinct())
        .hasSize(1);
    assertThat(file("n1", NOVA))
        .contains("[api_database]\n", "/nova_api?charset", "[libvirt]\n", "novncproxy_host");
    assertThat(file("n1", "/etc/nova/nova-compute.conf"))
        .as("nova-compute itself reaches none of them")
        .contains("[database]\nconnection =\n", "[api_database]\nconnection =\n");
  }

  @Test
  void aComputeReachesNoDatabaseAndTheOneSecretOfEachThingItUses() {
    String conf = file("n2", NOVA);
    assertThat(conf).doesNotContain("mysql", "word-of-database");
    assertThat(file("n2", "/etc/neutron/neutron.conf")).doesNotContain("word-of-");
    assertThat(conf)
        .contains(
            "host = n2\nmy_ip = 10.0.0.2\n",
            "server_listen = 10.0.0.2\n",
            "send_service_user_token = true\n");
  }

  @Test
  void disksAreClonesOrThereIsNoGuestAndNothingIsWrittenIntoThem() {
    String secret = Guests.secretOf("client.nova").toString();
    assertThat(file("n2", NOVA))
        .contains(
            "images_type = rbd\nimages_rbd_pool = vms\n",
            "rbd_user = nova\nrbd_secret_uuid = " + secret + "\n",
            "never_download_image_if_on_rbd = true\n",
            "inject_key = false\ninject_password = false\ninject_partition = -2\n",
            "api_servers = http://10.0.0.1:9293\n");
    assertThat(file("n2", "/etc/libvirt/secrets/" + secret + ".base64"))
        .isEqualTo("key-of-the-disks");
    String volumes = Guests.secretOf("client.cinder").toString();
    assertThat(file("n2", "/etc/libvirt/secrets/" + volumes + ".base64"))
        .isEqualTo("key-of-volumes");
    assertThat(file("n1", "/etc/cinder/cinder.conf")).contains("rbd_secret_uuid = " + volumes);
  }

  @Test
  void disksThatLieOnTheirHostsNeedNoKeyOfCeph() {
    Graph local = graph("kvm", null);
    assertThat(local.toString()).contains("nova-compute.service");
    assertThat(
            files(local, "n2")
                .filter(f -> f.path().equals(NOVA))
                .findFirst()
                .orElseThrow()
                .content())
        .doesNotContain("images_type");
    assertThat(files(local, "n2")).noneMatch(f -> f.path().contains("client.nova"));
  }

  @Test
  void aRenewedKeyReachesCephRightBeforeThoseWhoUseIt() {
    assertThat(task("images-key").items().get("n2")).containsExactly(CephPlan.key("client.glance"));
    assertThat(task("images").after()).containsExactly("images-key");
    assertThat(task("disk-keys").items().get("n2"))
        .containsExactlyInAnyOrder(
            CephPlan.key("client.nova"),
            CephPlan.key("client.cinder"),
            CephPlan.key("client.cinder-backup"));
    assertThat(task("volumes").after()).containsExactly("disk-keys");
    assertThat(task("libvirt").after()).contains("disk-keys");
    assertThat(task("libvirt").items().get("n2").toString())
        .contains("[client.nova]", "key-of-volumes");
  }

  @Test
  void guestsMoveOverTlsByCertificatesOfComputesAlone() {
    assertThat(file("n2", NOVA))
        .contains(
            "live_migration_scheme = tls\nlive_migration_inbound_addr = 10.0.0.2\n"
                + "live_migration_with_native_tls = true\n");
    assertThat(file("n2", "/etc/libvirt/qemu.conf"))
        .contains("default_tls_x509_verify = 1\n", "migrate_tls_force = 1\n");
    assertThat(file("n2", "/etc/systemd/system/libvirtd-tls.socket.d/kindling.conf"))
        .contains("ListenStream=\nListenStream=10.0.0.2:16514\n");
    assertThat(file("n2", "/etc/pki/CA/cacert.pem")).isEqualTo("certificate-of-the-authority");
    assertThat(file("n2", "/etc/pki/libvirt/private/serverkey.pem")).isEqualTo("key-of-n2");
    assertThat(file("n2", "/etc/pki/qemu/client-key.pem")).isEqualTo("key-of-n2");
  }

  @Test
  void aGuestThatMustMoveMovesInTheEnd() {
    var settings = new TreeMap<String, String>();
    file("n2", NOVA)
        .lines()
        .filter(line -> line.startsWith("live_migration_"))
        .forEach(line -> settings.put(line.split(" = ")[0], line.split(" = ")[1]));
    assertThat(settings)
        .containsEntry("live_migration_permit_auto_converge", "true")
        .containsEntry("live_migration_timeout_action", "force_complete");
    int steps = Integer.parseInt(settings.getOrDefault("live_migration_downtime_steps", ""));
    int delay = Integer.parseInt(settings.getOrDefault("live_migration_downtime_delay", ""));
    assertThat(Integer.parseInt(settings.getOrDefault("live_migration_completion_timeout", "")))
        .as("the longest pause is reached well before patience ends")
        .isGreaterThan(2 * steps * delay);
  }

  @Test
  void whatHoldsASecretIsForItsServiceAlone() {
    for (String host : List.of("n1", "n2")) {
      files(graph, host)
          .filter(f -> f.content().matches("(?s).*(word-of-|key-of-).*"))
          .forEach(file -> {
            assertThat(file.secret()).as(file.path()).isTrue();
            assertThat(file.mode()).as(file.path()).endsWith("0");
          });
    }
  }

  @Test
  void tunnelsGoByTheirOwnNetworkAndTheSwitchFollowsTheControllersDatabase() {
    assertThat(task("chassis").items().get("n2").toString())
        .contains("check n2 10.0.1.2 tcp:10.0.0.1:6642 ptcp:6640:127.0.0.1");
    assertThat(file("n1", "/etc/default/ovn-central"))
        .contains("--db-nb-cluster-local-addr=10.0.0.1", "--ovn-northd-sb-db=tcp:10.0.0.1:6642");
    assertThat(file("n1", "/etc/neutron/plugins/ml2/ml2_conf.ini"))
        .contains("mechanism_drivers = ovn\n", "tenant_network_types = geneve\n");
  }

  @Test
  void theLoadBalancerOfAControllerIsLeftAloneAndIsOffOnAComputeOfItsOwn() {
    Unit off = Unit.off("haproxy.service");
    assertThat(Objects.requireNonNull(task("chassis").items().get("n1"))).doesNotContain(off);
    assertThat(Objects.requireNonNull(task("chassis").items().get("n2"))).contains(off);
    assertThat(file("n1", "/etc/haproxy/openstack.cfg"))
        .contains("bind 10.0.0.9:8774", "bind 10.0.0.9:9696", "bind 10.0.0.9:6080");
  }

  @Test
  void virtualizationIsLookedForWhereItIsUsed() {
    assertThat(task("libvirt").items().get("n2")).hasAtLeastOneElementOfType(Gate.class);
    assertThat(graph("qemu", null).toString())
        .contains("virt_type = qemu")
        .doesNotContain("/dev/kvm");
  }

  @Test
  void guestsWithoutAComputeAreRefused() {
    assertThatThrownBy(() -> new Guests(List.of(), "kvm", null, "certificate"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
