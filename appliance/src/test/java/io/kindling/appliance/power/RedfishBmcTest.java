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
import io.kindling.inventory.Node;
import io.kindling.postinstall.Sleeper;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Every verb over TLS against a service that keeps state.
@Timeout(60)
class RedfishBmcTest {
  private static final Sleeper AT_ONCE = (time, cancellation) -> {};

  @TempDir static Path keys;
  private static Path own;
  private static Path other;

  @TempDir Path directory;
  private Bench bench;
  private Node node;
  private RedfishService service;
  private Power power;

  @BeforeAll
  static void certificates() throws Exception {
    own = RedfishService.keys(keys.resolve("own.p12"), "ip:127.0.0.1");
    other = RedfishService.keys(keys.resolve("other.p12"), "dns:other.example");
  }

  @BeforeEach
  void open() throws Exception {
    bench = new Bench(directory);
    node = bench.report(1);
    service = new RedfishService(own);
    power =
        new Power(
            bench.bmcs,
            Power.connector(AT_ONCE),
            bench.events,
            bench.clock,
            (time, cancellation) -> bench.clock.advance(time),
            Power.Limits.standard());
    set(RedfishService.PASSWORD, service.fingerprint(), null, null);
  }

  @AfterEach
  void close() {
    service.close();
    bench.close();
  }

  private void set(
      String password, @Nullable String pin, @Nullable String ca, @Nullable String system) {
    bench.bmcs.put(
        Owner.node(node),
        new BmcAccess(
            Kind.REDFISH,
            service.address(),
            RedfishService.USER,
            password,
            null,
            Privilege.OPERATOR,
            system,
            pin,
            ca));
  }

  private Power.Done order(Verb verb, boolean network) throws InterruptedException {
    return power.order(node, new Order(verb, network, true));
  }

  private String fails(PowerError error, ThrowingCallable call) {
    var caught = new String[1];
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PowerException.class,
            e -> {
              assertThat(e.error()).as(e.detail()).isEqualTo(error);
              caught[0] = e.detail();
            });
    return caught[0];
  }

  @Test
  void everyVerbHasItsEffectAndNoSessionIsLeft() throws Exception {
    assertThat(power.status(node).state()).isEqualTo(State.OFF);
    assertThat(order(Verb.ON, true).text()).contains("switched on", "over the network");
    assertThat(service.boot)
        .containsEntry("BootSourceOverrideEnabled", "Once")
        .containsEntry("BootSourceOverrideTarget", "Pxe")
        .containsEntry("BootSourceOverrideMode", "Legacy"); // the recorded machine is a BIOS one
    assertThat(service.power).isEqualTo("On");
    order(Verb.CYCLE, false);
    assertThat(service.resets).containsExactly("On", "ForceOff", "On");
    order(Verb.OFF, false);
    assertThat(service.power).isEqualTo("Off");
    power.locate(node, true);
    assertThat(service.lit).isTrue();
    power.locate(node, false);
    assertThat(service.lit).isFalse();
    assertThat(service.sessions).isEmpty();
  }

  @Test
  void aServiceWithoutSessionsIsAskedWithBasicAuthentication() throws Exception {
    service.hasSessions = false;
    assertThat(power.status(node).state()).isEqualTo(State.OFF);
    set("wrong", service.fingerprint(), null, null);
    fails(PowerError.CREDENTIALS, () -> power.status(node));
  }

  @Test
  void aWrongPasswordIsNamedAndNotTriedAgain() throws Exception {
    set("wrong", service.fingerprint(), null, null);
    assertThat(fails(PowerError.CREDENTIALS, () -> power.status(node)))
        .contains("Wrong user or password.")
        .doesNotContain("wrong");
    assertThat(service.requests.stream().filter(r -> r.startsWith("POST"))).hasSize(1);
  }

  @Test
  void aDeadBmcIsNamedAfterItsAttempts() throws Exception {
    service.close();
    assertThat(fails(PowerError.UNREACHABLE, () -> order(Verb.ON, false)))
        .contains(service.address());
    try (var silent = new ServerSocket(0)) { // takes connections and says nothing: one that closes
      int port = silent.getLocalPort();
      Thread.ofVirtual().start(() -> hangUp(silent));
      bench.bmcs.put(
          Owner.node(node), bench.bmcs.of(node).orElseThrow().access().at("127.0.0.1:" + port));
      fails(PowerError.UNREACHABLE, () -> order(Verb.ON, false));
    }
  }

  private static void hangUp(ServerSocket server) {
    try {
      while (true) {
        server.accept().close();
      }
    } catch (java.io.IOException e) {
      // The test is over.
    }
  }

  @Test
  void onlyThePinnedCertificateIsTakenAndTheOneSeenIsTold() throws Exception {
    set(RedfishService.PASSWORD, "ab".repeat(32), null, null);
    assertThat(fails(PowerError.NOT_TRUSTED, () -> power.status(node)))
        .contains("sha256 " + service.fingerprint());
    set(RedfishService.PASSWORD, null, null, null);
    assertThat(fails(PowerError.NOT_TRUSTED, () -> power.status(node)))
        .contains("sha256 " + service.fingerprint());
    assertThat(service.requests).as("not a byte before trust").isEmpty();
  }

  @Test
  void anAuthoritysCertificateIsTakenForItsOwnNameOnly() throws Exception {
    set(RedfishService.PASSWORD, null, service.pem(), null);
    assertThat(power.status(node).state()).isEqualTo(State.OFF);
    service.close();
    service = new RedfishService(other);
    set(RedfishService.PASSWORD, null, service.pem(), null);
    fails(PowerError.NOT_TRUSTED, () -> power.status(node));
    set(RedfishService.PASSWORD, service.fingerprint(), null, null);
    assertThat(power.status(node).state()).as("a pin needs no name").isEqualTo(State.OFF);
  }

  @Test
  void severalSystemsAreRefusedUnlessOneIsNamed() throws Exception {
    service.systems.add("blade-2");
    assertThat(fails(PowerError.SYSTEMS, () -> power.status(node)))
        .contains("437XR1138R2", "blade-2");
    set(RedfishService.PASSWORD, service.fingerprint(), null, "437XR1138R2");
    assertThat(power.status(node).state()).isEqualTo(State.OFF);
    set(RedfishService.PASSWORD, service.fingerprint(), null, "blade-3");
    assertThat(fails(PowerError.SYSTEMS, () -> power.status(node))).contains("blade-3");
  }

  @Test
  void whatTheServiceDoesNotAllowIsNotAskedFor() throws Exception {
    service.actionInfo = true;
    service.allowable = List.of("ForceOn", "ForceOff");
    order(Verb.ON, false);
    assertThat(service.resets).containsExactly("ForceOn");
    service.allowable = List.of("On");
    assertThat(fails(PowerError.UNSUPPORTED, () -> order(Verb.OFF, false))).contains("[On]");
    service.boot.put("BootSourceOverrideTarget@Redfish.AllowableValues", List.of("Hdd"));
    fails(PowerError.UNSUPPORTED, () -> order(Verb.ON, true));
    service.ledOnChassis = true;
    power.locate(node, true);
    assertThat(service.lit).isTrue();
  }

  @Test
  void anOlderLedBlinks() throws Exception {
    service.oldLed = true;
    power.locate(node, true);
    assertThat(service.led).isEqualTo("Blinking");
    power.locate(node, false);
    assertThat(service.led).isEqualTo("Off");
  }

  @Test
  void aBootOverrideThatIsForgottenIsNotCalledDone() {
    service.forgetsBoot = true;
    fails(PowerError.UNSUPPORTED, () -> order(Verb.ON, true));
    assertThat(service.resets).isEmpty();
  }

  @Test
  void aTaskIsWaitedForAndItsFailureTold() throws Exception {
    service.byTask = true;
    order(Verb.ON, false);
    assertThat(service.requests).contains("GET /redfish/v1/TaskService/TaskMonitors/7");
    service.taskFails = true;
    assertThat(fails(PowerError.REFUSED, () -> order(Verb.OFF, false)))
        .contains("Exception", "The PSU is out.");
  }

  @Test
  void aChangedEtagAndABusyServiceAreTriedAgain() throws Exception {
    service.tag = 101; // the first change is refused as too late
    service.busy = 2;
    order(Verb.ON, true);
    assertThat(service.boot).containsEntry("BootSourceOverrideTarget", "Pxe");
    service.busy = 1_000;
    fails(PowerError.REFUSED, () -> order(Verb.OFF, false));
    service.busy = 0;
  }

  @Test
  void aUserWithoutThePrivilegeIsNamed() {
    service.readOnly = true;
    assertThat(fails(PowerError.PRIVILEGE, () -> power.locate(node, true)))
        .contains("The account may not.");
  }

  @Test
  void aMachineThatDoesNotGetThereIsNamed() {
    service.stuck = true;
    assertThat(fails(PowerError.NOT_IN_TIME, () -> order(Verb.ON, false))).contains("off");
  }
}
