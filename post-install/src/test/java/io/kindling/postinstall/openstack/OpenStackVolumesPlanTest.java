package io.kindling.postinstall.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.Item.Gate;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.openstack.Firewall.From;
import io.kindling.postinstall.openstack.Firewall.Member;
import io.kindling.postinstall.openstack.Firewall.Opening;
import io.kindling.postinstall.openstack.OpenStackModel.VolumeHost;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Volumes on LVM, on n3 of the rack.
class OpenStackVolumesPlanTest {
  private static final String CONF = "/etc/cinder/cinder.conf";

  private final Graph graph = OpenStackPlan.of(model(true, "n3"));

  private static OpenStackModel model(boolean inCeph, String... hosts) {
    OpenStackModel rack = Racks.openstack();
    return new OpenStackModel(
        rack.region(),
        rack.controllers(),
        rack.vip(),
        rack.tls(),
        rack.secrets(),
        rack.monitors(),
        rack.imagesKey(),
        inCeph ? rack.volumesKey() : null,
        inCeph ? rack.backupsKey() : null,
        Racks.ceph().nodes().stream()
            .filter(node -> List.of(hosts).contains(node.name()))
            .map(node -> new VolumeHost(node.host(), node.publicAddress()))
            .toList(),
        rack.objects(),
        rack.guests());
  }

  private static Stream<ManagedFile> files(Graph graph, String host, String path) {
    return graph.tasks().stream()
        .flatMap(task -> task.items().getOrDefault(host, List.of()).stream())
        .filter(ManagedFile.class::isInstance)
        .map(ManagedFile.class::cast)
        .filter(file -> file.path().equals(path));
  }

  private static String file(Graph graph, String host, String path) {
    return files(graph, host, path).map(ManagedFile::content).findFirst().orElseThrow();
  }

  private static @Nullable GraphTask task(Graph graph, String name) {
    return graph.tasks().stream().filter(t -> t.name().equals(name)).findFirst().orElse(null);
  }

  @Test
  void eachHostServesTheVolumesThatLieThere() {
    assertThat(file(graph, "n1", CONF))
        .contains("enabled_backends = ceph\n", "default_volume_type = ceph\n", "my_ip = 10.0.0.1\n")
        .doesNotContain("[lvm]");
    assertThat(file(graph, "n3", CONF))
        .contains(
            "enabled_backends = lvm\n",
            "volume_group = cinder\n",
            "target_ip_address = 10.0.1.3\n",
            "my_ip = 10.0.0.3\n")
        .doesNotContain("[ceph]");
    assertThat(file(graph, "n3", "/etc/systemd/system/tgt.service.d/kindling.conf"))
        .contains("--iscsi portal=10.0.1.3:3260\n");
    Graph alone = OpenStackPlan.of(model(true, "n1"));
    assertThat(files(alone, "n1", CONF).map(ManagedFile::content).distinct())
        .singleElement()
        .asString()
        .contains("enabled_backends = ceph,lvm\n", "[ceph]\n", "[lvm]\n");
  }

  @Test
  void itsVolumeGroupMustBeThereBeforeItIsCalledUp() {
    assertThat(task(graph, "volume-hosts"))
        .satisfies(task ->
            assertThat(task.items().get("n3"))
                .first()
                .isInstanceOfSatisfying(
                    Gate.class,
                    gate -> assertThat(gate.late()).isEqualTo(OpenStackError.NO_VOLUME_GROUP)))
        .satisfies(task ->
            assertThat(task.items().get("n3"))
                .contains(Unit.running("cinder-volume.service", CONF)));
    assertThat(task(graph, "volumes-up"))
        .extracting(task -> task.items().get("n1"))
        .asString()
        .contains("volume-service-up", "n3@lvm");
    assertThat(task(graph, "services-up"))
        .extracting(t -> t.after())
        .asString()
        .contains("volumes-up");
  }

  @Test
  void withoutVolumesInCephThereAreNoBackups() {
    assertThat(model(true, "n3").volumeTypes()).containsExactly("ceph", "lvm");
    assertThat(model(false, "n3").volumeTypes()).containsExactly("lvm");
    Graph lvm = OpenStackPlan.of(model(false, "n3"));
    assertThat(file(lvm, "n1", CONF))
        .contains("default_volume_type = lvm\n")
        .doesNotContain("enabled_backends", "backup");
    assertThat(lvm.toString()).contains("cinder-api").doesNotContain("cinder-backup");
    assertThat(lvm.tasks().stream().map(GraphTask::name)).doesNotHaveDuplicates();
  }

  @Test
  void groupsThatGuestsMakeAreNotTheirHosts() {
    String local = "/etc/lvm/lvmlocal.conf";
    for (String host : List.of("n1", "n4", "n5")) {
      assertThat(file(graph, host, local)).contains("by-path/ip-");
    }
    assertThat(files(OpenStackPlan.of(Racks.openstack()), "n4", local)).isEmpty();
  }

  @Test
  void onlyThoseThatUseItReachIt() {
    var addresses = new TreeMap<String, Set<String>>();
    Racks.ceph().nodes().stream()
        .map(CephModel.Node::name)
        .forEach(name -> addresses.put(name, Set.of("10.0.0." + name.substring(1))));
    Firewall firewall =
        Firewall.of(Racks.ceph(), model(true, "n3"), addresses, Set.of("10.0.0.254"));
    assertThat(openings(firewall, "n3"))
        .contains(new Opening("volumes", "tcp", "3260", From.OPENSTACK, List.of("10.0.1.3")));
    assertThat(openings(firewall, "n1"))
        .anyMatch(o -> o.ports().equals("3306") && o.from() == From.VOLUMES);
    assertThat(openings(firewall, "n4")).noneMatch(o -> o.covers("tcp", 3260));
    assertThat(firewall.addresses(From.OPENSTACK))
        .containsExactly("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5");
    assertThat(openings(Racks.firewall(), "n3")).noneMatch(o -> o.covers("tcp", 3260));
  }

  private static List<Opening> openings(Firewall firewall, String host) {
    Member member = firewall.member(host);
    return member == null ? List.of() : member.openings();
  }
}
