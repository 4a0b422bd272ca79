package io.kindling.ksgen.kickstart;

import io.kindling.ksgen.internal.Ids;
import io.kindling.ksgen.kickstart.NetworkDevice.Address;
import io.kindling.ksgen.kickstart.NetworkDevice.Bond;
import io.kindling.ksgen.kickstart.NetworkDevice.Bridge;
import io.kindling.ksgen.kickstart.NetworkDevice.Nic;
import io.kindling.ksgen.kickstart.NetworkDevice.Vlan;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// NetworkManager's keyfiles (nm-settings-keyfile(5)) of the installed system. NICs are found by
/// their permanent address, devices refer to each other by their connections' UUIDs, so nothing
/// depends on how a kernel names NICs. Pure.
final class NetworkFiles {

  private static final String PLACE = "/etc/NetworkManager/system-connections/";
  private static final String OURS = "# Written by Kindling when this node was installed.\n";

  private final KickstartRequest request;
  private final Ids ids;
  private final Map<String, String> controllers = new HashMap<>();

  private NetworkFiles(KickstartRequest request) {
    this.request = request;
    this.ids = new Ids(request.disks().nodeId(), request.disks().attempt());
    for (NetworkDevice device : request.network()) {
      switch (device) {
        case Bond bond -> bond.members().forEach(m -> controllers.put(m, port(bond, "bond")));
        case Bridge bridge ->
            bridge.members().forEach(m -> controllers.put(m, port(bridge, "bridge")));
        case Nic _, Vlan _ -> {}
      }
    }
  }

  /// Path → text; mode 0600, or NetworkManager ignores them.
  static Map<String, String> of(KickstartRequest request) {
    var files = new NetworkFiles(request);
    var made = new LinkedHashMap<String, String>();
    for (NetworkDevice device : request.network()) {
      made.put(PLACE + device.name() + ".nmconnection", files.file(device));
    }
    return made;
  }

  private String file(NetworkDevice device) {
    var text = new StringBuilder(OURS);
    text.append("[connection]\nid=").append(device.name());
    text.append("\nuuid=").append(uuid(device.name()));
    text.append("\ntype=").append(type(device)).append('\n');
    if (!(device instanceof Nic)) {
      text.append("interface-name=").append(device.name()).append('\n');
    }
    text.append("autoconnect=true\nautoconnect-retries=0\n");
    text.append(controllers.getOrDefault(device.name(), ""));
    text.append("\n[ethernet]\n");
    if (device instanceof Nic nic) {
      text.append("mac-address=").append(nic.mac()).append('\n');
    }
    if (device.mtu() != null) {
      text.append("mtu=").append(device.mtu()).append('\n');
    }
    switch (device) {
      case Nic _ -> {}
      case Bond bond -> {
        text.append("\n[bond]\nmode=").append(bond.mode().word()).append("\nmiimon=100\n");
        if (bond.mode() == NetworkDevice.Mode.LACP) {
          text.append("xmit_hash_policy=layer3+4\n");
        }
      }
      case Vlan vlan -> {
        text.append("\n[vlan]\nid=").append(vlan.id());
        text.append("\nparent=").append(uuid(vlan.parent())).append('\n');
      }
      case Bridge _ -> text.append("\n[bridge]\nstp=false\n");
    }
    if (!controllers.containsKey(device.name())) {
      address(text, device.address());
    }
    return text.toString();
  }

  private void address(StringBuilder text, @org.jspecify.annotations.Nullable Address address) {
    text.append("\n[ipv4]\n");
    if (address == null) {
      text.append("method=disabled\n");
    } else {
      text.append("method=manual\naddress1=").append(address.address());
      if (address.gateway() != null) {
        text.append(',').append(address.gateway());
      }
      text.append('\n');
      list(text, "dns", request.host().dns());
      if (request.host().domain() != null) {
        list(text, "dns-search", List.of(request.host().domain()));
      }
    }
    text.append("\n[ipv6]\nmethod=disabled\n");
  }

  private static void list(StringBuilder text, String key, List<String> values) {
    if (!values.isEmpty()) {
      text.append(key).append('=').append(String.join(";", values)).append(";\n");
    }
  }

  private String port(NetworkDevice controller, String type) {
    return "master=" + uuid(controller.name()) + "\nslave-type=" + type + "\n";
  }

  private UUID uuid(String name) {
    return ids.of("network/" + name, Ids.DISK);
  }

  private static String type(NetworkDevice device) {
    return switch (device) {
      case Nic _ -> "ethernet";
      case Bond _ -> "bond";
      case Vlan _ -> "vlan";
      case Bridge _ -> "bridge";
    };
  }
}
