package io.kindling.appliance.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.cluster.ClusterParser;
import io.kindling.appliance.config.KindlingConfig;
import io.kindling.appliance.deploy.CephModels.Member;
import io.kindling.appliance.testing.MemorySettings;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Role;
import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.ceph.CephModel.Osd;
import io.kindling.postinstall.ceph.CephModel.Part;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CephModelsTest {
  private final MemorySettings settings = new MemorySettings();
  private final CephSecrets secrets =
      new CephSecrets(settings, Clock.systemUTC(), new SecureRandom());

  @Test
  void monitorsAreTheNodesOfThatRoleElseTheControllers() {
    assertThat(
            CephModels.monitors(
                List.of(
                    member("a", 1, Role.CEPH_MON),
                    member("b", 1, Role.CONTROLLER),
                    member("c", 1, Role.CEPH_OSD))))
        .containsExactly("a");
    assertThat(
            CephModels.monitors(
                List.of(member("c", 1, Role.CEPH_OSD), member("b", 0, Role.CONTROLLER))))
        .containsExactly("b");
    assertThat(
            CephModels.monitors(
                List.of(
                    member("d", 1, Role.CONTROLLER),
                    member("c", 1, Role.CONTROLLER),
                    member("b", 1, Role.CONTROLLER),
                    member("a", 1, Role.CONTROLLER))))
        .containsExactly("a", "b", "c");
    assertThat(CephModels.monitors(Collections.nCopies(8, member("a", 1, Role.CONTROLLER))))
        .hasSize(5);
  }

  @Test
  void aRackWithoutMonitorsHasNoCeph() {
    assertThat(
            CephModels.of(
                cluster(""),
                List.of(member("a", 1, Role.CEPH_OSD)),
                secrets,
                List.of(),
                Optional.empty()))
        .isEmpty();
  }

  @Test
  void aRackWithoutOsdsHasNoCeph() {
    assertThat(
            CephModels.of(
                cluster(""),
                List.of(member("a", 0, Role.CONTROLLER)),
                secrets,
                List.of(),
                Optional.empty()))
        .isEmpty();
  }

  @Test
  void networksAddressesRacksAndPoolsComeFromTheFileAndTheNodes() {
    CephModel model =
        model(
            """
            networks:
              storage: {cidr: 10.21.0.0/24, vlan: 101, nodes: 10.21.0.10-10.21.0.99}
              replication: {cidr: 10.22.0.0/24, vlan: 102, nodes: 10.22.0.10-10.22.0.99}
            """,
            member("a", 2, Role.CEPH_MON),
            member("b", 2, Role.CEPH_OSD),
            member("c", 2, Role.CEPH_OSD));
    assertThat(model.publicNetwork()).isEqualTo("10.21.0.0/24");
    assertThat(model.clusterNetwork()).isEqualTo("10.22.0.0/24");
    CephModel.Node node = model.nodes().getFirst();
    assertThat(node.publicAddress()).isEqualTo("10.21.0.11");
    assertThat(node.host().address()).isEqualTo("10.20.0.11");
    assertThat(node.rack()).isEqualTo("r7");
    assertThat(node.parts()).contains(Part.MON, Part.MGR, Part.OSD);
    assertThat(model.pools())
        .extracting(CephModel.Pool::name, CephModel.Pool::pgNum)
        .contains(org.assertj.core.groups.Tuple.tuple("images", 8));
    assertThat(model.users())
        .filteredOn(u -> u.entity().equals("client.cinder"))
        .singleElement()
        .satisfies(u ->
            assertThat(u.caps())
                .containsEntry(
                    "osd",
                    "profile rbd pool=volumes, profile rbd pool=vms,"
                        + " profile rbd-read-only pool=images"));
  }

  @Test
  void withoutStorageNetworksEverythingIsOnManagement() {
    CephModel model = model("", member("a", 1, Role.CEPH_MON));
    assertThat(model.publicNetwork()).isEqualTo("10.20.0.0/24");
    assertThat(model.clusterNetwork()).isNull();
    assertThat(model.nodes().getFirst().publicAddress()).isEqualTo("10.20.0.11");
  }

  @Test
  void theIdAndTheKeysStayTheSame() {
    CephModel first = model("", member("a", 1, Role.CEPH_MON));
    var again = new CephSecrets(settings, Clock.systemUTC(), new SecureRandom());
    CephModel second =
        CephModels.of(
                cluster(""),
                List.of(member("a", 1, Role.CEPH_MON)),
                again,
                List.of(),
                Optional.empty())
            .orElseThrow()
            .model();
    assertThat(second.fsid()).isEqualTo(first.fsid());
    assertThat(second.keys()).isEqualTo(first.keys()).containsKey("mgr.a");
  }

  @Test
  void gatewaysAreTheNodesOfThatRoleElseTheControllersElseTheMonitors() {
    var mon = member("a", 1, Role.CEPH_MON);
    var controller = member("b", 1, Role.CONTROLLER);
    var gateway = member("c", 1, Role.CEPH_RGW);
    assertThat(gateways(model("", mon, controller, gateway))).containsExactly("c");
    assertThat(gateways(model("", mon, controller))).containsExactly("b");
    assertThat(gateways(model("", mon, member("d", 1, Role.CEPH_OSD)))).containsExactly("a");
    assertThat(gateways(model("storage: {objects: none}\n", mon, gateway))).isEmpty();
  }

  @Test
  void aGatewayMayUseItsPoolsAloneAndHasAKeyOfItsOwn() {
    CephModel model = model("", member("a", 6, Role.CEPH_MON));
    var gateway = model.users().stream().filter(u -> u.entity().equals("client.rgw.a")).findFirst();
    assertThat(gateway.orElseThrow().caps())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("mon", "allow r", "osd", "allow rwx tag rgw *=*"));
    assertThat(model.keys()).containsKey("client.rgw.a");
    assertThat(model.pools())
        .filteredOn(pool -> pool.application().equals("rgw"))
        .extracting(CephModel.Pool::name)
        .containsExactlyInAnyOrderElementsOf(gateway.orElseThrow().pools().keySet())
        .hasSize(7);
    assertThat(model.pools()).allMatch(pool -> pool.pgNum() > 1);
  }

  @Test
  void s3IsServedOnEveryVirtualAddressThatAllGatewaysCanHold() {
    String yaml =
        """
        networks:
          management: {cidr: 10.20.0.0/24, nodes: 10.20.0.10-10.20.0.99, vip: 10.20.0.5}
          public: {cidr: 192.0.2.0/24, vip: 192.0.2.5}
        """;
    CephModels.Modelled modelled =
        CephModels.of(
                cluster(yaml),
                List.of(member("a", 1, Role.CEPH_MON)),
                secrets,
                List.of(),
                Optional.empty())
            .orElseThrow();
    CephModel.Gateway gateway = java.util.Objects.requireNonNull(modelled.model().gateway());
    assertThat(gateway.vips())
        .containsExactly(
            new CephModel.Vip("management", "10.20.0.5", 24, Map.of("a", "10.20.0.11")));
    assertThat(modelled.warnings())
        .contains(
            "no S3 on public's vip: not every gateway has an address there",
            "one gateway: while its host is down there is no S3");
  }

  private static List<String> gateways(CephModel model) {
    return model.with(Part.RGW).stream().map(CephModel.Node::name).toList();
  }

  @Test
  void aNodeThatIsNotInstalledCountsButIsLeftOut() {
    var broken =
        new Member(
            new UUID(1, 9),
            "c",
            Set.of(),
            member("c", 2, Role.CEPH_OSD).assignment(),
            false,
            false,
            member("c", 2, Role.CEPH_OSD).osds());
    CephModel model =
        model("", member("a", 2, Role.CEPH_MON), member("b", 2, Role.CEPH_OSD), broken);
    assertThat(model.nodes()).extracting(CephModel.Node::name).containsExactly("a", "b");
    assertThat(model.redundancy().size()).isEqualTo(3);
  }

  private CephModel model(String yaml, Member... members) {
    return CephModels.of(
            cluster(yaml), List.of(members), secrets, List.of("10.20.0.1"), Optional.empty())
        .orElseThrow()
        .model();
  }

  private static Cluster cluster(String yaml) {
    var parser =
        new ClusterParser(
            KindlingConfig.parse("kindling.yaml", "provisioning: {interface: eno1}")
                .provisioning());
    return parser.parse(
        "cluster.yaml", yaml + "nodes:\n- match: {label: x}\n  roles: [ceph-osd]\n");
  }

  private static Member member(String name, int osds, Role... roles) {
    var all = new ArrayList<Osd>();
    for (int i = 0; i < osds; i++) {
      all.add(new Osd(new UUID(name.hashCode(), i), null));
    }
    return new Member(
        new UUID(1, name.hashCode()),
        name,
        Set.of("rack.r7", "other"),
        new Assignment(
            1,
            Set.of(roles),
            Map.of(
                "management", "10.20.0.11/24",
                "storage", "10.21.0.11/24",
                "replication", "10.22.0.11/24"),
            "[]",
            true,
            "ssh-ed25519 AAAA",
            null),
        true,
        false,
        all);
  }
}
