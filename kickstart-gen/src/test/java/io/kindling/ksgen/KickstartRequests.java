package io.kindling.ksgen;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Facts.Firmware;
import io.kindling.ksgen.kickstart.KickstartRequest;
import io.kindling.ksgen.kickstart.KickstartRequest.Host;
import io.kindling.ksgen.kickstart.KickstartRequest.Locale;
import io.kindling.ksgen.kickstart.KickstartRequest.Repository;
import io.kindling.ksgen.kickstart.NetworkDevice;
import io.kindling.ksgen.kickstart.NetworkDevice.Address;
import io.kindling.ksgen.kickstart.NetworkDevice.Bond;
import io.kindling.ksgen.kickstart.NetworkDevice.Bridge;
import io.kindling.ksgen.kickstart.NetworkDevice.Mode;
import io.kindling.ksgen.kickstart.NetworkDevice.Nic;
import io.kindling.ksgen.kickstart.NetworkDevice.Vlan;
import io.kindling.ksgen.kickstart.Release;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// KickstartRequests for tests.
final class KickstartRequests {

  static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-0000000000bb");
  static final String KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJz1f0Jp3kW0eXn4Uo0cZBv1yR4w3W0pT6h6s1Fv2x9Q kindling";

  private KickstartRequests() {}

  static KickstartRequest of(
      Release release, DiskPlan plan, Firmware firmware, List<NetworkDevice> network) {
    return new KickstartRequest(
        release,
        plan,
        firmware,
        new KickstartRequest.Appliance(
            "http://10.20.0.1/releases/" + release.label() + ".4",
            List.of(new Repository("BaseOS", "BaseOS"), new Repository("AppStream", "AppStream")),
            "http://10.20.0.1/agent/v1",
            "dG9rZW4"),
        host(),
        network);
  }

  static Host host() {
    return new Host(
        "node-1",
        "rack1.example",
        List.of("10.20.0.1", "10.20.0.2"),
        List.of("10.20.0.1", "ntp.rack1.example"),
        "kindling",
        KEY,
        Locale.STANDARD,
        List.of("console=tty0", "console=ttyS0,115200n8", "mitigations=auto,nosmt"),
        List.of("tmux", "@standard", "-plymouth"));
  }

  static DiskPlan plan(Set<Role> roles, List<String> overrides, Facts.Disk... disks) {
    return plan(1, roles, overrides, disks);
  }

  static DiskPlan plan(int attempt, Set<Role> roles, List<String> overrides, Facts.Disk... disks) {
    return ruled(
        attempt, roles, overrides.stream().map(o -> DiskOverride.parse(o).rule()).toList(), disks);
  }

  private static Facts facts(Facts.Disk... disks) {
    return new Facts(
        new Facts.Agent("1.0", Firmware.UEFI, false, "52:54:00:00:00:01"),
        new Facts.SystemInfo("QEMU", "Standard PC", null, null, null),
        new Facts.Cpu("cpu", "x86_64", 1, 2),
        4L << 30,
        List.of(disks),
        List.of(),
        List.of());
  }

  /// Lays out by rules instead of the command line's words.
  static DiskPlan ruled(int attempt, Set<Role> roles, List<DiskRule> rules, Facts.Disk... disks) {
    Facts facts = facts(disks);
    var request = new LayoutRequest(NODE, attempt, facts, roles, rules);
    return Expand.expand(Layouter.layout(request), NODE, attempt, facts);
  }

  static Facts.Disk disk(String name, long bytes) {
    return new Facts.Disk(
        name,
        name,
        name,
        List.of(),
        null,
        null,
        null,
        null,
        bytes,
        512,
        512,
        Facts.Media.HDD,
        "loop",
        false,
        false,
        null,
        null,
        List.of());
  }

  /// Shapes by what they show.
  static Map<String, List<NetworkDevice>> networks() {
    var shapes = new LinkedHashMap<String, List<NetworkDevice>>();
    Nic first = new Nic("nic0", "52:54:00:00:00:01", null, null);
    Nic second = new Nic("nic1", "52:54:00:00:00:02", null, null);
    shapes.put("static", List.of(new Nic("nic0", "52:54:00:00:00:01", null, at(20, true))));
    shapes.put(
        "vlans",
        List.of(
            new Nic("nic0", "52:54:00:00:00:01", 9000, at(20, true)),
            new Vlan("vlan101", "nic0", 101, 9000, at(21, false)),
            new Vlan("vlan102", "nic0", 102, null, at(22, false))));
    shapes.put(
        "bond",
        List.of(
            first,
            second,
            new Bond("bond0", List.of("nic0", "nic1"), Mode.LACP, 9000, at(20, true))));
    shapes.put(
        "vlansOnBond",
        List.of(
            first,
            second,
            new Bond("bond0", List.of("nic0", "nic1"), Mode.ACTIVE_BACKUP, 9000, at(20, true)),
            new Vlan("vlan101", "bond0", 101, 9000, at(21, false)),
            new Vlan("vlan102", "bond0", 102, 1500, at(22, false))));
    shapes.put("bridge", List.of(first, new Bridge("br0", List.of("nic0"), 9000, at(20, true))));
    shapes.put(
        "bridgesOnVlansOnBond",
        List.of(
            first,
            second,
            new Bond("bond0", List.of("nic0", "nic1"), Mode.LACP, 9000, null),
            new Vlan("vlan101", "bond0", 101, 9000, null),
            new Vlan("vlan102", "bond0", 102, null, null),
            new Bridge("br-mgmt", List.of("vlan101"), 9000, at(20, true)),
            new Bridge("br-store", List.of("vlan102"), null, at(21, false))));
    return shapes;
  }

  private static Address at(int net, boolean gateway) {
    return new Address("10." + net + ".0.10/24", gateway ? "10." + net + ".0.254" : null);
  }
}
