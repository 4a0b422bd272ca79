package io.kindling.postinstall.internal;

import io.kindling.ksgen.kickstart.NetworkDevice;
import io.kindling.ksgen.kickstart.NetworkDevice.Address;
import io.kindling.ksgen.kickstart.NetworkDevice.Bond;
import io.kindling.ksgen.kickstart.NetworkDevice.Bridge;
import io.kindling.ksgen.kickstart.NetworkDevice.Mode;
import io.kindling.ksgen.kickstart.NetworkDevice.Nic;
import io.kindling.ksgen.kickstart.NetworkDevice.Vlan;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// systemd-networkd's files (systemd.netdev(5), systemd.network(5)) of the installed system. NICs
/// are found by their permanent address, so nothing depends on how a kernel names them; what is
/// made of others is found by its own name. Pure.
final class NetworkdFiles {

  private static final String PLACE = "/etc/systemd/network/";

  /// By device: what its own file says of the bond or bridge it is in and of the VLANs on it.
  private final Map<String, String> above = new HashMap<>();

  private NetworkdFiles(List<NetworkDevice> devices) {
    for (NetworkDevice device : devices) {
      switch (device) {
        case Bond bond -> bond.members().forEach(m -> above(m, "Bond=" + bond.name()));
        case Bridge bridge -> bridge.members().forEach(m -> above(m, "Bridge=" + bridge.name()));
        case Vlan vlan -> above(vlan.parent(), "VLAN=" + vlan.name());
        case Nic _ -> {}
      }
    }
  }

  private void above(String below, String line) {
    above.merge(below, line + "\n", String::concat);
  }

  /// Path → text; mode 0644.
  static Map<String, String> of(List<NetworkDevice> devices) {
    var files = new NetworkdFiles(devices);
    // Only the first with an address is waited for at boot, others may be unplugged.
    Optional<NetworkDevice> awaited = devices.stream().filter(d -> d.address() != null).findFirst();
    var made = new TreeMap<String, String>();
    for (NetworkDevice device : devices) {
      String path = PLACE + (device instanceof Nic ? "10-" : "20-") + device.name();
      made.put(
          path + ".network", files.network(device, awaited.filter(device::equals).isPresent()));
      String kind = kind(device);
      if (kind != null) {
        made.put(path + ".netdev", netdev(device, kind));
      }
    }
    return made;
  }

  private static @Nullable String kind(NetworkDevice device) {
    return switch (device) {
      case Nic _ -> null;
      case Bond bond ->
          "bond\n%s\n[Bond]\nMode=%s\nMIIMonitorSec=100ms\n%s"
              .formatted(
                  mtu(bond),
                  bond.mode().word(),
                  bond.mode() == Mode.LACP ? "TransmitHashPolicy=layer3+4\n" : "");
      case Vlan vlan -> "vlan\n%s\n[VLAN]\nId=%d\n".formatted(mtu(vlan), vlan.id());
      case Bridge bridge -> "bridge\n%s\n[Bridge]\nSTP=no\n".formatted(mtu(bridge));
    };
  }

  private static String netdev(NetworkDevice device, String kind) {
    return SystemFiles.OURS + "[NetDev]\nName=" + device.name() + "\nKind=" + kind;
  }

  private String network(NetworkDevice device, boolean awaited) {
    String match =
        device instanceof Nic nic
            ? "PermanentMACAddress=" + nic.mac().toLowerCase(Locale.ROOT)
            : "Name=" + device.name();
    return SystemFiles.OURS
        + "[Match]\n"
        + match
        + "\n\n[Link]\nRequiredForOnline="
        + (awaited ? "yes" : "no")
        + "\n"
        + mtu(device)
        + "\n[Network]\nDHCP=no\nIPv6AcceptRA=no\n"
        + address(device.address())
        + above.getOrDefault(device.name(), "");
  }

  private static String mtu(NetworkDevice device) {
    return device.mtu() == null ? "" : "MTUBytes=" + device.mtu() + "\n";
  }

  private static String address(@Nullable Address address) {
    if (address == null) {
      return "LinkLocalAddressing=no\n";
    }
    return "Address="
        + address.address()
        + "\n"
        + (address.gateway() == null ? "" : "Gateway=" + address.gateway() + "\n");
  }
}
