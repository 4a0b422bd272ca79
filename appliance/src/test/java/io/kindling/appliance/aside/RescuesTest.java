package io.kindling.appliance.aside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.deploy.Deployer;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.Role;
import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootStage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RescuesTest {
  private static final String KEY = "ssh-ed25519 " + "A".repeat(68) + " ann";

  @TempDir Path state;
  private AsideBench aside;

  @BeforeEach
  void open() {
    aside = new AsideBench(state);
    aside.bench.report(1);
  }

  @AfterEach
  void close() {
    aside.close();
  }

  private String begin(boolean yes, String... keys) {
    return aside.rescues.begin(
        aside.node().id(), new Rescues.Request(List.of(keys), false, yes), n -> {});
  }

  private void installed() {
    aside.bench.nodes.change(
        aside.node().id(),
        n ->
            n.withAssignment(
                    new Assignment(1, Set.of(Role.BASE), Map.of(), "[]", true, "key", null))
                .withState(NodeState.READY, "stage", "reason"));
  }

  private void refused(ApplianceError error, boolean yes) {
    Node before = aside.node();
    assertThatThrownBy(() -> begin(yes))
        .isInstanceOfSatisfying(
            ApplianceException.class, e -> assertThat(e.error()).isEqualTo(error));
    assertThat(aside.node()).isEqualTo(before);
  }

  @Test
  void aReadyNodeBootsTheBootstrapStaysThereAndIsWhatItWasAfterwards() {
    installed();
    assertThat(aside.answer(BootStage.SCRIPT)).isInstanceOf(BootAnswer.OwnDisk.class);
    assertThat(begin(true)).contains("next boot over the network ends in the bootstrap");
    assertThat(aside.node().state()).isEqualTo(NodeState.RESCUE);
    for (BootStage stage : BootStage.values()) {
      assertThat(aside.answer(stage)).isInstanceOf(BootAnswer.Bootstrap.class);
    }
    assertThat(aside.reports().reason()).contains("ssh root@10.20.0.100", "by the appliance's key");
    assertThat(aside.machine.ran).isEmpty(); // nothing is done to it
    aside.reports(); // as often as it likes
    assertThat(aside.kinds()).containsOnlyOnce("node-rescued");

    assertThat(aside.rescues.end(aside.node().id(), n -> {})).contains("ready again", "restarted");
    Node after = aside.node();
    assertThat(after.state()).isEqualTo(NodeState.READY);
    assertThat(after.stage()).isEqualTo("stage");
    assertThat(after.reason()).isEqualTo("reason");
    assertThat(after.assignment()).isNotNull();
    assertThat(aside.machine.ran).containsExactly("root@10.20.0.100 restart");
    assertThat(aside.answer(BootStage.SCRIPT)).isInstanceOf(BootAnswer.OwnDisk.class);
  }

  @Test
  void aSystemIsNotStoppedUnlessThatIsMeant() {
    installed();
    refused(ApplianceError.WOULD_STOP, false);
    begin(true);
    assertThat(aside.node().state()).isEqualTo(NodeState.RESCUE);
  }

  @Test
  void aMachineThatIsInTheBootstrapIsThereAtOnceAndAnOperatorsKeyIsLetIn() {
    aside.reports();
    assertThat(begin(false, KEY)).contains("is in the bootstrap and stays there");
    assertThat(aside.machine.ran).containsExactly("root@10.20.0.100 let in");
    assertThat(aside.machine.scripts.getFirst()).startsWith("KEYS='" + KEY + "'\n");
    assertThat(aside.node().reason()).contains("by your key or the appliance's");
    aside.rescues.end(aside.node().id(), n -> {});
    assertThat(aside.node().state()).isEqualTo(NodeState.DISCOVERED);
    assertThat(aside.machine.ran).last().isEqualTo("root@10.20.0.100 restart"); // the key goes
  }

  @Test
  void aKeyIsLetInLaterWhereTheMachineDidNotAnswerYet() {
    aside.machine.answers = false;
    aside.reports();
    begin(false, KEY);
    assertThat(aside.rescues.wantsReport(aside.node())).isTrue();
    aside.machine.answers = true;
    aside.reports();
    assertThat(aside.machine.ran).containsExactly("root@10.20.0.100 let in");
    assertThat(aside.node().reason()).contains("by your key or the appliance's");
    assertThat(aside.rescues.wantsReport(aside.node())).isFalse();
  }

  @Test
  void aKeyThatWasNotLetInIsSaid() {
    aside.reports();
    aside.machine.ends.add(new ExitStatus.Exited(1));
    begin(false, KEY);
    assertThat(aside.node().reason()).contains("your key was not let in: INS-006");
    assertThat(aside.node().state()).isEqualTo(NodeState.RESCUE);
  }

  @ParameterizedTest
  @EnumSource(names = {"PROVISIONING", "DEPLOYING", "WIPING", "RESCUE"})
  void aNodeThatIsWorkedOnIsNotTakenAside(NodeState busy) {
    aside.bench.put(1, busy);
    refused(ApplianceError.BUSY, true);
  }

  @Test
  void aNodeInDoubtIsNotTakenAside() {
    aside.bench.put(1, NodeState.QUARANTINED);
    refused(ApplianceError.WHO_IS_IT, true);
  }

  @Test
  void nothingIsInstalledOnANodeInRescue() {
    aside.bench.keep("nodes:\n- {match: {mac: \"52:54:00:00:00:01\"}, name: one, roles: [base]}\n");
    aside.bench.assigner.apply(aside.bench.clusters.require(), false);
    assertThat(aside.node().state()).isEqualTo(NodeState.ASSIGNED);
    begin(false);
    aside.reports();
    aside.bench.assigner.apply(aside.bench.clusters.require(), aside.node().id());
    aside.bench.deployer.reported(aside.node().id());
    assertThat(aside.bench.deployer.deploy(new Deployer.Request(true, Set.of(), Set.of())))
        .singleElement()
        .satisfies(line -> {
          assertThat(line.outcome()).isEqualTo("refused");
          assertThat(line.detail()).contains("rescue");
        });
    assertThat(aside.bench.deployer.deploy(new Deployer.Request(true, Set.of("one"), Set.of())))
        .allMatch(line -> line.outcome().equals("refused"));
    assertThat(aside.node().state()).isEqualTo(NodeState.RESCUE);
    aside.rescues.end(aside.node().id(), n -> {});
    assertThat(aside.node().state()).isEqualTo(NodeState.ASSIGNED);
  }

  @Test
  void onlyARescueIsEnded() {
    assertThatThrownBy(() -> aside.rescues.end(aside.node().id(), n -> {}))
        .isInstanceOfSatisfying(
            ApplianceException.class,
            e -> assertThat(e.error()).isEqualTo(ApplianceError.NOT_ASIDE));
  }

  @Test
  void whoHasNotSeenWhatTheNodeIsNowChangesNothing() {
    Node before = aside.node();
    assertThatThrownBy(() ->
            aside.rescues.begin(
                before.id(),
                new Rescues.Request(List.of(), false, true),
                n -> {
                  throw new IllegalStateException("another version");
                }))
        .hasMessage("another version");
    assertThat(aside.node()).isEqualTo(before);
  }

  @Test
  void aMachineWithoutABmcIsRestartedByAPerson() {
    installed();
    aside.rescues.begin(aside.node().id(), new Rescues.Request(List.of(), true, true), n -> {});
    var waiting = aside.bench.restarts.waiting(aside.node().id());
    aside.bench.threads.close(); // what begins beside the caller has ended
    assertThat(waiting.or(() -> aside.bench.restarts.waiting(aside.node().id())))
        .hasValueSatisfying(w -> assertThat(w.text()).contains("power-cycle"));
    aside.reports();
    assertThat(aside.bench.restarts.waiting(aside.node().id())).isEmpty();
  }
}
