package io.kindling.appliance.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.testing.Bench;
import io.kindling.inventory.NodeState;
import io.kindling.postinstall.engine.Finding;
import io.kindling.postinstall.net.NetPlan;
import io.kindling.postinstall.net.NetPlan.Lane;
import io.kindling.postinstall.net.NetReport;
import io.kindling.postinstall.net.NetReport.Fault;
import io.kindling.postinstall.net.NetReport.Matrix;
import io.kindling.postinstall.net.NetReport.Port;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// From the cluster file and the reports to what is probed, and what is kept of the result.
class NetVerifyingTest {

  private static final String CLUSTER =
      """
      ntp: [appliance, time.example]
      dns: [10.20.0.1]
      networks:
        management: {cidr: 10.20.0.0/24, nodes: 10.20.0.10-10.20.0.12, vip: 10.20.0.5}
        storage: {cidr: 10.21.0.0/24, vlan: 101, mtu: 9000, nodes: 10.21.0.30-10.21.0.39}
        tenant: {cidr: 10.23.0.0/24, gateway: 10.23.0.1, nodes: 10.23.0.30-10.23.0.39}
        public: {cidr: 192.0.2.0/24}
      nodes:
      - match: {mac: "52:54:00:00:00:01"}
        name: one
        roles: [base]
        interfaces:
          bond0: {of: [{speed: 25000}], bond: lacp, networks: [storage]}
          ten: {of: {name: eno2}, bridge: br-ten, networks: tenant}
      """;

  @TempDir private Path state;
  private Bench bench;
  private NetVerifying verifying;
  private NetPlan asked;
  private NetReport answer;

  @BeforeEach
  void open() {
    bench = new Bench(state);
    bench.report(NodeNetworkTest.MACHINE.getBytes(StandardCharsets.UTF_8));
    answer = new NetReport(bench.clock.instant(), 9, List.of(), List.of());
    verifying =
        verifying(plan -> {
          asked = plan;
          return answer;
        });
  }

  private NetVerifying verifying(NetVerifying.Probes probes) {
    return new NetVerifying(
        bench.nodes,
        bench.events,
        bench.clusters,
        bench.plans,
        bench.provisioning,
        probes,
        state,
        bench.clock);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private void assign() {
    bench.assigner.apply(bench.keep(CLUSTER), false);
    assertThat(bench.node(1).state()).isEqualTo(NodeState.ASSIGNED);
  }

  @Test
  void eachMemberOfABondToBeIsAPortOfItsOwnWithItsSwitch() throws Exception {
    assign();
    verifying.verify();
    NetPlan.Node node = asked.nodes().getFirst();
    assertThat(node.change()).isTrue();
    assertThat(node.lanes())
        .extracting(Lane::network, Lane::nic, Lane::mac, Lane::address, Lane::bond, Lane::far)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(
                "management", "eno1", "52:54:00:00:00:01", "10.20.0.10", null, null),
            org.assertj.core.groups.Tuple.tuple(
                "storage", "fast0", "52:54:00:00:00:03", "10.21.0.30", "bond0", "leaf-1 swp7"),
            org.assertj.core.groups.Tuple.tuple(
                "storage", "fast1", "52:54:00:00:00:04", "10.21.0.30", "bond0", "cc:dd swp7"),
            org.assertj.core.groups.Tuple.tuple(
                "tenant", "eno2", "52:54:00:00:00:02", "10.23.0.30", null, null));
    assertThat(node.lanes()).extracting(Lane::id).doesNotHaveDuplicates();
    assertThat(node.lanes().stream().filter(Lane::standard))
        .extracting(Lane::network)
        .containsExactly("tenant");
  }

  @Test
  void networksComeWithTagMtuVipAndTheDhcpServerThatBelongsThere() throws Exception {
    assign();
    verifying.verify();
    assertThat(asked.networks())
        .contains(
            new NetPlan.Network(
                "management",
                0,
                1500,
                null,
                List.of("10.20.0.5"),
                new NetPlan.Dhcp.Appliance("10.20.0.1")),
            new NetPlan.Network("storage", 101, 9000, null, List.of(), new NetPlan.Dhcp.Nobody()),
            new NetPlan.Network(
                "tenant", 0, 1500, "10.23.0.1", List.of(), new NetPlan.Dhcp.Nobody()));
    assertThat(asked.dns()).containsExactly("10.20.0.1");
    assertThat(asked.ntp()).containsExactly("10.20.0.1", "time.example");
  }

  @Test
  void aMachineInTheBootstrapIsReachedThereAsRoot() throws Exception {
    assign();
    verifying.verify();
    assertThat(asked.nodes().getFirst().host()).isEmpty(); // it has not spoken yet
    bench.board.spokeFrom(bench.node(1).id(), "10.20.0.101");
    verifying.verify();
    var host = asked.nodes().getFirst().host().orElseThrow();
    assertThat(host.address()).isEqualTo("10.20.0.101");
    assertThat(host.user()).isEqualTo("root");
    assertThat(host.hostKeys()).singleElement().asString().startsWith("ssh-ed25519 ");
  }

  @Test
  void anInstalledSystemIsReachedAtItsOwnAddressItsBondIsOnePortAndNothingIsChanged()
      throws Exception {
    assign();
    bench.nodes.change(
        bench.node(1).id(),
        n ->
            n.withAssignment(java.util.Objects.requireNonNull(n.assignment()).installed("k AAAA"))
                .withState(NodeState.PROVISIONED, null, null));
    verifying.verify();
    NetPlan.Node node = asked.nodes().getFirst();
    assertThat(node.change()).isFalse();
    assertThat(node.host().orElseThrow().address()).isEqualTo("10.20.0.10");
    assertThat(node.host().orElseThrow().user()).isEqualTo(InstallPlans.ADMIN_USER);
    assertThat(node.lanes().stream().filter(l -> l.network().equals("storage"))).hasSize(1);
  }

  @Test
  void aMachineThatIsBeingInstalledIsLeftAlone() throws Exception {
    assign();
    bench.board.spokeFrom(bench.node(1).id(), "10.20.0.101");
    bench.put(1, NodeState.PROVISIONING);
    verifying.verify();
    assertThat(asked.nodes().getFirst().host()).isEmpty();
  }

  @Test
  void theLastResultIsKeptOverARestartAndShownWithItsAge() throws Exception {
    assign();
    assertThat(verifying.last()).isEmpty();
    answer =
        new NetReport(
            bench.clock.instant(),
            9,
            List.of(
                new Matrix(
                    "storage",
                    101,
                    9000,
                    List.of(new Port("one", "fast0", "52:54:00:00:00:03", null, "10.21.0.30")),
                    List.of("."))),
            List.of(
                new Fault(
                    "storage",
                    List.of("one fast0"),
                    new Finding("NET-003", "No link.", "one fast0", "See to it."))));
    assertThat(verifying.verify().good()).isFalse();
    bench.clock.advance(Duration.ofMinutes(5));
    NetVerifying.Verified last =
        verifying(
                plan -> {
                  throw new AssertionError("not now");
                })
            .last()
            .orElseThrow();
    assertThat(last.ageSeconds()).isEqualTo(300);
    assertThat(last.networks()).isEqualTo(answer.networks());
    assertThat(last.faults()).isEqualTo(answer.faults());
    assertThat(bench.events.last(1).getFirst().text())
        .isEqualTo("1 nodes, 1 networks, 1 findings: NET-003 one fast0");
  }

  @Test
  void aDamagedResultIsAsGoodAsNone() throws Exception {
    Files.writeString(state.resolve(NetVerifying.FILE), "{\"at\": ");
    assertThat(verifying.last()).isEmpty();
  }

  @Test
  void withoutAClusterOrNodesThereIsNothingToVerify() {
    for (Runnable before : List.<Runnable>of(() -> {}, () -> bench.keep(CLUSTER))) {
      before.run();
      assertThatThrownBy(() -> verifying.verify())
          .isInstanceOfSatisfying(
              ApplianceException.class,
              e -> assertThat(e.error()).isEqualTo(ApplianceError.NO_CLUSTER));
    }
  }

  @Test
  void oneVerificationRunsAtATime() throws Exception {
    assign();
    var begun = new CountDownLatch(1);
    var end = new CountDownLatch(1);
    verifying =
        verifying(plan -> {
          begun.countDown();
          end.await();
          return answer;
        });
    var first = bench.threads.submit(() -> verifying.verify());
    begun.await();
    assertThatThrownBy(() -> verifying.verify())
        .isInstanceOfSatisfying(
            ApplianceException.class, e -> assertThat(e.error()).isEqualTo(ApplianceError.BUSY));
    end.countDown();
    assertThat(first.get().good()).isTrue();
  }
}
