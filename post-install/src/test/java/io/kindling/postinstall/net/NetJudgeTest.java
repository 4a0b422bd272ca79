package io.kindling.postinstall.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.net.NetPlan.Dhcp;
import io.kindling.postinstall.net.NetPlan.Lane;
import io.kindling.postinstall.net.NetPlan.Network;
import io.kindling.postinstall.net.NetPlan.Node;
import io.kindling.postinstall.net.NetReport.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What is said of which port, from what ports heard.
final class NetJudgeTest {

  private static final Network STORAGE =
      new Network("storage", 101, 9000, "10.21.0.1", List.of("10.21.0.5"), new Dhcp.Nobody());
  private static final Network REPLICATION =
      new Network("replication", 102, 1500, null, List.of(), new Dhcp.Nobody());

  private final Map<String, NetAnswer> answers = new TreeMap<>();
  private final Map<String, String> silent = new TreeMap<>();
  private NetPlan plan = plan(4, false);

  /// Lane n of storage, 10+n of replication; with bonds 100+n of a second member on storage.
  private static NetPlan plan(int nodes, boolean bonds) {
    var all = new ArrayList<Node>();
    for (int n = 1; n <= nodes; n++) {
      var lanes = new ArrayList<Lane>();
      lanes.add(lane(n, n, "eth1", bonds ? "bond0" : null, STORAGE));
      lanes.add(lane(10 + n, n, "eth2", null, REPLICATION));
      if (bonds) {
        lanes.add(lane(100 + n, n, "eth3", "bond0", STORAGE));
      }
      all.add(new Node("node-" + n, Optional.empty(), true, lanes));
    }
    return new NetPlan(List.of(STORAGE, REPLICATION), all, List.of("10.21.0.1"), List.of());
  }

  private static Lane lane(int id, int node, String nic, String bond, Network network) {
    return new Lane(
        id,
        network.name(),
        nic,
        "52:54:00:00:0" + node + ":0" + nic.charAt(3),
        null,
        (network == STORAGE ? "10.21.0." : "10.22.0.") + (10 + node),
        24,
        network == STORAGE,
        bond,
        "leaf-1 swp" + id);
  }

  /// Everything as it is to be.
  private void allWell() {
    for (Node node : plan.nodes()) {
      var answer = new NetAnswer(node.lanes().stream().map(Lane::id).collect(Collectors.toSet()));
      for (Lane lane : node.lanes()) {
        answer.line("KINDLING-NET mac " + lane.mac());
        answer.line(
            "KINDLING-NET lane %d %s %s 1 9000".formatted(lane.id(), lane.nic(), lane.mac()));
        for (Node other : plan.nodes()) {
          for (Lane from : other.lanes()) {
            if (other != node && from.network().equals(lane.network())) {
              answer.line("KINDLING-NET heard %d %d:bls".formatted(lane.id(), from.id()));
            }
          }
        }
        if (lane.network().equals("storage")) {
          answer.line("KINDLING-NET claim %d 10.21.0.1 00:00:5e:00:01:01".formatted(lane.id()));
        }
      }
      answer.line("KINDLING-NET server dns 10.21.0.1 %d 0".formatted(node.lanes().getFirst().id()));
      answer.line("KINDLING-NET done");
      answers.put(node.name(), answer);
    }
  }

  private void hears(int to, int from, String frames) {
    NetAnswer answer =
        answers.get(
            plan.nodes().stream()
                .filter(n -> n.lanes().stream().anyMatch(l -> l.id() == to))
                .findFirst()
                .orElseThrow()
                .name());
    if (frames.isEmpty()) {
      answer.heard.get(to).remove(from);
    } else {
      answer.heard.get(to).put(from, frames);
    }
  }

  private List<String> judged() {
    return new NetJudge(plan, answers, silent).faults().stream().map(NetJudgeTest::text).toList();
  }

  private static String text(Fault fault) {
    return (fault.network() + " " + fault.finding().error() + " " + fault.finding().seen()).strip();
  }

  @Test
  void nothingWrongIsNoFindingAndAFullMatrix() {
    allWell();
    assertThat(judged()).isEmpty();
    assertThat(new NetJudge(plan, answers, silent).matrices())
        .allSatisfy(m -> assertThat(m.rows()).containsExactly(".===", "=.==", "==.=", "===."));
  }

  @Test
  void aNodeThatDoesNotAnswerIsOneFindingAndUnknownInTheMatrix() {
    allWell();
    answers.remove("node-2");
    silent.put("node-2", "connection refused");
    for (int n : List.of(1, 3, 4)) {
      hears(n, 2, "");
      hears(10 + n, 12, "");
    }
    assertThat(judged()).containsExactly("NET-001 node-2: connection refused");
    assertThat(new NetJudge(plan, answers, silent).matrices().getFirst().rows())
        .containsExactly(".?==", "?.??", "=?.=", "=?=.");
  }

  @Test
  void aPortThatNobodyHearsIsNamedAloneNotItsPeers() {
    allWell();
    for (int n : List.of(1, 2, 4)) {
      hears(n, 3, "");
      hears(3, n, "");
    }
    assertThat(judged())
        .containsExactly(
            "storage NET-005 node-3 eth1 (52:54:00:00:03:01, at leaf-1 swp3), planned for storage"
                + " (VLAN 101)");
  }

  @Test
  void twoPortsTogetherInAnotherPlaceSayWhomTheyReach() {
    plan = plan(5, false);
    allWell();
    for (int lost : List.of(4, 5)) {
      for (int n : List.of(1, 2, 3)) {
        hears(n, lost, "");
        hears(lost, n, "");
      }
    }
    assertThat(judged())
        .hasSize(2)
        .allMatch(t -> t.startsWith("storage NET-005 node-"))
        .anyMatch(t -> t.contains("node-4 eth1") && t.contains("it reaches node-5 eth1"));
  }

  @Test
  void aPortInAnotherNetworkIsToldWhichOne() {
    allWell();
    for (int n : List.of(1, 2, 4)) {
      hears(n, 3, "");
      hears(3, n, "");
      hears(10 + n, 3, "b");
      hears(3, 10 + n, "bs");
    }
    assertThat(judged())
        .singleElement()
        .asString()
        .startsWith("storage NET-004 node-3 eth1")
        .endsWith("it is in the network of replication");
  }

  @Test
  void aPortThatHearsNothingButIsHeardIsAOneWayLink() {
    allWell();
    for (int n : List.of(1, 2, 4)) {
      hears(3, n, "");
      hears(n, 3, "b");
    }
    assertThat(judged())
        .singleElement()
        .asString()
        .startsWith("storage NET-006 node-3 eth1")
        .endsWith("its frames arrive, it hears no other port");
  }

  @Test
  void broadcastsAloneAreNotReachability() {
    allWell();
    for (int n : List.of(1, 2, 4)) {
      hears(n, 3, "b"); // node-3 heard them and sent to their addresses, which did not arrive
    }
    assertThat(judged()).singleElement().asString().startsWith("storage NET-006 node-3 eth1");
  }

  @Test
  void onePairAloneIsToldAsAPair() {
    allWell();
    hears(1, 2, "b");
    assertThat(judged())
        .singleElement()
        .asString()
        .startsWith("storage NET-006 node-1 eth1")
        .contains("frames do not pass from node-2 eth1");
  }

  @Test
  void twoNodesWithAOneWayLinkAreBothNamed() {
    plan = plan(2, false);
    allWell();
    hears(1, 2, "");
    hears(2, 1, "b");
    assertThat(judged())
        .containsExactly(
            "storage NET-006 frames pass from node-1 eth1 (52:54:00:00:01:01, at leaf-1 swp1) to"
                + " node-2 eth1 (52:54:00:00:02:01, at leaf-1 swp2), not back");
  }

  @Test
  void onePortWithASmallerMtuIsNamedAlone() {
    allWell();
    for (int n : List.of(1, 2, 4)) {
      hears(3, n, "bs");
      hears(n, 3, "bs");
    }
    assertThat(judged()).singleElement().asString().startsWith("storage NET-007 node-3 eth1");
    assertThat(new NetJudge(plan, answers, silent).matrices().getFirst().rows())
        .containsExactly(".=s=", "=.s=", "ss.s", "==s.");
  }

  @Test
  void largeFramesLostInOneDirectionAreToldWithIt() {
    allWell();
    for (int n : List.of(1, 2, 4)) {
      hears(n, 3, "bs");
    }
    assertThat(judged()).singleElement().asString().startsWith("storage NET-007 node-3 eth1");
  }

  @Test
  void anInterfaceThatDoesNotTakeThePlannedMtuIsNotTheSwitchsFault() {
    allWell();
    answers.get("node-3").line("KINDLING-NET lane 3 eth1 52:54:00:00:03:01 1 1500");
    for (int n : List.of(1, 2, 4)) {
      hears(3, n, "bs");
      hears(n, 3, "bs");
    }
    assertThat(judged())
        .singleElement()
        .asString()
        .startsWith("storage NET-008 node-3 eth1")
        .endsWith("eth1 has 1500, planned 9000");
  }

  @Test
  void aMissingCardAndACableThatIsOutAreNamedAsSuch() {
    allWell();
    answers.get("node-1").line("KINDLING-NET lane 1 - - 0 0");
    answers.get("node-2").line("KINDLING-NET lane 2 eth1 52:54:00:00:02:01 0 9000");
    assertThat(judged())
        .hasSize(2)
        .anyMatch(t -> t.startsWith("storage NET-002 node-1 eth1"))
        .anyMatch(t -> t.startsWith("storage NET-003 node-2 eth1"));
  }

  @Test
  void membersOfABondAreJudgedOneByOne() {
    plan = plan(3, true);
    allWell();
    for (int n : List.of(1, 3)) {
      for (int lane : List.of(n, 100 + n)) {
        hears(lane, 102, "");
        hears(102, lane, "");
      }
    }
    assertThat(judged())
        .singleElement()
        .asString()
        .startsWith("storage NET-005 node-2 eth3 (52:54:00:00:02:03, of bond0, at leaf-1 swp102)")
        .contains("LACP fallback");
  }

  @Test
  void aStrangerWithANodesAddressIsADuplicateTheNodesOwnCardsAreNot() {
    allWell();
    answers.get("node-2").line("KINDLING-NET claim 2 10.21.0.11 52:54:00:00:01:02");
    assertThat(judged()).isEmpty();
    answers.get("node-2").line("KINDLING-NET claim 2 10.21.0.11 02:00:00:00:00:99");
    assertThat(judged())
        .singleElement()
        .asString()
        .startsWith("storage NET-009 10.21.0.11, planned as node-1's, is used by 02:00:00:00:00:99")
        .contains("heard at node-2 eth1");
  }

  @Test
  void aVipMayBeANodesButNobodyElses() {
    allWell();
    answers.get("node-2").line("KINDLING-NET claim 2 10.21.0.5 52:54:00:00:01:01");
    assertThat(judged()).isEmpty();
    answers.get("node-2").line("KINDLING-NET claim 2 10.21.0.5 02:00:00:00:00:99");
    assertThat(judged()).singleElement().asString().startsWith("storage NET-009 10.21.0.5");
  }

  @Test
  void twoMachinesWithTheGatewaysAddressAreADuplicate() {
    allWell();
    answers.get("node-2").line("KINDLING-NET claim 2 10.21.0.1 02:00:00:00:00:99");
    assertThat(judged()).singleElement().asString().startsWith("storage NET-009 10.21.0.1");
  }

  @Test
  void aDhcpServerIsForeignUnlessItIsTheOneThatBelongsThere() {
    allWell();
    answers.get("node-1").line("KINDLING-NET offer 1 10.9.9.9 02:00:00:00:00:99 10.9.9.50");
    answers.get("node-2").line("KINDLING-NET offer 2 10.9.9.9 02:00:00:00:00:99 10.9.9.51");
    assertThat(judged())
        .singleElement()
        .asString()
        .startsWith(
            "storage NET-010 server 10.9.9.9, hardware address 02:00:00:00:00:99, offers 10.9.9.50")
        .contains("node-1 eth1", "node-2 eth1");
    for (Dhcp dhcp : List.of(new Dhcp.Site(), new Dhcp.Appliance("10.9.9.9"))) {
      Network storage = new Network("storage", 101, 9000, "10.21.0.1", List.of(), dhcp);
      plan = new NetPlan(List.of(storage, REPLICATION), plan.nodes(), List.of(), List.of());
      assertThat(judged()).isEmpty();
    }
  }

  @Test
  void aGatewayThatOnlySomeReachIsToldWithThosePorts() {
    allWell();
    answers.get("node-2").claims.clear();
    assertThat(judged())
        .containsExactly(
            "storage NET-011 10.21.0.1 of storage is silent to node-2 eth1 (52:54:00:00:02:01, at"
                + " leaf-1 swp2)");
    answers.values().forEach(a -> a.claims.clear());
    assertThat(judged())
        .containsExactly("storage NET-011 10.21.0.1 of storage is silent to every port");
  }

  @Test
  void serversThatAnswerWithFailureAreToldApartFromSilentOnes() {
    allWell();
    answers.get("node-1").line("KINDLING-NET server ntp 10.21.0.1 1 16");
    answers.get("node-2").line("KINDLING-NET server ntp 10.21.0.1 2 2");
    answers.get("node-3").line("KINDLING-NET server dns 10.21.0.2 3 5");
    answers.get("node-4").line("KINDLING-NET server dns 192.0.2.1 - no-way");
    answers.get("node-4").line("KINDLING-NET unresolved time.example");
    assertThat(judged())
        .anyMatch(t -> t.startsWith("NET-013 10.21.0.1 answers with stratum 16 (node-1 eth1"))
        .anyMatch(t -> t.startsWith("NET-012 10.21.0.2 answers with error 5 (node-3 eth1"))
        .anyMatch(t -> t.startsWith("NET-012 192.0.2.1 is in no network of the node"))
        .anyMatch(t -> t.contains("time source's name time.example is not found"))
        .hasSize(4);
  }

  @Test
  void aBondsMemberWithoutPartnerIsNamed() {
    allWell();
    answers.get("node-1").line("KINDLING-NET member bond0 enp1s0 lacp up 00:11:22:33:44:55");
    answers.get("node-1").line("KINDLING-NET member bond0 enp2s0 lacp up 00:00:00:00:00:00");
    answers.get("node-1").line("KINDLING-NET member bond1 enp3s0 other down -");
    assertThat(judged())
        .containsExactly(
            "NET-014 node-1, member enp2s0 of bond0: link up, no LACP partner",
            "NET-014 node-1, member enp3s0 of bond1: link down");
  }

  @Test
  void linesThatNoProgramOfOursWritesChangeNothing() {
    allWell();
    for (String line :
        List.of(
            "KINDLING-NET claim 1 10.21.0.12 not-a-mac",
            "KINDLING-NET claim 99999999999 10.21.0.12 02:00:00:00:00:99",
            "KINDLING-NET heard 1 2:zz 3:bls;reboot",
            "KINDLING-NET heard",
            "KINDLING-NET heard 2 1:b",
            "KINDLING-NET lane 2 - - 0 0",
            "KINDLING-NET claim 2 10.21.0.13 02:00:00:00:00:99",
            "KINDLING-NET server dns 10.21.0.9 77 silent",
            "KINDLING-NET server www 10.21.0.9 1 silent",
            "KINDLING-NET offer 1 x y z",
            "KINDLING-NET",
            "noise")) {
      answers.get("node-1").line(line);
    }
    assertThat(judged()).isEmpty();
  }
}
