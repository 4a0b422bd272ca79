package io.kindling.appliance.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.testing.Bench;
import io.kindling.inventory.NodeState;
import io.kindling.ksgen.kickstart.NetworkDevice;
import io.kindling.ksgen.kickstart.NetworkDevice.Address;
import io.kindling.ksgen.kickstart.NetworkDevice.Bond;
import io.kindling.ksgen.kickstart.NetworkDevice.Bridge;
import io.kindling.ksgen.kickstart.NetworkDevice.Mode;
import io.kindling.ksgen.kickstart.NetworkDevice.Nic;
import io.kindling.ksgen.kickstart.NetworkDevice.Vlan;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `interfaces:` from the file to the installed system's devices, for a machine with two NICs on
/// the board (one of which booted), two of 25 Gb/s on two switches, and a USB adapter.
class NodeNetworkTest {

  static final String MACHINE =
      """
      {"version": 1,
       "agent": {"version": "1.0", "firmware": "uefi", "bootInterface": "52:54:00:00:00:01"},
       "ssh": {"hostKeys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBsYWNlaG9sZGVy"]},
       "raw": {
        "lsblk": {"blockdevices": [
          {"name": "sda", "kname": "sda", "type": "disk", "size": 500107862016, "log-sec": 512,
           "serial": "S1", "tran": "sata"}]},
        "udev": {"sda": {"DEVLINKS": "/dev/disk/by-id/wwn-0x5000c500a1b2c3d4"}},
        "ip": [
          {"ifname": "fast1", "link_type": "ether", "address": "52:54:00:00:00:04",
           "parentbus": "pci", "parentdev": "0000:3b:00.1"},
          {"ifname": "eno1", "link_type": "ether", "address": "52:54:00:00:00:01",
           "parentbus": "pci", "parentdev": "0000:02:00.0"},
          {"ifname": "usb0", "link_type": "ether", "address": "52:54:00:00:00:09",
           "parentbus": "usb", "parentdev": "1-4:1.0"},
          {"ifname": "eno2", "link_type": "ether", "address": "52:54:00:00:00:02",
           "parentbus": "virtio", "parentdev": "virtio1"},
          {"ifname": "fast0", "link_type": "ether", "address": "52:54:00:00:00:03",
           "parentbus": "pci", "parentdev": "0000:3b:00.0"}],
        "lshw": [{"id": "host", "class": "system", "children": [
          {"id": "network:0", "class": "network", "businfo": "pci@0000:02:00.1", "children": [
            {"id": "virtio1", "class": "network", "businfo": "virtio@1", "logicalname": "eno2"}]},
          {"id": "network:1", "class": "network", "businfo": "pci@0000:02:00.0",
           "logicalname": "eno1", "size": 100000000, "capacity": 1000000000},
          {"id": "network:2", "class": "network", "businfo": "pci@0000:3b:00.0",
           "logicalname": "fast0", "capacity": 25000000000},
          {"id": "network:3", "class": "network", "businfo": "pci@0000:3b:00.1",
           "logicalname": "fast1", "size": 25000000000}]}],
        "lldp": {"lldp": [{"interface": [
          {"name": "fast0", "chassis": [{"id": [{"type": "mac", "value": "aa:bb"}],
            "name": [{"value": "leaf-1"}]}], "port": [{"id": [{"type": "ifname", "value": "swp7"}]}]},
          {"name": "fast1", "chassis": [{"id": [{"type": "mac", "value": "cc:dd"}]}],
            "port": [{"id": [{"type": "ifname", "value": "swp7"}]}]}]}]}
       }}
      """;

  private static final String CLUSTER =
      """
      networks:
        management: {cidr: 10.20.0.0/24, nodes: 10.20.0.10-10.20.0.12}
        storage: {cidr: 10.21.0.0/24, vlan: 101, mtu: 9000, nodes: 10.21.0.30-10.21.0.39}
        tenant: {cidr: 10.23.0.0/24, mtu: 1400, nodes: 10.23.0.30-10.23.0.39}
        public: {cidr: 192.0.2.0/24, gateway: 192.0.2.1}
      nodes:
      - match: {mac: "52:54:00:00:00:01"}
        name: one
        roles: [base]
        interfaces: {%s}
      """;

  private static final Nic BOOT =
      new Nic("nic0", "52:54:00:00:00:01", null, new Address("10.20.0.10/24", null));

  @TempDir private Path state;
  private Bench bench;

  @BeforeEach
  void open() {
    bench = new Bench(state);
    bench.report(MACHINE.getBytes(StandardCharsets.UTF_8));
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private List<NetworkDevice> devices(String interfaces) {
    var cluster = bench.keep(CLUSTER.formatted(interfaces));
    bench.assigner.apply(cluster, false);
    assertThat(bench.node(1).reason()).isNull();
    assertThat(bench.node(1).state()).isEqualTo(NodeState.ASSIGNED);
    return bench.plans.of(cluster, bench.node(1)).system().network();
  }

  private String impossible(String interfaces) {
    var lines = bench.assigner.apply(bench.keep(CLUSTER.formatted(interfaces)), false);
    assertThat(lines.getFirst().outcome()).isEqualTo("impossible");
    assertThat(lines.getFirst().detail()).startsWith("APP-007 ");
    return lines.getFirst().detail();
  }

  @Test
  void aBondIsMadeOfAllNicsOfASpeedAndCarriesTaggedNetworks() {
    assertThat(devices("bond0: {of: [{speed: 25000}], bond: lacp, networks: [storage]}"))
        .containsExactly(
            BOOT,
            new Nic("nic1", "52:54:00:00:00:03", 9000, null),
            new Nic("nic2", "52:54:00:00:00:04", 9000, null),
            new Bond("bond0", List.of("nic1", "nic2"), Mode.LACP, 9000, null),
            new Vlan("vlan1-101", "bond0", 101, 9000, new Address("10.21.0.30/24", null)));
  }

  @Test
  void managementFollowsTheBootNicIntoItsBond() {
    assertThat(
            devices(
                "bond0: {of: [{order: [0, 1]}], bond: active-backup, networks: [storage]}, fast0:"
                    + " {networks: tenant}"))
        .containsExactly(
            new Nic("nic0", "52:54:00:00:00:01", 9000, null),
            new Nic("nic1", "52:54:00:00:00:02", 9000, null),
            new Bond(
                "bond0",
                List.of("nic0", "nic1"),
                Mode.ACTIVE_BACKUP,
                9000,
                new Address("10.20.0.10/24", null)),
            new Vlan("vlan101", "bond0", 101, 9000, new Address("10.21.0.30/24", null)),
            new Nic("nic2", "52:54:00:00:00:03", 1400, new Address("10.23.0.30/24", null)));
  }

  @Test
  void aBridgeLiesOverTheNicOrItsVlanAndNeedsNoAddress() {
    assertThat(
            devices(
                "a: {of: {pci: '3b:00.0'}, bridge: br-ex, networks: public}, b: {of: {pci:"
                    + " '3b:00.1'}, bridge: br-st, networks: storage}"))
        .containsExactly(
            BOOT,
            new Nic("nic1", "52:54:00:00:00:03", null, null),
            new Bridge("br-ex", List.of("nic1"), null, null),
            new Nic("nic2", "52:54:00:00:00:04", 9000, null),
            new Vlan("vlan2-101", "nic2", 101, 9000, null),
            new Bridge("br-st", List.of("vlan2-101"), 9000, new Address("10.21.0.30/24", null)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{mac: '52:54:00:00:00:03'} | 52:54:00:00:00:03",
        "{name: usb0} | 52:54:00:00:00:09",
        "{pci: '0000:02:00.1'} | 52:54:00:00:00:02",
        "{speed: 1000} | 52:54:00:00:00:01",
        "{lldp: leaf-1} | 52:54:00:00:00:03",
        "{lldp: 'cc:dd', port: swp7} | 52:54:00:00:00:04",
        "{order: 3} | 52:54:00:00:00:04",
        "[{speed: 25000, order: 2}] | 52:54:00:00:00:03",
      })
  void everySelectorFindsItsNic(String selector, String mac) {
    assertThat(devices("x: {of: " + selector + ", networks: storage}"))
        .filteredOn(Nic.class::isInstance)
        .extracting(d -> ((Nic) d).mac())
        .contains(mac);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x: {of: {speed: 25000}, networks: storage} | one interface",
        "x: {of: {speed: 40000}, networks: storage} | no interface with speed: 40000; it has eno1",
        "x: {of: {order: 4}, networks: storage} | no interface with order: [4]",
        "x: {of: {lldp: leaf-1}, bond: lacp, networks: storage} | needs two NICs or more",
        "x: {of: {order: [0, 1]}, bond: lacp, networks: tenant} | both without vlan",
        "x: {of: {order: [2, 3]}, bond: lacp, networks: storage}, fast0: {networks: tenant} | two"
            + " entries",
        "eno1: {bridge: br0, networks: storage} | a bridge carries one network",
      })
  void whatASelectorDoesNotSettleIsImpossibleAndSaidWithTheMachinesNics(String rule, String why) {
    assertThat(impossible(rule)).contains(why);
  }

  @Test
  void aBondOfTheSameRulesIsNoChange() {
    String interfaces = "bond0: {of: [{order: [3, 2]}], bond: lacp, networks: [storage]}";
    devices(interfaces);
    assertThat(
            bench
                .assigner
                .apply(bench.keep(CLUSTER.formatted(interfaces.replace("3, 2", "2, 3"))), false)
                .getFirst()
                .outcome())
        .isEqualTo("unchanged");
  }

  @Test
  void anAddresslessNodeHasNoPlan() {
    devices("eno1: {networks: management}");
    var cluster = bench.keep(CLUSTER.formatted("eno1: {networks: management}"));
    var node = bench.node(1);
    var assignment = node.assignment();
    assertThat(assignment).isNotNull();
    var without =
        node.withAssignment(
            new io.kindling.inventory.Assignment(
                1,
                assignment.roles(),
                java.util.Map.of(),
                assignment.ksSpaces(),
                false,
                null,
                null));
    assertThat(
            catchThrowableOfType(ApplianceException.class, () -> bench.plans.of(cluster, without))
                .error())
        .isEqualTo(ApplianceError.NO_ADDRESS);
  }
}
