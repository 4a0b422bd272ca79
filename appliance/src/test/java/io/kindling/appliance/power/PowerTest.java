package io.kindling.appliance.power;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.appliance.power.Bmc.State;
import io.kindling.appliance.power.BmcAccess.Kind;
import io.kindling.appliance.power.BmcAccess.Privilege;
import io.kindling.appliance.power.Power.Order;
import io.kindling.appliance.power.Power.Verb;
import io.kindling.appliance.power.PowerBook.Owner;
import io.kindling.appliance.testing.Bench;
import io.kindling.inventory.Event;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PowerTest {
  private static final BmcAccess ACCESS = access("10.0.0.9", "secret");

  @TempDir Path state;
  private Bench bench;
  private Node node;

  static BmcAccess access(@Nullable String address, String password) {
    return new BmcAccess(
        Kind.IPMI, address, "admin", password, null, Privilege.OPERATOR, null, null, null);
  }

  @BeforeEach
  void open() {
    bench = new Bench(state);
    node = bench.report(1);
    bench.bmcs.put(Owner.node(node), ACCESS);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private Power.Done order(Verb verb, boolean network, boolean yes) throws InterruptedException {
    return bench.power.order(bench.node(1), new Order(verb, network, yes));
  }

  private void fails(Verb verb, PowerError error) {
    assertThatThrownBy(() -> order(verb, false, false))
        .isInstanceOfSatisfying(PowerException.class, e -> assertThat(e.error()).isEqualTo(error));
  }

  @Test
  void aMachineThatIsOffIsSwitchedOnAndWaitedFor() throws Exception {
    bench.bmc.state = State.OFF;
    assertThat(order(Verb.ON, true, false).text()).contains("was switched on", "over the network");
    assertThat(bench.bmc.done).containsExactly("network bios", "state", "on", "state", "close");
    assertThat(bench.events.last(1).getFirst().kind()).isEqualTo("power");
  }

  @Test
  void aMachineThatIsOnIsLeftAloneByOn() throws Exception {
    assertThat(order(Verb.ON, false, false).text()).contains("on already");
    assertThat(bench.bmc.done).containsExactly("state", "close");
  }

  @Test
  void aCycleIsOffThenOnEachWaitedForAndOnAloneWhereItWasOff() throws Exception {
    assertThat(order(Verb.CYCLE, false, false).text()).contains("off and on");
    assertThat(bench.bmc.done).containsExactly("state", "off", "state", "on", "state", "close");
    bench.bmc.done.clear();
    bench.bmc.state = State.OFF;
    order(Verb.CYCLE, false, false);
    assertThat(bench.bmc.done).containsExactly("state", "on", "state", "close");
  }

  @Test
  void whatPassesIsTriedAgainAndWhatDoesNotIsNot() throws Exception {
    var busy = PowerException.passing(PowerError.UNREACHABLE, "silent", null);
    bench.bmc.failures.addAll(List.of(busy, busy));
    assertThat(bench.power.status(node).state()).isEqualTo(State.ON);
    bench.bmc.failures.addAll(List.of(busy, busy, busy));
    fails(Verb.ON, PowerError.UNREACHABLE);
    bench.bmc.done.clear();
    bench.bmc.failures.add(new PowerException(PowerError.CREDENTIALS, "wrong"));
    fails(Verb.ON, PowerError.CREDENTIALS);
    assertThat(bench.bmc.done).containsExactly("failed state", "close");
    Event told = bench.events.last(1).getFirst();
    assertThat(told.error()).isEqualTo("APP-405");
  }

  @Test
  void aMachineThatDoesNotGetThereIsNamedAfterTheLimit() {
    bench.bmc.deaf = true;
    Instant begin = bench.clock.instant();
    fails(Verb.OFF, PowerError.NOT_IN_TIME);
    assertThat(Duration.between(begin, bench.clock.instant())).isEqualTo(Duration.ofSeconds(90));
  }

  @ParameterizedTest
  @EnumSource(
      value = NodeState.class,
      names = {"PROVISIONING", "PROVISIONED", "DEPLOYING", "READY", "WIPING", "RESCUE"})
  void aMachineInUseIsSwitchedOffOnlyWithYesAndToldWhatRunsOnIt(NodeState state) throws Exception {
    bench.keep("nodes:\n- match: {mac: \"52:54:00:00:00:01\"}\n  name: one\n  roles: [base]\n");
    bench.assigner.apply(bench.clusters.require(), false);
    bench.put(1, state);
    for (Verb verb : List.of(Verb.OFF, Verb.CYCLE)) {
      assertThatThrownBy(() -> order(verb, false, false))
          .isInstanceOfSatisfying(
              PowerException.class,
              e -> {
                assertThat(e.error()).isEqualTo(PowerError.NEEDS_YES);
                assertThat(e.detail()).contains("one is " + state.label(), "it runs base");
              });
    }
    assertThat(bench.bmc.done).isEmpty();
    order(Verb.OFF, false, true);
    assertThat(bench.bmc.state).isEqualTo(State.OFF);
  }

  @Test
  void theNodesOwnAccessComesBeforeThatOfItsLabelAndTheReportNamesTheAddress() {
    bench.bmcs.put(Owner.label("storage"), access(null, "other"));
    assertThat(bench.bmcs.of(node).orElseThrow().access()).isEqualTo(ACCESS);
    bench.bmcs.remove(Owner.node(node));
    assertThat(bench.bmcs.of(node)).isEmpty();
    fails(Verb.ON, PowerError.NOT_SET);
    Node labelled = node.withLabels(Set.of("storage", "big"));
    PowerBook.Found found = bench.bmcs.of(labelled).orElseThrow();
    assertThat(found.from()).isEqualTo("label storage");
    assertThatThrownBy(() -> found.access().endpoint())
        .isInstanceOfSatisfying(
            PowerException.class, e -> assertThat(e.error()).isEqualTo(PowerError.NO_ADDRESS));
    bench.bmcs.put(Owner.label("big"), access(null, "third"));
    assertThatThrownBy(() -> bench.bmcs.of(labelled))
        .isInstanceOfSatisfying(
            PowerException.class, e -> assertThat(e.error()).isEqualTo(PowerError.AMBIGUOUS));
  }

  @Test
  void anAccessOutlivesTheApplianceAndIsKeptUnderItsOwnersName() {
    var settings = new io.kindling.appliance.testing.MemorySettings();
    new PowerBook(settings).put(Owner.label("a"), ACCESS);
    assertThat(new PowerBook(settings).get(Owner.label("a"))).contains(ACCESS);
    assertThat(new PowerBook(settings).passwords(Set.of("power.label.a", "ceph.fsid")))
        .containsExactly("secret");
    assertThat(ACCESS.toString()).doesNotContain("secret");
  }
}
