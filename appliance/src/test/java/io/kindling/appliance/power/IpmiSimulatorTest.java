package io.kindling.appliance.power;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kindling.appliance.power.Bmc.State;
import io.kindling.appliance.power.BmcAccess.Kind;
import io.kindling.appliance.power.BmcAccess.Privilege;
import io.kindling.appliance.power.Power.Order;
import io.kindling.appliance.power.Power.Verb;
import io.kindling.appliance.power.PowerBook.Owner;
import io.kindling.appliance.testing.Bench;
import io.kindling.inventory.Node;
import io.kindling.postinstall.Sleeper;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Every verb by Debian's ipmitool against OpenIPMI's `ipmi_sim`, a BMC on the loopback whose
/// chassis is a script: switched on, a process runs; switched off, it is gone.
@Tag("rack")
@Timeout(180)
class IpmiSimulatorTest {
  private static final String PASSWORD = "s3-cret'%";

  @TempDir Path directory;
  private Bench bench;
  private Node node;
  private Power power;
  private Process simulator;
  private int port;

  @BeforeEach
  void open() throws Exception {
    bench = new Bench(directory);
    node = bench.report(1);
    power =
        new Power(
            bench.bmcs,
            Power.connector(Sleeper.real()),
            bench.events,
            Clock.systemUTC(),
            Sleeper.real(),
            new Power.Limits(
                Duration.ofSeconds(30), Duration.ofMillis(200), 2, Duration.ofMillis(500)));
    port = freePort();
    Path control = directory.resolve("chassis.sh");
    try (var script = IpmiSimulatorTest.class.getResourceAsStream("chassis.sh")) {
      Files.copy(script, control);
    }
    Files.setPosixFilePermissions(control, PosixFilePermissions.fromString("rwx------"));
    Files.writeString(
        directory.resolve("lan.conf"),
        """
        name "rack"
        set_working_mc 0x20
        startlan 1
          addr 127.0.0.1 %d
          priv_limit admin
          allowed_auths_callback none md2 md5 straight
          allowed_auths_user none md2 md5 straight
          allowed_auths_operator none md2 md5 straight
          allowed_auths_admin none md2 md5 straight
          guid a123456789abcdefa123456789abcdef
        endlan
        chassis_control "%s %s"
        user 2 true "admin" "%s" admin 10 none md2 md5 straight
        """
            .formatted(port, control, directory, PASSWORD));
    Files.writeString(
        directory.resolve("rack.emu"),
        """
        mc_setbmc 0x20
        mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
        sel_enable 0x20 1000 0x0a
        mc_enable 0x20
        """);
    Files.createDirectory(directory.resolve("state"));
    start();
    set("admin", PASSWORD, Privilege.OPERATOR);
  }

  private void start() throws IOException {
    simulator =
        new ProcessBuilder(
                "ipmi_sim",
                "-c",
                directory.resolve("lan.conf").toString(),
                "-f",
                directory.resolve("rack.emu").toString(),
                "-s",
                directory.resolve("state").toString(),
                "-n")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("sim.log").toFile())
            .start();
  }

  private static int freePort() throws IOException {
    try (var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @AfterEach
  void close() throws Exception {
    machine().ifPresent(ProcessHandle::destroyForcibly);
    simulator.destroyForcibly().waitFor();
    bench.close();
  }

  private java.util.Optional<ProcessHandle> machine() throws IOException {
    Path pid = directory.resolve("machine.pid");
    return Files.exists(pid)
        ? ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
            .filter(ProcessHandle::isAlive)
        : java.util.Optional.empty();
  }

  private void set(String user, String password, Privilege privilege) {
    bench.bmcs.put(
        Owner.node(node),
        new BmcAccess(
            Kind.IPMI,
            "127.0.0.1:" + port,
            user,
            password,
            3, // the simulator does not tell its suites, and ipmitool asks for 3 s
            privilege,
            null,
            null,
            null));
  }

  private Power.Done order(Verb verb, boolean network) throws InterruptedException {
    return power.order(node, new Order(verb, network, true));
  }

  private static void fails(PowerError error, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PowerException.class,
            e -> {
              assertThat(e.error()).as(e.detail()).isEqualTo(error);
              assertThat(e.detail()).contains("127.0.0.1").doesNotContain(PASSWORD);
            });
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(directory.resolve("calls"));
  }

  @Test
  void everyVerbHasItsEffectOnTheMachine() throws Exception {
    assertThat(power.status(node).state()).isEqualTo(State.OFF);
    assertThat(machine()).isEmpty();

    assertThat(order(Verb.ON, true).text()).contains("switched on");
    ProcessHandle first = machine().orElseThrow();
    assertThat(calls()).containsSubsequence("set boot pxe", "set power 1");
    assertThat(power.status(node).state()).isEqualTo(State.ON);

    assertThat(order(Verb.CYCLE, false).text()).contains("off and on");
    await().until(() -> !first.isAlive()); // whoever inherited it has to reap it
    ProcessHandle second = machine().orElseThrow();
    assertThat(second.pid()).isNotEqualTo(first.pid());

    power.locate(node, true);
    assertThat(calls().getLast()).isEqualTo("set identify 0 1");
    power.locate(node, false);
    assertThat(calls().getLast()).isEqualTo("set identify 0 0");

    assertThat(order(Verb.OFF, false).text()).contains("switched off");
    assertThat(machine()).isEmpty();
    assertThat(order(Verb.OFF, false).text()).contains("off already");
  }

  @Test
  void whatTheBmcRefusesIsNamed() {
    set("admin", "wrong", Privilege.OPERATOR);
    fails(PowerError.CREDENTIALS, () -> power.status(node));
    set("nobody", PASSWORD, Privilege.OPERATOR);
    fails(PowerError.CREDENTIALS, () -> power.status(node));
  }

  @Test
  void aMachineThatDoesNotSwitchIsNamedAfterTheLimit() throws Exception {
    assertThat(power.status(node).state()).isEqualTo(State.OFF);
    Files.createFile(directory.resolve("stuck"));
    assertThatThrownBy(() -> order(Verb.ON, false))
        .isInstanceOfSatisfying(
            PowerException.class,
            e -> {
              assertThat(e.error()).isEqualTo(PowerError.NOT_IN_TIME);
              assertThat(e.detail()).contains("told to go on", "off");
            });
  }

  @Test
  void aDeadBmcIsNamedAndItsReturnIsSeen() throws Exception {
    assertThat(power.status(node).state()).isEqualTo(State.OFF);
    simulator.destroyForcibly().waitFor();
    fails(PowerError.UNREACHABLE, () -> order(Verb.ON, false));
    start();
    assertThat(power.status(node).state()).isEqualTo(State.OFF);
  }
}
