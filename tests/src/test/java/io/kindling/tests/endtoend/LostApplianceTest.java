package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.RackMachines;
import io.kindling.tests.rack.Waiting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// An appliance's disk is lost, without a backup. Its node boots over the network, meets a fresh
/// appliance, stays itself, and is adopted: by the old key, and with no key by one boot.
@Tag("full")
final class LostApplianceTest {

  private static final Duration BOOT = Duration.ofMinutes(15);
  private static final String WHAT_IT_IS =
      "sudo cat /etc/kindling/node /etc/machine-id; lsblk -n -o PARTUUID,PARTTYPE,FSTYPE | sort;"
          + " sudo sha256sum /etc/fstab /etc/ssh/ssh_host_ed25519_key";

  private Scenario scenario;
  private Machine machine;
  private NodeShell old;
  private Path oldKey;

  @BeforeEach
  void anInstalledNode() throws Exception {
    scenario = Scenario.start("lost");
    machine = scenario.machine(RackMachines.storageNode(1, Firmware.UEFI));
    machine.on();
    scenario.discovered(1);
    scenario.apply(List.of(machine));
    scenario.deploy("{}");
    assertThat(scenario.settled("node-1", Scenario.INSTALLATION, "provisioned", "error"))
        .isEqualTo("provisioned");
    oldKey = scenario.directory.resolve("kept-key");
    Files.copy(
        scenario.appliance.state().resolve("id_ed25519"),
        oldKey,
        StandardCopyOption.COPY_ATTRIBUTES);
    old = new NodeShell(oldKey, scenario.network, scenario.shell("node-1").address());
  }

  @AfterEach
  void down() {
    scenario.close();
  }

  private void lost() {
    scenario.appliance.kill();
    Commands.run("rm", "-rf", "--one-file-system", scenario.appliance.state().toString());
    scenario.appliance.start(Duration.ofMinutes(1));
    assertThat(scenario.client().nodes()).isEmpty();
  }

  /// The node boots over the network and is back in its own system, offered by its own name.
  private void comesBackByItself() {
    String before = old.bootId();
    machine.cycle();
    long start = scenario.terminal.seconds();
    Waiting.until(
        "node-1 offered for adoption",
        BOOT,
        () -> !scenario.eventsWith("node-offered").isEmpty(),
        machine::mustRun);
    scenario.terminal.say("offered after " + (scenario.terminal.seconds() - start) + " s");
    assertThat(scenario.state("node-1")).isEqualTo("adoptable");
    assertThat(scenario.node("node-1").path("reason").asString())
        .contains("installed it as node-1, " + old.address());
    scenario.reachable(old, BOOT);
    scenario.terminal.say(
        "in its own system after " + (scenario.terminal.seconds() - start) + " s");
    assertThat(old.bootId()).isNotEqualTo(before);
  }

  private ApplianceClient.Answer adopt(String body) {
    return scenario.client().send("POST", "/api/v1/nodes/node-1/adopt", "application/json", body);
  }

  private void isAdopted(String was) {
    assertThat(scenario.state("node-1")).isEqualTo("provisioned");
    assertThat(scenario.node("node-1").path("labels").toString()).contains("protected");
    var shell = new NodeShell(scenario.appliance, scenario.network, old.address());
    assertThat(shell.run("sudo -n id -u").output().strip()).isEqualTo("0");
    assertThat(shell.run(WHAT_IT_IS).output()).isEqualTo(was);
    scenario.apply("nodes:\n  - { match: { name: node-1 }, roles: [base] }\n");
    ApplianceClient.Answer never =
        scenario
            .client()
            .send(
                "POST",
                "/api/v1/deploy",
                "application/json",
                "{\"reinstall\":[\"node-1\"],\"confirm\":[\"node-1\"]}");
    assertThat(never.body()).contains("\"refused\"").contains("APP-026");
  }

  @Test
  void theNodeStaysItselfAndIsAdopted() {
    String was = old.run(WHAT_IT_IS).output();
    assertThat(was).contains("node=", "attempt=1");
    lost();
    comesBackByItself();
    assertThat(old.run(WHAT_IT_IS).output()).isEqualTo(was);
    String deploy =
        scenario.client().send("POST", "/api/v1/deploy", "application/json", "{}").body();
    assertThat(deploy).contains("APP-006"); // it knows of no cluster, and does nothing

    // By the old appliance's key: nothing is restarted.
    String boot = old.bootId();
    String said =
        KindlingCli.must(
            "node",
            "adopt",
            "node-1",
            "--state",
            "" + scenario.appliance.state(),
            "--key",
            "" + oldKey);
    assertThat(said).contains("is adopted");
    isAdopted(was);
    assertThat(old.bootId()).isEqualTo(boot);

    // Lost again, and no key is left: one boot over the network lets the new one in.
    lost();
    comesBackByItself();
    ApplianceClient.Answer ordered = adopt("{}");
    assertThat(ordered.status()).as(ordered.body()).isEqualTo(202);
    long start = scenario.terminal.seconds();
    machine.cycle();
    scenario.settled("node-1", BOOT.multipliedBy(2), "provisioned");
    scenario.terminal.say("adopted after " + (scenario.terminal.seconds() - start) + " s");
    Waiting.until(
        "the label",
        Duration.ofMinutes(1),
        () -> !scenario.eventsWith("node-adopted").isEmpty(),
        () -> {});
    isAdopted(was);
  }
}
