package io.kindling.appliance.cli;

import io.kindling.ksgen.kickstart.NetworkDevice;
import io.kindling.ksgen.kickstart.NetworkDevice.Address;
import io.kindling.ksgen.kickstart.NetworkDevice.Mode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A network device as one word of the command line: `bond0=lacp:nic0+nic1,mtu=9000`.
final class DeviceOption {

  private static final Set<String> KEYS = Set.of("address", "gateway", "mtu");

  private DeviceOption() {}

  /// @param wrong makes the complaint
  static NetworkDevice parse(String text, Function<String, ? extends RuntimeException> wrong) {
    String[] parts = text.split(",", -1);
    int equals = parts[0].indexOf('=');
    if (equals < 1) {
      throw wrong.apply("a network device is NAME=…, not `" + text + "`");
    }
    String name = parts[0].substring(0, equals);
    String what = parts[0].substring(equals + 1);
    Map<String, String> values = new HashMap<>();
    for (int i = 1; i < parts.length; i++) {
      int at = parts[i].indexOf('=');
      String key = at < 0 ? parts[i] : parts[i].substring(0, at);
      if (at < 0 || !KEYS.contains(key) || values.put(key, parts[i].substring(at + 1)) != null) {
        throw wrong.apply("`" + parts[i] + "` in `" + text + "`: address, gateway or mtu, once");
      }
    }
    try {
      return device(name, what, number(values.get("mtu")), address(values));
    } catch (IllegalArgumentException e) {
      throw wrong.apply("no network device: `" + text + "`");
    }
  }

  private static NetworkDevice device(
      String name, String what, @Nullable Integer mtu, @Nullable Address address) {
    int at = what.indexOf('@');
    if (at > 0) {
      int id = Integer.parseInt(what.substring(0, at));
      return new NetworkDevice.Vlan(name, what.substring(at + 1), id, mtu, address);
    }
    for (String kind : List.of("lacp:", "active-backup:", "bridge:")) {
      if (what.startsWith(kind)) {
        List<String> members = List.of(what.substring(kind.length()).split("\\+", -1));
        return switch (kind) {
          case "lacp:" -> new NetworkDevice.Bond(name, members, Mode.LACP, mtu, address);
          case "bridge:" -> new NetworkDevice.Bridge(name, members, mtu, address);
          default -> new NetworkDevice.Bond(name, members, Mode.ACTIVE_BACKUP, mtu, address);
        };
      }
    }
    return new NetworkDevice.Nic(name, what, mtu, address);
  }

  private static @Nullable Integer number(@Nullable String text) {
    return text == null ? null : Integer.valueOf(text);
  }

  private static @Nullable Address address(Map<String, String> values) {
    String address = values.get("address");
    if (address == null && values.containsKey("gateway")) {
      throw new IllegalArgumentException("a gateway without an address");
    }
    return address == null ? null : new Address(address, values.get("gateway"));
  }
}
