package io.kindling.appliance.power;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.power.PowerBook.Owner;
import io.kindling.appliance.testing.Bench;
import io.kindling.inventory.Event;
import io.kindling.inventory.Node;
import io.kindling.postinstall.TaskLog;
import io.kindling.pxe.BootStage;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestartsTest {
  private static final Duration LONG = Restarts.GRACE;

  @TempDir Path state;
  private Bench bench;
  private Node node;

  @BeforeEach
  void open() {
    bench = new Bench(state);
    node = bench.report(1);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private boolean awaited(Duration away) throws InterruptedException {
    return bench.restarts.awaited(node.id(), away);
  }

  private void reached(BootStage stage, String detail) {
    bench.decisions.reached(bench.address(1), stage, detail);
  }

  @Test
  void withoutABmcAPersonIsAskedUntilTheNextBootStageIsSeen() throws Exception {
    assertThat(awaited(LONG.minusSeconds(1))).isFalse();
    assertThat(bench.restarts.waiting(node.id())).isEmpty();
    assertThat(awaited(LONG)).isTrue();
    String asked = "power-cycle " + node.name() + " now";
    assertThat(bench.restarts.waiting(node.id()).orElseThrow().text()).startsWith(asked);
    assertThat(bench.events.last(1).getFirst().text()).startsWith(asked);
    assertThat(bench.logs.last(node.id(), 1))
        .extracting(TaskLog.Line::text)
        .first()
        .asString()
        .startsWith("waiting: " + asked);
    assertThat(bench.views.of(node).get("waiting")).asString().contains(asked);
    assertThat(awaited(LONG.plusMinutes(30))).isTrue();
    assertThat(bench.events.last(100).stream().filter(e -> e.kind().equals("power-wait")))
        .hasSize(1);

    reached(BootStage.DHCP, "10.20.0.100");
    assertThat(bench.restarts.waiting(node.id())).isEmpty();
    assertThat(bench.events.last(100)).extracting(Event::kind).contains("power-wait-over");
    assertThat(awaited(LONG.plusMinutes(31))).as("it boots").isTrue();
    reached(BootStage.KERNEL, "vmlinuz");
    bench.clock.advance(Restarts.BOOT.plusSeconds(1));
    assertThat(awaited(LONG.plusMinutes(50))).isTrue();
    assertThat(bench.restarts.waiting(node.id())).as("that boot stopped").isPresent();
    bench.restarts.over(node.id());
    assertThat(bench.restarts.waiting(node.id())).isEmpty();
  }

  @Test
  void aMachineThatIsThereIsNotRestartedUntilItWasSilentForMinutes() throws Exception {
    bench.bmcs.put(Owner.node(node), PowerTest.access("10.0.0.9", "x"));
    bench.presence.seen(node.id());
    assertThat(awaited(LONG)).isFalse();
    bench.clock.advance(Restarts.LOST.minusMillis(1));
    assertThat(awaited(Restarts.LOST)).isFalse();
    assertThat(bench.bmc.done).isEmpty();
    bench.clock.advance(Duration.ofMillis(1));
    assertThat(awaited(Restarts.LOST)).isTrue();
    assertThat(bench.bmc.done).isNotEmpty();
  }

  @Test
  void theBmcRestartsItOnceOverTheNetworkAndAPersonIsAskedWhereNoBootFollows() throws Exception {
    bench.bmcs.put(Owner.node(node), PowerTest.access("10.0.0.9", "x"));
    bench.bmc.state = Bmc.State.OFF;
    assertThat(awaited(LONG)).isTrue();
    assertThat(bench.bmc.done).containsExactly("network bios", "state", "on", "state", "close");
    assertThat(bench.restarts.waiting(node.id())).isEmpty();
    bench.clock.advance(Restarts.BOOT);
    assertThat(awaited(LONG.plus(Restarts.BOOT))).isTrue();
    assertThat(bench.bmc.done).hasSize(5);
    bench.clock.advance(Duration.ofSeconds(1));
    assertThat(awaited(LONG.plus(Restarts.BOOT))).isTrue();
    assertThat(bench.restarts.waiting(node.id()).orElseThrow().text()).contains("boot order");
    assertThat(bench.bmc.done).hasSize(5);
  }

  @Test
  void whereTheBmcFailsAPersonIsAskedAndToldWhy() throws Exception {
    bench.bmcs.put(Owner.node(node), PowerTest.access("10.0.0.9", "x"));
    bench.bmc.failures.add(new PowerException(PowerError.CREDENTIALS, "user admin"));
    assertThat(awaited(LONG)).isTrue();
    assertThat(bench.restarts.waiting(node.id()).orElseThrow().text())
        .contains("power-cycle", "APP-405", "user admin");
  }

  @Test
  void aMachineSentToItsOwnDiskIsNotOnItsWayToTheBootstrap() throws Exception {
    reached(BootStage.DHCP, "x");
    reached(BootStage.SCRIPT, "own-disk");
    assertThat(awaited(LONG)).isTrue();
    assertThat(bench.restarts.waiting(node.id())).isPresent();
  }

  @Test
  void aMachineThatHasToReportFirstIsRestartedAtOnce() {
    bench.bmcs.put(Owner.node(node), PowerTest.access("10.0.0.9", "x"));
    bench.restarts.begin(node);
    assertThat(bench.bmc.done)
        .containsExactly("network bios", "state", "off", "state", "on", "state", "close");
  }
}
