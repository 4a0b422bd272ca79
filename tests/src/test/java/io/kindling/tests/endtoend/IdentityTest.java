package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec;
import io.kindling.tests.rack.MachineSpec.Bus;
import io.kindling.tests.rack.MachineSpec.Drive;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.RackMachines;
import io.kindling.tests.rack.Waiting;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Which machine is which, told by real firmware and a real kernel.
@Tag("full")
final class IdentityTest {

  private Scenario scenario;

  @AfterEach
  void down() {
    scenario.close();
  }

  @Test
  void aMachineBootedFromEachOfItsThreeNicsIsOneNode() throws Exception {
    scenario = Scenario.start("nics");
    List<String> macs = List.of("52:54:00:00:03:01", "52:54:00:00:03:02", "52:54:00:00:03:03");
    Machine machine = scenario.machine(spec("three-nics", macs, null, null));
    for (int nic = 0; nic < macs.size(); nic++) {
      machine.on(nic);
      String mac = macs.get(nic);
      Waiting.until(
          "a report booted from " + mac,
          Scenario.DISCOVERY,
          () ->
              scenario
                  .client()
                  .nodes()
                  .valueStream()
                  .anyMatch(n -> n.path("bootMac").asString().equals(mac)),
          machine::mustRun);
      machine.off();
    }
    assertThat(scenario.client().nodes().size()).isEqualTo(1);
    assertThat(scenario.client().nodes().get(0).path("macs").toString()).contains(macs);
  }

  @Test
  void twoMachinesWithEqualUuidAndSerialAreTwoNodes() throws Exception {
    scenario = Scenario.start("twins");
    String uuid = "6f1d5f5e-8c0a-4b52-9f0f-000000000042";
    for (int i = 1; i <= 2; i++) {
      scenario
          .machine(spec("twin-" + i, List.of("52:54:00:00:04:0" + i), uuid, "SAME-SERIAL"))
          .on();
    }
    assertThat(scenario.discovered(2).size()).isEqualTo(2);
    assertThat(scenario.events()).anyMatch(e -> e.contains(uuid));
  }

  private static MachineSpec spec(String name, List<String> macs, String uuid, String serial) {
    return new MachineSpec(
        name,
        Firmware.BIOS,
        macs,
        RackMachines.MEMORY_MIB,
        List.of(new Drive("D" + name, Bus.VIRTIO, 4 << 10)),
        uuid,
        serial);
  }
}
