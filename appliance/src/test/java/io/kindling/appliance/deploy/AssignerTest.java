package io.kindling.appliance.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.kindling.appliance.deploy.Assigner.Line;
import io.kindling.appliance.testing.Bench;
import io.kindling.appliance.testing.Machines;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.Role;
import io.kindling.ksgen.kickstart.NetworkDevice.Address;
import io.kindling.ksgen.kickstart.NetworkDevice.Nic;
import io.kindling.ksgen.kickstart.NetworkDevice.Vlan;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AssignerTest {
  private static final String NETWORKS =
      """
      networks:
        management: {cidr: 10.20.0.0/24, nodes: 10.20.0.10-10.20.0.12}
        storage: {cidr: 10.21.0.0/24, vlan: 101, mtu: 9000, nodes: 10.21.0.30-10.21.0.39}
        public: {cidr: 192.0.2.0/24, gateway: 192.0.2.1}
      """;
  private static final String FIRST_IS_BASE =
      NETWORKS
          + "nodes:\n- match: {mac: \"52:54:00:00:00:01\"}\n  name: one\n  roles: [base]\n"
          + "- match: {mac: \"52:54:00:00:00:02\"}\n  roles: [base]\n";

  @TempDir Path state;
  private Bench bench;

  @BeforeEach
  void open() {
    bench = new Bench(state);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private List<Line> apply(String yaml) {
    return bench.assigner.apply(bench.keep(yaml), false);
  }

  private Assignment assignment(int machine) {
    Assignment assignment = bench.node(machine).assignment();
    assertThat(assignment).isNotNull();
    return assignment;
  }

  @Test
  void applyingFreezesNameRolesDisksAndDistinctAddressesFromTheNodesRanges() {
    bench.report(1);
    bench.report(2);
    assertThat(apply(FIRST_IS_BASE)).extracting(Line::outcome).containsOnly("assigned");
    assertThat(bench.node(1).name()).isEqualTo("one");
    assertThat(bench.node(1).state()).isEqualTo(NodeState.ASSIGNED);
    assertThat(assignment(1).roles()).containsExactly(Role.BASE);
    assertThat(assignment(1).attempt()).isEqualTo(1);
    assertThat(assignment(1).onDisk()).isFalse();
    assertThat(assignment(1).ksSpaces()).startsWith("[");
    assertThat(List.of(assignment(1).addresses(), assignment(2).addresses()))
        .containsExactlyInAnyOrder(
            Map.of("management", "10.20.0.10/24", "storage", "10.21.0.30/24"),
            Map.of("management", "10.20.0.11/24", "storage", "10.21.0.31/24"));
  }

  @Test
  void whatWouldBeAssignedIsWhatIsAssignedThen() {
    bench.report(1);
    bench.report(2);
    List<String> before =
        bench.assigner.apply(bench.keep(FIRST_IS_BASE), true).stream().map(Line::detail).toList();
    assertThat(before).doesNotHaveDuplicates();
    assertThat(apply(FIRST_IS_BASE)).extracting(Line::detail).isEqualTo(before);
  }

  @Test
  void applyingAgainChangesNothingNotEvenAVersion() {
    bench.report(1);
    bench.report(2);
    apply(FIRST_IS_BASE);
    List<Node> before = bench.nodes.all();
    int events = bench.events.last(100).size();
    assertThat(apply(FIRST_IS_BASE)).extracting(Line::outcome).containsOnly("unchanged");
    assertThat(bench.nodes.all()).isEqualTo(before);
    assertThat(bench.events.last(100)).hasSize(events);
  }

  @Test
  void aDryRunTellsAndChangesNothing() {
    bench.report(1);
    List<Node> before = bench.nodes.all();
    assertThat(bench.assigner.apply(bench.keep(FIRST_IS_BASE), true))
        .extracting(Line::node, Line::outcome)
        .containsExactlyInAnyOrder(
            tuple("one", "would-assign"), tuple("mac 52:54:00:00:00:02", "waiting"));
    assertThat(bench.nodes.all()).isEqualTo(before);
  }

  @Test
  void anAssignedNodeFollowsTheFileAndKeepsItsAddressAndAttempt() {
    bench.report(1);
    bench.report(2);
    apply(FIRST_IS_BASE);
    Map<String, String> before = assignment(2).addresses();
    apply(FIRST_IS_BASE.replace("name: one", "name: other").replace("10.20.0.10-", "10.20.0.9-"));
    assertThat(bench.node(1).name()).isEqualTo("other");
    assertThat(assignment(2).addresses()).isEqualTo(before);
    assertThat(assignment(1).attempt()).isEqualTo(1);
  }

  @Test
  void aProvisionedNodeWithOtherRolesInTheFileIsRefusedAndKept() {
    bench.report(1);
    apply(FIRST_IS_BASE);
    bench.put(1, NodeState.PROVISIONED);
    Node before = bench.node(1);
    assertThat(apply(FIRST_IS_BASE)).extracting(Line::outcome).contains("unchanged");
    Line line = apply(FIRST_IS_BASE.replaceFirst("\\[base]", "[ceph-osd]")).getFirst();
    assertThat(line.outcome()).isEqualTo("refused");
    assertThat(line.detail()).contains("APP-008").contains("--reinstall");
    assertThat(bench.node(1)).isEqualTo(before);
  }

  @Test
  void theFileMaySayOfANodeThatIsNoComputeAnyMoreThatItIsNone() {
    bench.report(1);
    String compute = FIRST_IS_BASE.replaceFirst("\\[base]", "[compute]");
    assertThat(apply(compute).getFirst().outcome()).isEqualTo("assigned");
    bench.put(1, NodeState.READY);
    assertThat(apply(FIRST_IS_BASE).getFirst().outcome())
        .as("a compute still")
        .isEqualTo("refused");
    bench.nodes.change(
        bench.node(1).id(), n -> n.withAssignment(assignment(1).without(Role.COMPUTE)));
    assertThat(apply(compute).getFirst().outcome()).isEqualTo("unchanged");
    assertThat(apply(FIRST_IS_BASE).getFirst().outcome()).isEqualTo("unchanged");
    assertThat(apply(compute).getFirst().outcome()).as("a compute again").isEqualTo("refused");
    assertThat(assignment(1).roles()).containsExactly(Role.BASE);
  }

  @Test
  void anImpossibleLayoutLeavesThatNodeDiscoveredWithTheReasonAndTheOthersGoOn() {
    bench.report(1);
    bench.report(2);
    List<Line> lines =
        apply(
            FIRST_IS_BASE.replaceFirst(
                "roles: \\[base]", "roles: [base]\n  disks: [{id: nonesuch, use: {os: all}}]"));
    assertThat(lines).extracting(Line::outcome).containsExactlyInAnyOrder("impossible", "assigned");
    Node stuck = bench.node(1);
    assertThat(stuck.state()).isEqualTo(NodeState.DISCOVERED);
    assertThat(stuck.reason()).contains("KSG-").contains("nonesuch");
    assertThat(bench.node(2).state()).isEqualTo(NodeState.ASSIGNED);
    apply(FIRST_IS_BASE);
    assertThat(bench.node(1).state()).isEqualTo(NodeState.ASSIGNED);
    assertThat(bench.node(1).reason()).isNull();
  }

  @Test
  void oneNodeMoreThanThereAreAddressesIsToldSo() {
    for (int machine = 1; machine <= 4; machine++) {
      bench.report(machine);
      bench.nodes.change(bench.node(machine).id(), n -> n.withLabels(java.util.Set.of("all")));
    }
    List<Line> lines = apply(NETWORKS + "nodes: [{match: {label: all}, roles: base}]");
    assertThat(lines.stream().filter(l -> l.outcome().equals("assigned"))).hasSize(3);
    assertThat(lines.stream().filter(l -> l.outcome().equals("impossible")))
        .singleElement()
        .satisfies(l -> assertThat(l.detail()).contains("APP-011").contains("management"));
  }

  @Test
  void aNameThatAnotherNodeHasIsRefused() {
    bench.report(1);
    bench.report(2);
    String taken = bench.node(2).name();
    assertThat(apply(FIRST_IS_BASE.replace("name: one", "name: " + taken)))
        .anySatisfy(line -> {
          assertThat(line.outcome()).isEqualTo("impossible");
          assertThat(line.detail()).contains("APP-005");
        });
  }

  @Test
  void aMachineThatReportsLaterIsAssignedThen() {
    apply(FIRST_IS_BASE);
    Node node = bench.report(1);
    bench.assigner.apply(bench.clusters.require(), node.id());
    assertThat(bench.node(1).state()).isEqualTo(NodeState.ASSIGNED);
  }

  @Test
  void withoutInterfacesAllNetworksAreOnTheBootNicOthersTagged() {
    bench.report(1);
    apply(FIRST_IS_BASE);
    var system = bench.plans.of(bench.clusters.require(), bench.node(1)).system();
    assertThat(system.network())
        .containsExactly(
            new Nic("nic0", Machines.mac(1), 9000, new Address("10.20.0.10/24", null)),
            new Vlan("vlan101", "nic0", 101, 9000, new Address("10.21.0.30/24", null)));
    assertThat(system.address()).isEqualTo("10.20.0.10");
  }

  @Test
  void managementStaysOnTheBootNicWhereInterfacesNameOnlyOtherNetworks() {
    bench.report(1);
    apply(
        FIRST_IS_BASE.replaceFirst(
            "roles: \\[base]", "roles: [base]\n  interfaces: {ens4: {networks: [storage]}}"));
    var system = bench.plans.of(bench.clusters.require(), bench.node(1)).system();
    assertThat(system.network())
        .containsExactly(
            new Nic("nic0", Machines.mac(1), null, new Address("10.20.0.10/24", null)),
            new Nic("nic1", "52:54:00:00:01:01", 9000, null),
            new Vlan("vlan1-101", "nic1", 101, 9000, new Address("10.21.0.30/24", null)));
  }

  @Test
  void twoNetworksWithoutVlanOnTheBootNicAreImpossible() {
    bench.report(1);
    String yaml =
        FIRST_IS_BASE
            .replace("vlan: 101, ", "")
            .replaceFirst("(?s)- match: .mac: .52:54:00:00:00:02.*", "")
            .replaceFirst(
                "roles: \\[base]", "roles: [base]\n  interfaces: {ens3: {networks: [storage]}}");
    assertThat(apply(yaml))
        .singleElement()
        .satisfies(line -> {
          assertThat(line.outcome()).isEqualTo("impossible");
          assertThat(line.detail()).contains("APP-007").contains("both without vlan");
        });
  }

  @Test
  void aMachineWithoutItsBootNicInTheReportIsToldWhatToGive() {
    bench.report(
        Machines.text(1)
            .replace(
                "\"bootInterface\": \"52:54:00:00:00:01\"",
                "\"bootInterface\": \"52:54:00:00:00:77\"")
            .replace(
                "\"bootInterface\":\"52:54:00:00:00:01\"",
                "\"bootInterface\":\"52:54:00:00:00:77\"")
            .getBytes(StandardCharsets.UTF_8));
    assertThat(apply(FIRST_IS_BASE))
        .anySatisfy(line -> assertThat(line.detail()).contains("interfaces:"));
  }
}
