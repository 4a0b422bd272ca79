package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.RackMachines;
import io.kindling.tests.rack.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// An installed machine is rescued, logged into by an operator's own key, is itself again, and then
/// has disks wiped, two of four.
@Tag("full")
final class RescueAndWipeTest {
  private static final Duration BOOT = Duration.ofMinutes(15);
  private static final List<String> WIPED = List.of("OS01", "DATA01B");

  /// The node of the drive with that serial number.
  private static final String DRIVE = "/dev/$(lsblk -n -d -o NAME,SERIAL | sed -n 's/ *%s$//p')";

  private Scenario scenario;
  private Machine machine;
  private String state;

  @BeforeEach
  void aRack() throws Exception {
    scenario = Scenario.start("aside");
    state = scenario.appliance.state().toString();
    machine = scenario.machine(RackMachines.storageNode(1, Firmware.BIOS));
  }

  @AfterEach
  void down() {
    scenario.close();
  }

  private long since(long start) {
    return scenario.terminal.seconds() - start;
  }

  private JsonNode disk(String serial) {
    return StreamSupport.stream(scenario.node("node-1").path("disks").spliterator(), false)
        .filter(d -> d.path("serial").asString("").equals(serial))
        .findFirst()
        .orElseThrow();
  }

  private static void fileSystem(NodeShell shell, String serial, String label) {
    Commands.Result made =
        shell.run("sudo mkfs.ext4 -q -F -L " + label + " " + DRIVE.formatted(serial));
    assertThat(made.ok()).as(made.output()).isTrue();
  }

  private Commands.Result asRoot(NodeShell shell, String command) {
    return shell.as("root", command);
  }

  /// Where the node says that one logs in, once the operator's key is let in: a bootstrap that has
  /// just reported may not answer SSH yet.
  private String rescuedAt() {
    Waiting.until(
        "the node in the bootstrap, the operator's key let in",
        BOOT,
        () ->
            scenario
                .node("node-1")
                .path("reason")
                .asString("")
                .contains("your key or the appliance's"),
        machine::mustRun);
    String reason = scenario.node("node-1").path("reason").asString();
    return reason.replaceFirst(".*ssh root@([0-9.]+).*", "$1");
  }

  @Test
  void anInstalledMachineIsRescuedAndTwoOfItsDisksAreWiped() throws Exception {
    machine.on();
    scenario.discovered(1);
    scenario.apply(
        "nodes:\n- match: { mac: \"52:54:00:00:00:01\" }\n  name: node-1\n  roles: [base]\n");
    scenario.deploy("{}");
    assertThat(scenario.settled("node-1", Scenario.INSTALLATION, "provisioned", "error"))
        .isEqualTo("provisioned");
    NodeShell own = scenario.shell("node-1");
    String boot = own.bootId();
    fileSystem(own, "DATA01A", "keep-me");
    fileSystem(own, "DATA01B", "lose-me");

    // Its system runs: without a word that this is meant, nothing happens.
    Commands.Result unsaid = KindlingCli.run("node", "rescue", "node-1", "--state", state);
    assertThat(unsaid.ok()).isFalse();
    assertThat(unsaid.output()).contains("APP-091");
    Path key = scenario.directory.resolve("operator");
    Commands.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString());
    assertThat(
            KindlingCli.must(
                "node", "rescue", "node-1", "--yes", "--key", key + ".pub", "--state", state))
        .contains("next boot over the network ends in the bootstrap");
    long start = scenario.terminal.seconds();
    machine.cycle();
    var rescued = new NodeShell(key, scenario.network, rescuedAt());
    scenario.terminal.say("rescued after " + since(start) + " s");
    assertThat(asRoot(rescued, "hostname").output().strip()).isEqualTo("kindling-bootstrap");
    assertThat(
            asRoot(new NodeShell(scenario.appliance, scenario.network, rescued.address()), "true")
                .ok())
        .isTrue();
    assertThat(asRoot(rescued, "lsblk -n -o PARTLABEL " + DRIVE.formatted("OS01")).output())
        .contains("kindling-");
    assertThat(asRoot(rescued, "cat /proc/mounts").output()).doesNotContain("/dev/vd", "/dev/sd");

    // It stays there, whatever is ordered, and through another boot.
    assertThat(
            scenario
                .client()
                .send("POST", "/api/v1/deploy", "application/json", "{\"reinstall\":[\"node-1\"]}")
                .body())
        .contains("the node is rescue");
    machine.cycle();
    Waiting.until(
        "the rescued machine after another boot",
        BOOT,
        () -> {
          var again = new NodeShell(key, scenario.network, rescuedAt());
          Commands.Result up = asRoot(again, "cut -d. -f1 /proc/uptime");
          return up.ok()
              && Integer.parseInt(up.output().strip()) < 600
              && asRoot(again, "true").ok();
        },
        machine::mustRun);

    // Ended, it is itself again.
    start = scenario.terminal.seconds();
    assertThat(KindlingCli.must("node", "rescue", "node-1", "--end", "--state", state))
        .contains("provisioned again", "restarted");
    scenario.reachable(own, BOOT);
    scenario.terminal.say("in its own system after " + since(start) + " s");
    assertThat(own.bootId()).isNotEqualTo(boot);
    assertThat(scenario.state("node-1")).isEqualTo("provisioned");

    // What would be lost is told first.
    List<String> ids = WIPED.stream().map(serial -> disk(serial).path("id").asString()).toList();
    Commands.Result asked =
        KindlingCli.run(
            "node", "wipe", "node-1", "--disk", ids.get(0), "--disk", ids.get(1), "--state", state);
    assertThat(asked.output()).contains("APP-094", ids.get(0), ids.get(1), "kindling-");
    KindlingCli.must(
        "node",
        "wipe",
        "node-1",
        "--disk",
        ids.get(0),
        "--disk",
        ids.get(1),
        "--yes",
        "--state",
        state);
    assertThat(own.run("true").ok()).isTrue(); // not before its boot
    start = scenario.terminal.seconds();
    machine.cycle();
    // The cluster file still has its rule: it is laid out anew, by an attempt of its own.
    assertThat(scenario.settled("node-1", BOOT, "assigned", "error")).isEqualTo("assigned");
    scenario.terminal.say("wiped and laid out anew after " + since(start) + " s");
    assertThat(scenario.node("node-1").path("attempt").asInt()).isEqualTo(2);
    for (String serial : WIPED) {
      assertThat(disk(serial).path("contents")).as(serial).isEmpty();
    }
    var bootstrap = new NodeShell(scenario.appliance, scenario.network, bootstrapAddress());
    for (String serial : List.of("OS01", "DATA01B", "DATA01A", "JOURNAL01")) {
      String name = disk(serial).path("name").asString();
      String left = asRoot(bootstrap, "wipefs -n /dev/" + name).output().strip();
      if (WIPED.contains(serial)) {
        assertThat(left).as(serial).isEmpty();
      }
      if (serial.equals("DATA01A")) {
        assertThat(left).as(serial).contains("ext4", "keep-me");
      }
    }
    assertThat(scenario.eventsWith("disks-wiped")).hasSize(1);
    assertThat(ApplianceClient.must(scenario.client().get("/api/v1/audit?limit=50")).body())
        .contains("POST /api/v1/nodes/node-1/wipe", "POST /api/v1/nodes/node-1/rescue");
  }

  /// Where the node's bootstrap answers, as its report says.
  private String bootstrapAddress() {
    return StreamSupport.stream(scenario.node("node-1").path("nics").spliterator(), false)
        .flatMap(nic -> StreamSupport.stream(nic.path("addresses").spliterator(), false))
        .map(a -> a.asString().split("/")[0])
        .filter(a -> a.startsWith("10.20.0."))
        .findFirst()
        .orElseThrow();
  }
}
