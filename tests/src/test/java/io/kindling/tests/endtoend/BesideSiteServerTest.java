package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.Network;
import io.kindling.tests.rack.RackMachines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Real firmware on a network that is not ours: the site's server (dnsmasq) lends the addresses,
/// the appliance as proxy says what to boot.
@Tag("full")
final class BesideSiteServerTest {

  private static final List<Firmware> FIRMWARES =
      List.of(Firmware.BIOS, Firmware.BIOS_PLAIN_PXE, Firmware.UEFI);

  private Scenario scenario;

  @AfterEach
  void down() {
    scenario.close();
  }

  @Test
  void everyFirmwareGetsItsAddressFromTheSiteAndBootsFromTheProxy() throws Exception {
    scenario = Scenario.start("beside");
    scenario.appliance.stop();
    Path log = siteServer();
    scenario.appliance.dhcp("proxy");
    scenario.appliance.start(Duration.ofMinutes(1));
    var macs = new ArrayList<String>();
    for (int i = 0; i < FIRMWARES.size(); i++) {
      Machine machine = scenario.machine(RackMachines.storageNode(i + 1, FIRMWARES.get(i)));
      macs.add(machine.spec().macs().getFirst());
      machine.on();
    }
    scenario.discovered(FIRMWARES.size());
    for (JsonNode node : scenario.client().nodes()) {
      String path = "/api/v1/nodes/" + node.path("id").asString();
      String boot =
          ApplianceClient.must(scenario.client().get(path)).json().path("boot").toString();
      scenario.terminal.say(boot);
      assertThat(ApplianceClient.must(scenario.client().get(path + "/facts")).body())
          .contains("\"10.20.0.22");
    }
    assertThat(scenario.client().nodes()).hasSize(FIRMWARES.size());
    String said = Files.readString(log);
    assertThat(macs).allSatisfy(mac -> assertThat(said).contains(mac));
  }

  /// In a namespace of its own on the rack's switch.
  private Path siteServer() throws Exception {
    String rack = scenario.network.namespace();
    String site = rack + ".site";
    Commands.run("ip", "netns", "add", site);
    Commands.run(
        ("ip -n " + rack + " link add site type veth peer name site0 netns " + site).split(" "));
    Commands.run("ip", "-n", rack, "link", "set", "site", "master", Network.BRIDGE, "up");
    Commands.run("ip", "-n", site, "addr", "add", "10.20.0.2/24", "dev", "site0");
    Commands.run("ip", "-n", site, "link", "set", "site0", "up");
    Path log = scenario.directory.resolve("site.log");
    new ProcessBuilder(
            "ip",
            "netns",
            "exec",
            site,
            "dnsmasq",
            "--no-daemon",
            "--conf-file=/dev/null",
            "--user=root",
            "--port=0",
            "--interface=site0",
            "--dhcp-range=10.20.0.220,10.20.0.229,255.255.255.0,1h",
            "--dhcp-leasefile=" + scenario.directory.resolve("site.leases"),
            "--pid-file=" + scenario.directory.resolve("site.pid"),
            "--log-dhcp")
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
    return log;
  }
}
