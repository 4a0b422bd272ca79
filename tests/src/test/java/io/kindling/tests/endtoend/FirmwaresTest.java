package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.RackMachines;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/// The firmwares beside those of [BlankMachinesTest]: a BIOS whose ROM is no iPXE, UEFI HTTP Boot
/// and UEFI with Secure Boot on; each from blank to its own disk.
@Tag("full")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class FirmwaresTest {

  private static final Duration REBOOT = Duration.ofMinutes(20);

  /// Each node's firmware.
  private static final Map<String, Firmware> NODES = new LinkedHashMap<>();

  /// How each must have got its loader.
  private static final Map<String, String> LOADERS =
      Map.of(
          "node-1", "TFTP undionly[.]kpxe",
          "node-2", "(HEAD|GET) shimx64[.]efi",
          "node-3", "TFTP shimx64[.]efi");

  static {
    NODES.put("node-1", Firmware.BIOS_PLAIN_PXE);
    NODES.put("node-2", Firmware.UEFI_HTTP);
    NODES.put("node-3", Firmware.UEFI_SECURE_BOOT);
  }

  private static Scenario scenario;
  private static List<Machine> machines;
  private static final Map<String, String> firstBoots = new LinkedHashMap<>();

  @BeforeAll
  static void blankMachinesAreInstalled() throws Exception {
    scenario = Scenario.start("firmwares");
    List<Firmware> firmwares = List.copyOf(NODES.values());
    machines =
        IntStream.range(0, firmwares.size())
            .mapToObj(i -> scenario.machine(RackMachines.storageNode(i + 1, firmwares.get(i))))
            .toList();
    machines.forEach(Machine::on);
    scenario.discovered(NODES.size());
    scenario.apply(machines);
    for (String node : NODES.keySet()) {
      String boot = stages(node);
      firstBoots.put(node, boot);
      scenario.terminal.say(node + " " + NODES.get(node) + ": " + boot);
    }
    scenario.deploy("{}");
    for (String node : NODES.keySet()) {
      scenario.settled(node, Scenario.INSTALLATION, "provisioned", "error");
      scenario.terminal.say(node + " " + scenario.state(node));
    }
  }

  @AfterAll
  static void down() {
    if (scenario != null) {
      scenario.close();
    }
  }

  @Test
  @Order(1)
  void eachIsInventoriedThroughItsOwnLoaderAndInstalled() {
    NODES.forEach((node, firmware) -> {
      assertThat(scenario.state(node))
          .as(node + scenario.node(node).path("reason"))
          .isEqualTo("provisioned");
      assertThat(scenario.node(node).path("firmware").asString())
          .isEqualTo(firmware.isUefi() ? "uefi" : "bios");
      assertThat(scenario.node(node).path("secureBoot").asBoolean())
          .as(node)
          .isEqualTo(firmware == Firmware.UEFI_SECURE_BOOT);
      assertThat(firstBoots.get(node)).containsPattern(LOADERS.get(node));
    });
  }

  @Test
  @Order(2)
  void aPowerCycleWithNetworkFirstEndsInTheInstalledSystem() {
    scenario.powerCycle(machines, shells(), REBOOT);
    for (String node : NODES.keySet()) {
      scenario.terminal.say(node + ": " + stages(node));
      assertThat(stages(node)).containsPattern(LOADERS.get(node));
      assertThat(scenario.state(node)).isEqualTo("provisioned");
    }
    assertThat(secureBoot("node-2")).isEqualTo("0");
    assertThat(secureBoot("node-3")).isEqualTo("1");
  }

  @Test
  @Order(3)
  void aPowerCycleEndsThereWithTheApplianceStopped() {
    List<NodeShell> shells = shells(); // asks the appliance
    scenario.appliance.stop();
    scenario.powerCycle(machines, shells, REBOOT);
  }

  private static List<NodeShell> shells() {
    return NODES.keySet().stream().map(scenario::shell).toList();
  }

  /// The last byte of the variable: UEFI 2.10 §3.3.
  private static String secureBoot(String node) {
    return scenario
        .shell(node)
        .run("od -An -tu1 /sys/firmware/efi/efivars/SecureBoot-* | awk '{print $NF}'")
        .output()
        .strip();
  }

  private static String stages(String node) {
    return String.join(
        "; ",
        StreamSupport.stream(scenario.node(node).path("boot").path("stages").spliterator(), false)
            .map(s -> s.path("stage").asString() + " " + s.path("detail").asString())
            .toList());
  }
}
