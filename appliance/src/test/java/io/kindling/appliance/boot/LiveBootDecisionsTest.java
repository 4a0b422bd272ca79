package io.kindling.appliance.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.testing.Bench;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Event;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.Role;
import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootStage;
import io.kindling.pxe.HardwareAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveBootDecisionsTest {
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

  private BootAnswer answer(int machine, BootStage stage) {
    return bench.decisions.answer(bench.address(machine), stage);
  }

  private String token(int machine, BootStage stage) {
    return ((BootAnswer.Bootstrap) answer(machine, stage)).token();
  }

  private void installed(int machine, boolean onDisk) {
    Node node = bench.report(machine);
    bench.nodes.change(
        node.id(),
        n ->
            n.withState(NodeState.PROVISIONING, null, null)
                .withAssignment(
                    new Assignment(
                        1, Set.of(Role.BASE), Map.of(), "[]", onDisk, null, "ABCD-EF01")));
  }

  @Test
  void anUnknownMachineIsWelcomeInTheBootstrap() {
    var answer = (BootAnswer.Bootstrap) answer(9, BootStage.SCRIPT);
    assertThat(answer.appliancePublicKey()).isEqualTo(Bench.PUBLIC_KEY);
    assertThat(answer.kernelArguments()).containsExactly("console=tty0", "console=ttyS0,115200n8");
    assertThat(bench.tokens.check(answer.token())).contains(bench.address(9));
  }

  @Test
  void theTokensOfScriptAndKernelSpeakForTheSameMachineAndForNoOther() {
    bench.report(1);
    HardwareAddress mac = bench.address(1);
    assertThat(bench.tokens.check(token(1, BootStage.SCRIPT))).contains(mac);
    assertThat(bench.tokens.check(token(1, BootStage.KERNEL))).contains(mac);
    assertThat(bench.tokens.check(token(2, BootStage.KERNEL))).contains(bench.address(2));
  }

  @Test
  void onceTheSystemIsThereTheVeryNextAnswerIsTheOwnDiskWithItsEspsSerial() {
    installed(1, false);
    assertThat(answer(1, BootStage.SCRIPT)).isInstanceOf(BootAnswer.Bootstrap.class);
    bench.nodes.change(
        bench.node(1).id(), n -> n.withAssignment(n.assignment().installed("ssh-ed25519 A")));
    assertThat(answer(1, BootStage.SCRIPT))
        .isEqualTo(new BootAnswer.OwnDisk(Optional.of("ABCD-EF01")));
    assertThat(answer(1, BootStage.KERNEL)).isInstanceOf(BootAnswer.FirmwareNext.class);
  }

  @Test
  void anyNicOfTheNodeGetsTheSameAnswer() {
    installed(1, true);
    assertThat(bench.decisions.answer(new HardwareAddress("52:54:00:00:01:01"), BootStage.SCRIPT))
        .isEqualTo(new BootAnswer.OwnDisk(Optional.of("ABCD-EF01")));
  }

  @Test
  void aNodeThatWasRemovedIsNewAgain() {
    installed(1, true);
    bench.put(1, NodeState.REMOVED);
    assertThat(answer(1, BootStage.SCRIPT)).isInstanceOf(BootAnswer.Bootstrap.class);
  }

  @Test
  void noMachineHasAFixedAddressWhileItBoots() {
    installed(1, true);
    assertThat(bench.decisions.fixedAddress(bench.address(1))).isEmpty();
  }

  @Test
  void aStageIsAnEventOnceAndALeaseIsNone() {
    bench.report(1);
    long before = bench.events.last(1).getFirst().sequence();
    bench.decisions.reached(bench.address(1), BootStage.DHCP, "10.20.0.100");
    bench.decisions.reached(bench.address(1), BootStage.SCRIPT, "ipxe");
    bench.decisions.reached(bench.address(1), BootStage.SCRIPT, "ipxe");
    bench.decisions.reached(bench.address(1), BootStage.KERNEL, "GET vmlinuz");
    assertThat(bench.events.after(before, 10))
        .extracting(Event::kind, Event::node)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("boot-stage", bench.node(1).id()),
            org.assertj.core.groups.Tuple.tuple("boot-stage", bench.node(1).id()));
  }

  @Test
  void aMachineThatInventsAddressesDoesNotFillTheMemory() {
    for (int i = 0; i <= StageBoard.LIMIT; i++) {
      bench.stages.reached(
          HardwareAddress.of(new byte[] {2, 0, 0, (byte) (i >> 16), (byte) (i >> 8), (byte) i}),
          BootStage.DHCP,
          "");
    }
    assertThat(bench.stages.all()).hasSize(StageBoard.LIMIT);
    assertThat(bench.stages.of(new HardwareAddress("02:00:00:00:00:00"))).isEmpty();
  }
}
