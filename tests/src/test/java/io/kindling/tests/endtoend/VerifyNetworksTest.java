package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.ContainerHost;
import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.RackMachines;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// `cluster verify` as an operator orders it: over real SSH, on hosts with their own system and on
/// blank machines in the bootstrap.
@Tag("full")
final class VerifyNetworksTest {

  private Scenario scenario;

  @AfterEach
  void down() {
    scenario.close();
  }

  private JsonNode verified() {
    return ApplianceClient.must(
            scenario.client().send("POST", "/api/v1/cluster/networks", "application/json", "{}"))
        .json();
  }

  private static List<String> faults(JsonNode verified) {
    var faults = new ArrayList<String>();
    for (JsonNode fault : verified.path("faults")) {
      JsonNode finding = fault.path("finding");
      faults.add(
          "%s %s %s"
              .formatted(
                  fault.path("network").asString(),
                  finding.path("error").asString(),
                  finding.path("seen").asString()));
    }
    return faults;
  }

  @Test
  void joinedHostsAreVerifiedAndAPortInAnotherVlanIsNamed() throws Exception {
    try (var cluster = ContainerCluster.start("verify")) {
      scenario = cluster.scenario;
      List<ContainerHost> hosts = new ArrayList<>();
      for (int n = 1; n <= 3; n++) {
        hosts.add(cluster.joined(n, List.of(6 << 10)));
      }
      cluster.apply(
          "{ match: { name: host-1 }, roles: [ceph-mon, ceph-osd] }",
          "{ match: { name: host-2 }, roles: [ceph-osd] }",
          "{ match: { name: host-3 }, roles: [ceph-osd] }");
      String before = "ip -o link; ip -o -4 addr; ip route; ls -A /tmp /root";
      String was =
          ContainerCluster.output(cluster.operator(hosts.get(1)), "sudo sh -c '" + before + "'");

      JsonNode clean = verified();
      assertThat(faults(clean)).isEmpty();
      assertThat(clean.path("networks")).hasSize(3);
      for (JsonNode network : clean.path("networks")) {
        assertThat(network.path("rows").toString()).isEqualTo("[\".==\",\"=.=\",\"==.\"]");
      }

      Commands.run(
          "ip", "-n", scenario.network.namespace(), "link", "set", "c2n1", "master", "replication");
      assertThat(faults(verified()))
          .singleElement()
          .asString()
          .startsWith("storage NET-004 host-2 storage (")
          .endsWith("it is in the network of replication");
      assertThat(
              ContainerCluster.output(
                  cluster.operator(hosts.get(1)), "sudo sh -c '" + before + "'"))
          .isEqualTo(was);
      assertThat(
              ApplianceClient.must(scenario.client().get("/api/v1/cluster/networks"))
                  .json()
                  .path("good")
                  .asBoolean(true))
          .isFalse();
    }
  }

  @Test
  void blankMachinesAreVerifiedInTheBootstrapOverTheirVlans() throws Exception {
    scenario = Scenario.start("verify-blank");
    var machines = new ArrayList<Machine>();
    for (int n = 1; n <= 2; n++) {
      Machine machine = scenario.machine(RackMachines.storageNode(n, Firmware.BIOS));
      machine.on();
      machines.add(machine);
    }
    scenario.discovered(2);
    scenario.apply(machines);
    scenario.settled("node-1", Scenario.DISCOVERY, "assigned");
    scenario.settled("node-2", Scenario.DISCOVERY, "assigned");

    JsonNode clean = verified();
    assertThat(faults(clean)).isEmpty();
    assertThat(clean.path("networks")).hasSize(3);
    for (JsonNode network : clean.path("networks")) {
      assertThat(network.path("rows").toString()).isEqualTo("[\".=\",\"=.\"]");
    }

    // The rack's switch carries 1500 bytes only.
    scenario.apply(
        RackMachines.clusterYaml(machines.stream().map(Machine::spec).toList())
            .replace("vlan: 101,", "vlan: 101, mtu: 9000,"));
    assertThat(faults(verified())).isNotEmpty().allMatch(f -> f.startsWith("storage NET-007 "));
  }
}
