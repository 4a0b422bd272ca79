package io.kindling.postinstall.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Packages;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class CephGatewaysTest {

  private static final String KEEPALIVED = "/etc/keepalived/keepalived.conf";
  private static final String HAPROXY = "/etc/haproxy/haproxy.cfg";

  private final Graph graph = CephPlan.of(Models.hosts(4, 3, List.of("management", "public")));

  @Test
  void aClusterWithoutGatewaysHasNoTaskAboutThem() {
    assertThat(CephPlan.of(Models.hosts(4)).tasks())
        .extracting(GraphTask::name)
        .doesNotContain("gateways", "gateway-front", "object-user");
  }

  @Test
  void gatewaysListenOnCephsNetworkAndEachHasAUserOfItsOwn() {
    Action settings = (Action) items(graph, "gateway-settings", "n1").get(1);
    assertThat(settings.apply().getFirst().toString())
        .isEqualTo("ceph config set client.rgw.n2 rgw_frontends 'beast endpoint=10.0.1.2:7480'");
    assertThat(items(graph, "gateways", "n2"))
        .extracting(Item::title)
        .containsExactly(
            "folder /var/lib/ceph/radosgw/ceph-rgw.n2",
            "file /var/lib/ceph/radosgw/ceph-rgw.n2/keyring",
            "unit ceph-radosgw@rgw.n2.service",
            "gateway answers at 10.0.1.2:7480");
    assertThat(task(graph, "gateways").scope().hosts()).containsExactly("n1", "n2", "n3");
    assertThat(items(graph, "base", "n4"))
        .filteredOn(Packages.class::isInstance)
        .singleElement()
        .extracting(Item::title)
        .asString()
        .doesNotContain("radosgw", "haproxy");
  }

  @Test
  void s3GoesOnAsLongAsOneGatewayIsLeft() {
    assertThat(task(graph, "gateways").mayFail()).isEqualTo(2);
    assertThat(task(graph, "gateway-front").mayFail()).isEqualTo(2);
  }

  @Test
  void everyHostBalancesOverAllGatewaysOnTheVirtualAddresses() {
    assertThat(file(graph, "n1", HAPROXY)).isEqualTo(file(graph, "n3", HAPROXY));
    assertThat(file(graph, "n1", HAPROXY))
        .contains(
            """
            frontend s3
              bind 10.9.0.200:8080
              bind 10.9.1.200:8080
              default_backend gateways
            """)
        .endsWith(
            """
              option httpchk GET /swift/healthcheck
              server n1 10.0.1.1:7480 check inter 2s fall 2 rise 2
              server n2 10.0.1.2:7480 check inter 2s fall 2 rise 2
              server n3 10.0.1.3:7480 check inter 2s fall 2 rise 2
            """);
  }

  @Test
  void hostsKeepTheVirtualAddressesByUnicastWithDifferentPriorities() {
    assertThat(file(graph, "n2", KEEPALIVED))
        .contains(
            """
            vrrp_instance public {
              state BACKUP
              nopreempt
              interface $NIC_1
              virtual_router_id 200
              priority 199
              advert_int 1
              unicast_src_ip 10.9.1.2
              unicast_peer {
                10.9.1.1
                10.9.1.3
              }
              virtual_ipaddress {
                10.9.1.200/24 dev $NIC_1
              }
              track_script {
                haproxy
              }
            }
            """);
    assertThat(file(graph, "n1", KEEPALIVED)).contains("priority 200").contains("router_id n1");
  }

  @Test
  void withoutAVirtualAddressEachHostServesAtItsOwn() {
    Graph plain = CephPlan.of(Models.hosts(3, 3, List.of()));
    assertThat(file(plain, "n2", HAPROXY)).contains("  bind 10.0.0.2:8080\n");
    assertThat(items(plain, "gateway-front", "n2"))
        .extracting(Item::title)
        .noneMatch(title -> title.contains("keepalived"))
        .last()
        .isEqualTo("load balancer answers at 10.0.0.2:8080");
  }

  private static GraphTask task(Graph graph, String name) {
    return graph.tasks().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  private static List<Item> items(Graph graph, String task, String host) {
    return Objects.requireNonNull(task(graph, task).items().get(host));
  }

  private static String file(Graph graph, String host, String path) {
    return items(graph, "gateway-front", host).stream()
        .filter(ManagedFile.class::isInstance)
        .map(ManagedFile.class::cast)
        .filter(f -> f.path().equals(path))
        .findFirst()
        .orElseThrow()
        .content();
  }
}
