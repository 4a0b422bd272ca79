package io.kindling.appliance.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.deploy.Deployer.Line;
import io.kindling.appliance.deploy.Deployer.Request;
import io.kindling.appliance.testing.Bench;
import io.kindling.appliance.testing.FakeInstaller;
import io.kindling.inventory.Event;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootStage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DeployerTest {
  private static final String CLUSTER =
      "nodes:\n- match: {mac: \"52:54:00:00:00:01\"}\n  name: one\n  roles: [base]\n"
          + "- match: {mac: \"52:54:00:00:00:02\"}\n  name: two\n  roles: [base]\n";
  private static final Request ALL = new Request(false, Set.of(), Set.of());
  private static final Request RESUME = new Request(true, Set.of(), Set.of());
  private static final Request REINSTALL = new Request(false, Set.of("one"), Set.of("one"));

  @TempDir Path state;
  private Bench bench;

  @BeforeEach
  void open() {
    Awaitility.setDefaultPollInterval(Duration.ofMillis(5));
    Awaitility.setDefaultPollDelay(Duration.ZERO);
    bench = new Bench(state);
    bench.report(1);
    bench.keep(CLUSTER);
  }

  @AfterEach
  void close() {
    Awaitility.reset();
    bench.close();
  }

  private Line order(Request request) {
    return bench.deployer.deploy(request).stream()
        .filter(line -> line.node().equals("one"))
        .findFirst()
        .orElseThrow();
  }

  private Node awaitState(int machine, NodeState wanted) {
    await().until(() -> bench.node(machine).state() == wanted);
    return bench.node(machine);
  }

  private BootAnswer bootAnswer() {
    return bench.decisions.answer(bench.address(1), BootStage.SCRIPT);
  }

  @Test
  void deployingAssignsInstallsAndEndsProvisionedOnItsOwnDisk() {
    List<Line> lines = bench.deployer.deploy(ALL);
    assertThat(lines)
        .extracting(Line::node, Line::outcome)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("one", "started"),
            org.assertj.core.groups.Tuple.tuple("two", "waiting"));
    Node node = awaitState(1, NodeState.PROVISIONED);
    assertThat(node.assignment().onDisk()).isTrue();
    assertThat(node.assignment().hostKey()).isEqualTo(FakeInstaller.HOST_KEY);
    assertThat(node.stage()).isNull();
    assertThat(bootAnswer()).isInstanceOf(BootAnswer.OwnDisk.class);
    var plan = bench.installer.plans.getFirst();
    assertThat(plan.system().hostName()).isEqualTo("one");
    assertThat(java.util.Objects.requireNonNull(plan.image()).url())
        .startsWith("http://10.20.0.1:8000/agent/v1/image/");
    assertThat(plan.script()).contains("sfdisk");
    assertThat(bench.events.last(100))
        .extracting(Event::kind)
        .contains("install-started", "task-started", "node-provisioned");
    assertThat(order(ALL).outcome()).isEqualTo("done");
    assertThat(bench.installer.plans).hasSize(1);
  }

  @Test
  void aNodeBeingInstalledShowsItsTaskAndIsNotStartedTwice() {
    CountDownLatch gate = bench.installer.hold();
    bench.deployer.deploy(ALL);
    await().until(() -> bench.deployer.progress(bench.node(1).id()).isPresent());
    await().until(() -> "wipe".equals(bench.node(1).stage()));
    assertThat(bench.node(1).state()).isEqualTo(NodeState.PROVISIONING);
    assertThat(order(ALL).outcome()).isEqualTo("running");
    assertThat(order(REINSTALL).detail()).contains("APP-025");
    gate.countDown();
    awaitState(1, NodeState.PROVISIONED);
    assertThat(bench.installer.plans).hasSize(1);
  }

  @Test
  void aFailureEndsInErrorWithStageAndReason() {
    bench.installer.fail("image", "INS-012", "the archive is damaged");
    bench.deployer.deploy(ALL);
    Node node = awaitState(1, NodeState.ERROR);
    assertThat(node.stage()).isEqualTo("image");
    assertThat(node.reason()).isEqualTo("INS-012 the archive is damaged");
    Line again = order(ALL);
    assertThat(again.outcome()).isEqualTo("refused");
    assertThat(again.detail()).contains("APP-009").contains("--resume");
  }

  @Test
  void resumingKeepsTheAttemptAndAnOrderRightAfterTheFailureIsNeverLost() {
    bench.installer.fail("image", "INS-012", "the archive is damaged");
    bench.deployer.deploy(ALL);
    for (int i = 2; i < 20; i++) {
      int times = i;
      awaitState(1, NodeState.ERROR);
      assertThat(order(RESUME).outcome()).isEqualTo("started");
      await().until(() -> bench.installer.plans.size() == times);
    }
    awaitState(1, NodeState.ERROR);
    bench.installer.succeed();
    order(RESUME);
    awaitState(1, NodeState.PROVISIONED);
    assertThat(bench.installer.plans).extracting(p -> p.attempt()).containsOnly(1);
    assertThat(bench.installer.plans)
        .extracting(p -> p.disks())
        .containsOnly(bench.installer.plans.getFirst().disks());
  }

  @Test
  void reinstallingIsANewAttemptThatBootsTheBootstrapAgain() {
    bench.deployer.deploy(ALL);
    Node first = awaitState(1, NodeState.PROVISIONED);
    CountDownLatch gate = bench.installer.hold();
    assertThat(order(REINSTALL).outcome()).isEqualTo("started");
    Node again = bench.node(1);
    assertThat(again.assignment().attempt()).isEqualTo(2);
    assertThat(again.assignment().onDisk()).isFalse();
    assertThat(again.assignment().hostKey()).isNull();
    assertThat(again.assignment().addresses()).isEqualTo(first.assignment().addresses());
    assertThat(bootAnswer()).isInstanceOf(BootAnswer.Bootstrap.class);
    gate.countDown();
    awaitState(1, NodeState.PROVISIONED);
    assertThat(bench.installer.plans).extracting(p -> p.attempt()).containsExactly(1, 2);
    assertThat(bench.installer.plans.get(1).disks())
        .isNotEqualTo(bench.installer.plans.get(0).disks());
  }

  @Test
  void reinstallingWithoutAnImageLeavesTheInstalledNodeAlone() {
    bench.deployer.deploy(ALL);
    Node before = awaitState(1, NodeState.PROVISIONED);
    bench.images.image = Optional.empty();
    assertThatThrownBy(() -> order(REINSTALL))
        .isInstanceOfSatisfying(
            ApplianceException.class, e -> assertThat(e.error().id()).isEqualTo("APP-010"));
    assertThat(bench.node(1)).isEqualTo(before);
    assertThat(bootAnswer()).isInstanceOf(BootAnswer.OwnDisk.class);
  }

  @Test
  void deployingWithoutAnImageIsANamedErrorAndNoStateChanges() {
    bench.images.image = Optional.empty();
    assertThatThrownBy(() -> order(ALL)).isInstanceOf(ApplianceException.class);
    assertThat(bench.node(1).state()).isEqualTo(NodeState.ASSIGNED);
  }

  @Test
  void aNodeBeingInstalledWhenTheApplianceEndsGoesOnAfterTheStart() {
    bench.installer.hold();
    bench.deployer.deploy(ALL);
    await().until(() -> "wipe".equals(bench.node(1).stage()));
    Deployer old = bench.deployer;
    bench.restartDeployer();
    await().until(() -> old.running() == 0);
    assertThat(bench.node(1).state()).isEqualTo(NodeState.PROVISIONING);
    bench.installer.hold().countDown();
    bench.deployer.resumeAfterStart();
    awaitState(1, NodeState.PROVISIONED);
    assertThat(bench.installer.plans).extracting(p -> p.attempt()).containsExactly(1, 1);
    assertThat(bench.events.last(100)).extracting(Event::kind).contains("install-resumed");
  }

  @Test
  void aRoleChangedAfterTheInstallationIsRefusedAndNotCalledDone() {
    bench.deployer.deploy(ALL);
    awaitState(1, NodeState.PROVISIONED);
    bench.keep(CLUSTER.replaceFirst("\\[base]", "[ceph-osd]"));
    Line line = order(ALL);
    assertThat(line.outcome()).isEqualTo("refused");
    assertThat(line.detail()).contains("APP-008");
    assertThat(bench.installer.plans).hasSize(1);
  }

  @Test
  void anAssignedNodeWhoseNewLayoutIsImpossibleIsNotInstalledByTheOldOne() {
    bench.assigner.apply(bench.clusters.require(), false);
    bench.keep(
        CLUSTER.replaceFirst(
            "roles: \\[base]", "roles: [base]\n  disks: [{id: nonesuch, use: {os: all}}]"));
    Line line = order(ALL);
    assertThat(line.outcome()).isEqualTo("waiting");
    assertThat(line.detail()).contains("nonesuch");
    assertThat(bench.node(1).state()).isEqualTo(NodeState.ASSIGNED);
    assertThat(bench.installer.plans).isEmpty();
  }

  @Test
  void onlyTheNodesNamedAreDeployedAndAnUnknownNameStopsTheOrder() {
    bench.report(2);
    assertThat(bench.deployer.deploy(ALL)).hasSize(2);
    assertThatThrownBy(
            () -> bench.deployer.deploy(new Request(false, Set.of(), Set.of("one", "three"))))
        .isInstanceOfSatisfying(
            ApplianceException.class, e -> assertThat(e.error().id()).isEqualTo("APP-004"));
    awaitState(1, NodeState.PROVISIONED);
    awaitState(2, NodeState.PROVISIONED);
    assertThat(bench.deployer.deploy(new Request(false, Set.of(), Set.of("two"))))
        .singleElement()
        .satisfies(line -> assertThat(line.node()).isEqualTo("two"));
  }

  @Test
  void whatThisVersionDoesNotDoForARoleIsSaidPlainly() {
    bench.keep(
        CLUSTER.replaceFirst(
            "\\[base]", "[ceph-osd]\n  disks: [{id: vda, use: {os: all}}, {id: sda, keep: true}]"));
    assertThat(bench.deployer.deploy(ALL).toString()).contains("installation ordered");
    awaitState(1, NodeState.PROVISIONED);
    assertThat(order(ALL).detail()).contains("not yet the services of ceph-osd");
  }

  @Test
  void pausingStopsWhatRunsAndBeginsNothingUntilTheNextOrder() {
    var begun = new java.util.concurrent.atomic.AtomicInteger();
    bench.phases = new Stopping(begun, Optional.empty());
    bench.restartDeployer();
    bench.installer.hold();
    bench.deployer.deploy(ALL);
    await().until(() -> "wipe".equals(bench.node(1).stage()));
    int before = begun.get();
    assertThat(bench.deployer.pause())
        .contains(
            new Line("one", "stopping", "its installation"), new Line("two", "stopping", "ceph"));
    Node node = awaitState(1, NodeState.ERROR);
    assertThat(node.reason()).startsWith("INS-007 ");
    await().until(() -> bench.deployer.running() == 0);
    assertThat(begun).hasValue(before);
    bench.installer.hold().countDown();
    assertThat(order(RESUME).outcome()).isEqualTo("started");
    awaitState(1, NodeState.PROVISIONED);
    await().until(() -> begun.get() == before + 2);
    assertThat(bench.installer.plans).extracting(p -> p.attempt()).containsOnly(1);
  }

  @Test
  void aNodeThatStoppedInAPhaseIsLeftOutUntilItIsTakenInByName() {
    bench.deployer.deploy(ALL);
    awaitState(1, NodeState.PROVISIONED);
    bench.phases = new Stopping(new java.util.concurrent.atomic.AtomicInteger(), Optional.empty());
    bench.restartDeployer();
    Request skip = new Request(false, Set.of(), Set.of(), Set.of(), false, Set.of("one"));
    assertThat(order(skip).detail()).startsWith("APP-069 ").contains("did not stop in a phase");

    bench.nodes.change(
        bench.node(1).id(), n -> n.withState(NodeState.ERROR, "ceph/osds", "CEPH-008 no"));
    assertThat(order(skip).outcome()).isEqualTo("waiting");
    assertThat(bench.node(1).stage()).isEqualTo(Phases.LEFT_OUT);
    assertThat(bench.node(1).reason()).isEqualTo("CEPH-008 no");
    // Neither an order for all nor going on with all takes it in.
    assertThat(order(ALL).detail()).contains("left out");
    assertThat(order(RESUME).detail()).contains("left out");
    assertThat(bench.node(1).stage()).isEqualTo(Phases.LEFT_OUT);
    assertThat(order(new Request(true, Set.of(), Set.of("one"))).detail()).contains("taken in");
    assertThat(bench.node(1).state()).isEqualTo(NodeState.PROVISIONED);
    assertThat(bench.installer.plans).hasSize(1);

    bench.phases =
        new Stopping(
            new java.util.concurrent.atomic.AtomicInteger(), Optional.of("ceph waits for one"));
    bench.restartDeployer();
    bench.nodes.change(
        bench.node(1).id(), n -> n.withState(NodeState.ERROR, "ceph/osds", "CEPH-008 no"));
    assertThat(order(skip).outcome()).isEqualTo("refused");
    assertThat(order(skip).detail()).startsWith("APP-069 ").contains("ceph waits for one");
    assertThat(bench.node(1).stage()).isEqualTo("ceph/osds");
  }

  /// Phases that say who is needed.
  private record Stopping(java.util.concurrent.atomic.AtomicInteger begun, Optional<String> needed)
      implements Phases {
    @Override
    public List<Line> begin() {
      begun.incrementAndGet();
      return List.of();
    }

    @Override
    public boolean follow(Node node) {
      return true;
    }

    @Override
    public boolean stopped(Node node) {
      return node.stage() != null && node.stage().startsWith("ceph/");
    }

    @Override
    public Optional<String> needs(Node node) {
      return needed;
    }

    @Override
    public List<Line> pause() {
      return List.of(new Line("two", "stopping", "ceph"));
    }
  }

  @Test
  void phasesBeginAfterAnInstallationAndAnswerForInstalledNodes() {
    var begun = new java.util.concurrent.atomic.AtomicInteger();
    bench.phases =
        new Phases() {
          @Override
          public List<Line> begin() {
            begun.incrementAndGet();
            return List.of(new Line("one", "started", "ceph"));
          }

          @Override
          public boolean follow(Node node) {
            return node.name().equals("one");
          }

          @Override
          public boolean stopped(Node node) {
            return "ceph/osds".equals(node.stage());
          }
        };
    bench.restartDeployer();
    List<Line> lines = bench.deployer.deploy(ALL);
    assertThat(lines).contains(new Line("one", "started", "installation ordered, attempt 1"));
    assertThat(bench.deployer.followed(lines)).containsExactly("one");
    awaitState(1, NodeState.PROVISIONED);
    await().until(() -> begun.get() == 2);
    assertThat(order(ALL)).isEqualTo(new Line("one", "started", "ceph"));

    // A node that stopped in a phase is not installed again, and needs no --resume.
    bench.nodes.change(
        bench.node(1).id(), n -> n.withState(NodeState.ERROR, "ceph/osds", "CEPH-008"));
    assertThat(order(ALL)).isEqualTo(new Line("one", "started", "ceph"));
    assertThat(bench.installer.plans).hasSize(1);

    bench.put(1, NodeState.DEPLOYING);
    assertThat(order(REINSTALL).detail()).contains("APP-025");
  }
}
