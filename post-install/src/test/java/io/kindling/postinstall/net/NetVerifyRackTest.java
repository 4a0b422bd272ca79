package io.kindling.postinstall.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.net.NetPlan.Dhcp;
import io.kindling.postinstall.net.NetPlan.Lane;
import io.kindling.postinstall.net.NetPlan.Network;
import io.kindling.postinstall.net.NetPlan.Node;
import io.kindling.postinstall.net.NetReport.Fault;
import io.kindling.postinstall.net.NetReport.Matrix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every fault of the matrix on real network namespaces, bridges and veths: provoked, found, and
/// named with node, NIC and switch port; and nothing is left behind on the nodes.
@Tag("rack")
final class NetVerifyRackTest {

  private static final int NODES = 4;
  private static final List<Network> NETWORKS =
      List.of(
          new Network(
              "management",
              0,
              1500,
              "10.20.0.1",
              List.of("10.20.0.5"),
              new Dhcp.Appliance("10.20.0.1")),
          new Network("storage", 0, 9000, null, List.of(), new Dhcp.Nobody()),
          new Network("tenant", 101, 9000, null, List.of(), new Dhcp.Nobody()),
          new Network("replication", 0, 9000, null, List.of(), new Dhcp.Nobody()));

  /// The NIC that carries each network.
  private static final List<Integer> NICS = List.of(0, 1, 1, 2);

  @TempDir Path directory;
  private NamespaceRack rack;
  private NetPlan plan;
  private final Map<String, String> before = new TreeMap<>();

  @BeforeEach
  void build() throws Exception {
    rack = new NamespaceRack(NODES);
    plan = plan(List.of("10.20.0.1"), List.of("10.20.0.1", "time.test"));
    rack.namespace("site");
    rack.wire("site", "eth0", 90, 0, "man");
    rack.in("site", "ip addr add 10.20.0.1/24 dev eth0; ip link set dev eth0 up");
    for (Node node : plan.nodes()) {
      before.put(node.name(), rack.state(node.name()));
    }
  }

  @AfterEach
  void down() {
    rack.close();
  }

  private NetPlan plan(List<String> dns, List<String> ntp) {
    var nodes = new ArrayList<Node>();
    for (int n = 1; n <= NODES; n++) {
      var lanes = new ArrayList<Lane>();
      for (int i = 0; i < NETWORKS.size(); i++) {
        int nic = NICS.get(i);
        lanes.add(
            new Lane(
                n * 10 + i,
                NETWORKS.get(i).name(),
                "eth" + nic,
                NamespaceRack.mac(n, nic),
                null,
                "10.2" + i + ".0." + (10 + n),
                24,
                i == 0,
                null,
                "leaf-1 " + NamespaceRack.port(n, nic)));
      }
      nodes.add(rack.node(n, lanes.toArray(Lane[]::new)));
    }
    return new NetPlan(NETWORKS, nodes, dns, ntp);
  }

  private void siteServers() throws Exception {
    dnsmasq("site", "10.20.0.100,10.20.0.150", "--address=/time.test/10.20.0.1");
    Path chrony = directory.resolve("chrony.conf");
    Files.writeString(
        chrony,
        "local stratum 8\nallow\ncmdport 0\nbindcmdaddress /\npidfile %s/chronyd.pid\n"
            .formatted(directory));
    rack.serve("site", "/usr/sbin/chronyd", "-x", "-d", "-u", "root", "-f", chrony.toString());
    Awaitility.await()
        .untilAsserted(() -> assertThat(rack.in("site", "ss -Hlun")).contains(":123 ", ":67 "));
  }

  private void dnsmasq(String namespace, String range, String... more) {
    var command =
        new ArrayList<>(
            List.of(
                "dnsmasq",
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--no-resolv",
                "--no-hosts",
                "--no-ping",
                "--user=root",
                "--pid-file=",
                "--dhcp-leasefile=" + directory.resolve(namespace + ".leases"),
                "--dhcp-authoritative",
                "--dhcp-range=" + range + ",1h"));
    command.addAll(List.of(more));
    rack.serve(namespace, command.toArray(String[]::new));
  }

  private NetReport verify() throws Exception {
    return new NetVerify(rack, Clock.systemUTC(), new Random()).run(plan);
  }

  private void nothingIsLeft() {
    for (Node node : plan.nodes()) {
      assertThat(rack.state(node.name())).isEqualTo(before.get(node.name()));
    }
  }

  private static String text(List<Fault> faults) {
    return faults.stream()
        .map(f -> f.network() + " " + f.finding().error() + " " + f.finding().seen())
        .collect(Collectors.joining("\n"));
  }

  private static Matrix matrix(NetReport report, String network) {
    return report.networks().stream()
        .filter(m -> m.network().equals(network))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void wholeNetworksHaveACleanMatrixAndNothingIsLeftBehind() throws Exception {
    siteServers();
    NetReport report = verify();
    assertThat(text(report.faults())).isEmpty();
    assertThat(report.networks()).hasSize(4);
    for (Matrix matrix : report.networks()) {
      assertThat(matrix.rows())
          .as(matrix.network())
          .containsExactly(".===", "=.==", "==.=", "===.");
    }
    nothingIsLeft();
  }

  @Test
  void everyFaultIsNamedWithItsPort() throws Exception {
    siteServers();
    // storage: node-2's switch port has the usual MTU; its VLAN suffers with it.
    rack.in("switch", "ip link set dev p2x1 mtu 1500");
    // replication: node-3's cable ends in storage's VLAN.
    rack.in("switch", "ip link set dev p3x2 master sto");
    // management: what node-4 sends is dropped on its way into the switch.
    rack.in(
        "switch",
        "ip link add name sink type veth peer name drain; ip link set dev sink up;"
            + " tc qdisc add dev p4x0 ingress; tc filter add dev p4x0 parent ffff: protocol all"
            + " u32 match u32 0 0 action mirred egress redirect dev sink");
    // storage: a stranger has node-1's address, and lends addresses.
    rack.namespace("stranger");
    rack.wire("stranger", "eth0", 91, 0, "sto");
    rack.in(
        "stranger",
        "ip link set dev eth0 up; ip addr add 10.21.0.11/24 dev eth0;"
            + " ip addr add 10.21.0.200/24 dev eth0");
    dnsmasq("stranger", "10.21.0.210,10.21.0.220", "--port=0");
    // replication: node-1's port is switched off.
    rack.in("switch", "ip link set dev p1x2 down");
    Awaitility.await()
        .untilAsserted(() -> assertThat(rack.in("stranger", "ss -Hlun")).contains(":67 "));

    NetReport report = verify();

    String all = text(report.faults());
    assertThat(all)
        .containsPattern("management NET-006 node-4 eth0 \\(.*leaf-1 p4x0\\): its frames do not")
        .containsPattern("storage NET-007 node-2 eth1 \\(.*leaf-1 p2x1\\): frames of 9000")
        .containsPattern("tenant NET-007 node-2 eth1 \\(.*leaf-1 p2x1\\): frames of 9000")
        .containsPattern("replication NET-004 node-3 eth2 \\(.*leaf-1 p3x2\\).*network of storage")
        .containsPattern("replication NET-003 node-1 eth2 \\(.*leaf-1 p1x2\\)")
        .containsPattern("storage NET-009 10.21.0.11, planned as node-1's.*52:54:00:00:5b:00")
        .containsPattern(
            "storage NET-010 server 10.21.0.2?\\d*, hardware address 52:54:00:00:5b:00");
    assertThat(report.faults()).hasSize(7);
    assertThat(matrix(report, "management").rows()).containsExactly(".===", "=.==", "==.=", "xxx.");
    assertThat(matrix(report, "storage").rows()).containsExactly(".s==", "s.ss", "=s.=", "=s=.");
    nothingIsLeft();
  }

  @Test
  void missingGatewayNamesAndTimeAreTold() throws Exception {
    rack.in("site", "ip link set dev eth0 down");

    NetReport report = verify();

    assertThat(text(report.faults()))
        .contains("management NET-011 10.20.0.1 of management is silent to every port")
        .contains(" NET-012 10.20.0.1 is silent (every node)")
        .contains(" NET-013 10.20.0.1 is silent (every node)");
    assertThat(report.faults()).hasSize(3);
    nothingIsLeft();
  }

  @Test
  void killedMidwayANodePutsBackWhatItChanged() throws Exception {
    var killed = new ConcurrentHashMap<String, String>();
    rack.onLine =
        (node, line) -> {
          if (line.startsWith("KINDLING-NET ready ") && !node.equals("node-1")) {
            killed.put(node, rack.state(node));
            rack.in(node, "kill -9 " + line.substring("KINDLING-NET ready ".length()));
          }
        };

    NetReport report = verify();

    assertThat(killed.keySet()).containsExactlyInAnyOrder("node-2", "node-3", "node-4");
    killed.forEach((node, state) -> assertThat(state).contains("mtu 9000").contains("eth2"));
    assertThat(text(report.faults())).contains(" NET-001 node-2: exit 137");
    Awaitility.await().untilAsserted(this::nothingIsLeft);
  }
}
