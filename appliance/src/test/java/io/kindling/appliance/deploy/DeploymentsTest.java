package io.kindling.appliance.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.deploy.Deployments.Deployment;
import io.kindling.appliance.deploy.Deployments.PhaseView;
import io.kindling.appliance.deploy.Deployments.TaskView;
import io.kindling.appliance.testing.Bench;
import io.kindling.appliance.testing.Machines;
import io.kindling.inventory.Credentials;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.postinstall.MemoryOutcomeStore;
import io.kindling.postinstall.Outcome;
import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.RunReport;
import io.kindling.postinstall.engine.Scope;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeploymentsTest {
  private static final String FILE =
      "nodes:\n- match: {mac: \"52:54:00:00:00:01\"}\n  name: one\n  roles: [base]\n"
          + "- match: {mac: \"52:54:00:00:00:02\"}\n  name: two\n  roles: [base]\n";

  @TempDir Path state;
  private final MemoryOutcomeStore outcomes = new MemoryOutcomeStore();
  private Bench bench;
  private Pace pace;
  private List<Graph> graphs = List.of();
  private boolean running;

  private final Phases phases =
      new Phases() {
        @Override
        public List<Deployer.Line> begin() {
          return List.of();
        }

        @Override
        public boolean follow(Node node) {
          return !graphs.isEmpty();
        }

        @Override
        public boolean stopped(Node node) {
          return node.state() == NodeState.ERROR
              && node.stage() != null
              && node.stage().contains("/");
        }
      };

  private final Deployments.PhaseRun run =
      new Deployments.PhaseRun() {
        @Override
        public List<Graph> graphs() {
          return graphs;
        }

        @Override
        public boolean running() {
          return running;
        }

        @Override
        public Pace pace() {
          return pace;
        }
      };

  @BeforeEach
  void open() {
    bench = new Bench(state);
    pace = new Pace(bench.settings, bench.clock);
    bench.report(1);
    bench.report(2);
    bench.assigner.apply(bench.keep(FILE), false);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private Deployment now() {
    return new Deployments(bench.nodes, outcomes, bench.deployer, phases, run).now();
  }

  private void outcome(int node, String task, Outcome.Status status) {
    outcomes.record(
        new Outcome(
            bench.node(node).id(),
            1,
            task,
            status,
            bench.clock.instant(),
            status == Outcome.Status.FAILED ? "INS-005 too long" : "",
            Map.of()));
  }

  private void put(int node, NodeState state, String stage, String reason) {
    bench.nodes.change(bench.node(node).id(), n -> n.withState(state, stage, reason));
  }

  private static List<String> states(PhaseView phase) {
    return phase.tasks().stream().map(t -> t.task() + " " + t.state()).toList();
  }

  @Test
  void whatIsOrderedByNobodyYetWaits() {
    Deployment deployment = now();
    assertThat(deployment.running()).isFalse();
    assertThat(deployment.percent()).isZero();
    assertThat(deployment.remainingSeconds()).isNull();
    assertThat(deployment.phases())
        .singleElement()
        .extracting(PhaseView::state)
        .isEqualTo("waiting");
    assertThat(deployment.nodes()).hasSize(2);
  }

  @Test
  void aMachineThatCameWithItsOwnSystemHasNothingToInstall() {
    bench.inventory.report(
        Machines.joining("1".repeat(32), "host-1", "ssh-ed25519 AAAA", "10.20.0.99"),
        new Credentials.Invitation(any -> true));
    String rule = "- match: {name: host-1}\n  roles: [base]\n";
    bench.assigner.apply(bench.keep(FILE + rule), false);
    for (int node : List.of(1, 2)) {
      outcome(node, "check-disks", Outcome.Status.DONE);
      put(node, NodeState.PROVISIONED, null, null);
    }
    PhaseView install = now().phases().getFirst();
    assertThat(install.state()).isEqualTo("done");
    assertThat(install.done()).isEqualTo(3);
    assertThat(states(install)).containsExactly("check-disks done");
  }

  @Test
  void theTimeLeftIsThatOfLikeSteps() {
    for (String task : List.of("check-disks", "wipe", "image", "reboot")) {
      bench.clock.advance(Duration.ofSeconds(task.equals("image") ? 90 : 10));
      outcome(1, task, Outcome.Status.DONE);
    }
    put(1, NodeState.PROVISIONED, null, null);
    outcome(2, "check-disks", Outcome.Status.DONE);
    outcome(2, "wipe", Outcome.Status.STARTED);
    put(2, NodeState.PROVISIONING, "wipe", null);
    Deployment deployment = now();
    assertThat(deployment.running()).isTrue();
    assertThat(deployment.remainingSeconds()).isEqualTo(110);
    PhaseView install = deployment.phases().getFirst();
    assertThat(states(install))
        .containsExactly("check-disks done", "wipe running", "image waiting", "reboot waiting");
    assertThat(install.done()).isEqualTo(1);
    assertThat(deployment.percent()).isEqualTo(50);
  }

  @Test
  void aFailureIsToldWithItsTaskAndItsCure() {
    outcome(1, "wipe", Outcome.Status.FAILED);
    put(1, NodeState.ERROR, "wipe", "INS-005 too long");
    Deployment deployment = now();
    assertThat(deployment.phases().getFirst().state()).isEqualTo("failed");
    assertThat(deployment.phases().getFirst().tasks().getFirst().hosts())
        .filteredOn(h -> h.state().equals("failed"))
        .singleElement()
        .matches(h -> h.node().equals("one") && h.detail().equals("INS-005 too long"));
    assertThat(deployment.nodes().getFirst().cure()).contains("then resume");
    // Where the reason says it itself, it is not said twice.
    put(1, NodeState.ERROR, "wipe", "INS-007 stopped. Resume it when wanted.");
    assertThat(now().nodes().getFirst().cure()).isEmpty();
    assertThat(now().nodes().getFirst().paused()).isTrue();
    assertThat(now().phases().getFirst().state()).isEqualTo("waiting");
  }

  @Test
  void aRunCountsOnlyWhatItHasBegunItself() {
    graphs =
        List.of(
            new Graph(
                "ceph",
                List.of(
                    GraphTask.of(
                        "base", "packages", Scope.parallel(List.of("one", "two")), h -> List.of()),
                    GraphTask.of(
                        "quorum",
                        "quorum",
                        Scope.once(List.of("one", "two")),
                        h -> List.of(),
                        "base")),
                List.of()));
    for (int node : List.of(1, 2)) {
      put(node, NodeState.DEPLOYING, "ceph/base", null);
      outcome(node, "ceph/base", Outcome.Status.DONE);
    }
    outcome(1, "ceph/quorum", Outcome.Status.DONE);
    running = true;
    pace.begins("ceph/base");
    PhaseView ceph = now().phases().getLast();
    assertThat(states(ceph)).containsExactly("base done", "quorum waiting");
    assertThat(ceph.tasks())
        .extracting(TaskView::after)
        .containsExactly(List.of(), List.of("base"));
    running = false;
    assertThat(states(now().phases().getLast())).containsExactly("base done", "quorum done");
    put(2, NodeState.ERROR, "ceph/osds", "CPH-001 x");
    assertThat(now().phases().getLast().state()).isEqualTo("failed");
    assertThat(now().nodes().getLast().phase()).isTrue();
  }

  @Test
  void phasesThatFollowEachOtherAreShownInTheirOrder() {
    graphs = List.of(graph("firewall", "rules"), graph("ceph", "base"), graph("openstack", "base"));
    put(1, NodeState.DEPLOYING, "ceph/base", null);
    put(2, NodeState.DEPLOYING, "ceph/base", null);
    outcome(1, "firewall/rules", Outcome.Status.DONE);
    outcome(2, "firewall/rules", Outcome.Status.FAILED);
    outcome(1, "openstack/base", Outcome.Status.DONE); // a former run's
    running = true;
    List.of("firewall/rules", "ceph/base").forEach(pace::begins);
    assertThat(now().phases().stream().skip(1).map(p -> p.phase() + " " + p.state()))
        .containsExactly("firewall done", "ceph running", "openstack waiting");
    assertThat(states(now().phases().getLast())).containsExactly("base waiting");

    running = false;
    put(1, NodeState.ERROR, "openstack/base", "OST-001 x");
    for (int node : List.of(1, 2)) {
      outcome(node, "firewall/rules", Outcome.Status.DONE);
      outcome(node, "ceph/base", Outcome.Status.DONE);
    }
    assertThat(now().phases().stream().skip(1).map(p -> p.phase() + " " + p.state()))
        .containsExactly("firewall done", "ceph done", "openstack failed");
  }

  @Test
  void theTimeLeftOfPhasesIsInProportionToWhatTheyTookEarlier() {
    graphs = List.of(graph("firewall", "rules"), graph("ceph", "base"), graph("ceph2", "osds"));
    put(1, NodeState.DEPLOYING, "firewall/rules", null);
    put(2, NodeState.DEPLOYING, "firewall/rules", null);
    running = true;
    pace.begins();
    assertThat(now().remainingSeconds()).as("nothing is known").isNull();
    bench.clock.advance(Duration.ofSeconds(10));
    pace.ends("firewall/rules", took(10, RunReport.Status.CHANGED));
    assertThat(now().remainingSeconds()).as("two like it").isEqualTo(20);
    bench.clock.advance(Duration.ofSeconds(5));
    assertThat(now().remainingSeconds()).as("it is got on with").isEqualTo(15);
    bench.clock.advance(Duration.ofSeconds(85));
    pace.ends("ceph/base", took(90, RunReport.Status.CHANGED));
    bench.clock.advance(Duration.ofSeconds(50));
    pace.ends("ceph2/osds", took(50, RunReport.Status.CHANGED));
    assertThat(now().remainingSeconds()).isZero();
    pace.ends();

    pace = new Pace(bench.settings, bench.clock); // the appliance started anew
    pace.begins();
    assertThat(now().remainingSeconds()).as("as the last time").isEqualTo(150);
    bench.clock.advance(Duration.ofSeconds(1));
    pace.ends("firewall/rules", took(1, RunReport.Status.UNCHANGED));
    assertThat(now().remainingSeconds()).as("ten times as fast").isEqualTo(14);
    running = false;
    assertThat(now().remainingSeconds()).isNull();
  }

  private static RunReport.TaskReport took(int seconds, RunReport.Status status) {
    Duration took = Duration.ofSeconds(seconds);
    var host = new RunReport.HostReport("one", status, List.of(), null, took);
    return new RunReport.TaskReport("task", "task", List.of(host), null, took);
  }

  private static Graph graph(String phase, String task) {
    return new Graph(
        phase,
        List.of(GraphTask.of(task, task, Scope.parallel(List.of("one", "two")), h -> List.of())),
        List.of());
  }
}
