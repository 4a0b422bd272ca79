package io.kindling.appliance.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.cluster.ClusterParser;
import io.kindling.appliance.config.KindlingConfig;
import io.kindling.appliance.deploy.CephModels.Member;
import io.kindling.appliance.testing.MemorySettings;
import io.kindling.appliance.tls.ServiceCertificates;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Role;
import io.kindling.postinstall.ceph.CephModel.Osd;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.openstack.Guests;
import io.kindling.postinstall.openstack.OpenStackModel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenStackModelsTest {
  @TempDir Path state;
  private final MemorySettings settings = new MemorySettings();
  private final CephSecrets ceph = new CephSecrets(settings, Clock.systemUTC(), new SecureRandom());
  private final List<String> warnings = new ArrayList<>();

  private Optional<OpenStackModel> model(String more, Member... members) {
    var parser =
        new ClusterParser(
            KindlingConfig.parse("kindling.yaml", "provisioning: {interface: eno1}")
                .provisioning());
    Cluster cluster =
        parser.parse(
            "cluster.yaml",
            """
            networks:
              management: { cidr: 10.20.0.0/24, nodes: 10.20.0.10-10.20.0.99, vip: 10.20.0.5 }
            %s
            nodes:
              - { match: { label: x }, roles: [controller] }
            """
                .formatted(more));
    var secrets = new OpenStackSecrets(settings, new SecureRandom());
    var certificates = new ServiceCertificates(state, Clock.systemUTC(), new SecureRandom());
    var stored = new ArrayList<>(List.of(members));
    stored.add(member("ceph-osd", true, Role.CEPH_OSD));
    return OpenStackModels.of(
        cluster,
        List.of(members),
        CephModels.of(cluster, stored, ceph, List.of(), Optional.empty()).orElseThrow().model(),
        ceph,
        secrets,
        certificates,
        ServiceCertificates.ofComputes(state, Clock.systemUTC(), new SecureRandom()),
        warnings);
  }

  private static Member member(String name, boolean installed, Role role) {
    var assignment =
        new Assignment(
            1,
            Set.of(role),
            Map.of("management", "10.20.0.1" + name.length() + "/24"),
            "[]",
            true,
            "ssh-ed25519 AAAA",
            null);
    return new Member(
        new UUID(1, name.hashCode()),
        name,
        Set.of(),
        assignment,
        installed,
        false,
        role == Role.CEPH_OSD ? List.of(new Osd(new UUID(2, 2), null)) : List.of());
  }

  @Test
  void aRackThatDoesNotAskForItHasNone() {
    assertThat(model("", member("a", true, Role.CONTROLLER))).isEmpty();
    assertThat(warnings).isEmpty();
  }

  @Test
  void itStandsOnTheInstalledControllersAndTellsWhatItLacks() {
    OpenStackModel model =
        model(
                "openstack: { region: r1 }",
                member("ccc", true, Role.CONTROLLER),
                member("bb", true, Role.CONTROLLER),
                member("a", false, Role.CONTROLLER),
                member("dddd", true, Role.CEPH_OSD))
            .orElseThrow();
    assertThat(model.region()).isEqualTo("r1");
    assertThat(model.vip()).isEqualTo("10.20.0.5");
    assertThat(model.controllers()).extracting(Host::name).containsExactly("bb", "ccc");
    assertThat(model.imagesKey())
        .isEqualTo(ceph.keys(Set.of("client.glance")).get("client.glance"));
    assertThat(model.volumesKey())
        .isEqualTo(ceph.keys(Set.of("client.cinder")).get("client.cinder"));
    assertThat(model.objects()).isEqualTo(new OpenStackModel.Objects(List.of("bb", "ccc")));
    assertThat(model.tls().authority()).startsWith("-----BEGIN CERTIFICATE-----");
    assertThat(warnings).singleElement().asString().contains("on bb alone");
  }

  @Test
  void volumesOnLvmLieOnTheInstalledNodesOfThatRole() {
    String lvm = "openstack: {}\nstorage: { volumes: [lvm] }";
    OpenStackModel none = model(lvm, member("a", true, Role.CONTROLLER)).orElseThrow();
    assertThat(none.volumesKey()).isNull();
    assertThat(none.volumeTypes()).isEmpty();
    assertThat(warnings)
        .contains("no volumes of type lvm: no node with role cinder-lvm is installed");
    Member[] members = {
      member("a", true, Role.CONTROLLER),
      member("bb", true, Role.CINDER_LVM),
      member("ccc", false, Role.CINDER_LVM)
    };
    assertThat(model(lvm, members).orElseThrow().volumeHosts())
        .extracting(h -> h.host().name(), OpenStackModel.VolumeHost::portal)
        .containsExactly(tuple("bb", "10.20.0.12"));
    assertThat(model("openstack: {}", members).orElseThrow().volumeHosts()).isEmpty();
  }

  @Test
  void withoutAnInstalledControllerThereIsNothingYet() {
    assertThat(model("openstack: {}", member("a", false, Role.CONTROLLER))).isEmpty();
  }

  @Test
  void guestsRunOnTheInstalledComputesEachWithItsOwnCertificate() {
    OpenStackModel model =
        model(
                "openstack: { virtualization: qemu }",
                member("a", true, Role.CONTROLLER),
                member("bb", true, Role.COMPUTE),
                member("ccc", true, Role.COMPUTE),
                member("dddd", false, Role.COMPUTE))
            .orElseThrow();
    Guests guests = Objects.requireNonNull(model.guests());
    assertThat(guests.virtualization()).isEqualTo("qemu");
    assertThat(guests.diskKey()).isEqualTo(ceph.keys(Set.of("client.nova")).get("client.nova"));
    assertThat(guests.computes())
        .extracting(c -> c.host().name(), Guests.Compute::tunnel)
        .containsExactly(tuple("bb", "10.20.0.12"), tuple("ccc", "10.20.0.13"));
    assertThat(guests.computes()).extracting(Guests.Compute::key).doesNotHaveDuplicates();
    assertThat(model("openstack: {}", member("a", true, Role.CONTROLLER)).orElseThrow().guests())
        .isNull();
  }
}
