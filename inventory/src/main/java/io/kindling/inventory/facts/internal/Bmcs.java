package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Hardware;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `ipmitool lan print`: the machine's management controller on the network.
public final class Bmcs {
  private static final Pattern MAC = Pattern.compile("(?m)^MAC Address\\s*: *([0-9a-fA-F:]{17})");
  private static final Pattern ADDRESS =
      Pattern.compile("(?m)^IP Address\\s*: *((?:[0-9]{1,3}\\.){3}[0-9]{1,3})\\s*$");

  private static final Pattern GATEWAY =
      Pattern.compile("(?m)^Default Gateway IP\\s*: *((?:[0-9]{1,3}\\.){3}[0-9]{1,3})\\s*$");
  private static final Pattern SOURCE = Pattern.compile("(?m)^IP Address Source\\s*: *(\\S.*)$");
  private static final Pattern VLAN =
      Pattern.compile("(?m)^802\\.1q VLAN ID\\s*: *(\\d{1,4})\\s*$");

  private Bmcs() {}

  /// All of it; null where the tool told none.
  static Hardware.@Nullable Controller controller(@Nullable String ipmi) {
    String mac = hardwareAddress(ipmi);
    String address = address(ipmi);
    if (mac == null && address == null) {
      return null;
    }
    String source = first(SOURCE, ipmi);
    String vlan = first(VLAN, ipmi);
    String gateway = first(GATEWAY, ipmi);
    return new Hardware.Controller(
        address,
        Nics.hardwareAddress(mac),
        source == null ? null : Reader.clean(source),
        gateway == null || gateway.startsWith("0.") ? null : gateway,
        vlan == null ? null : Integer.valueOf(vlan));
  }

  private static @Nullable String first(Pattern pattern, @Nullable String ipmi) {
    Matcher matcher = pattern.matcher(ipmi == null ? "" : ipmi);
    return matcher.find() ? matcher.group(1) : null;
  }

  /// Its IPv4 address; null where it has none or not yet (0.0.0.0).
  public static @Nullable String address(@Nullable String ipmi) {
    String address = first(ADDRESS, ipmi);
    if (address == null) {
      return null;
    }
    for (String number : address.split("\\.")) {
      if (Integer.parseInt(number) > 255) {
        return null;
      }
    }
    return address.startsWith("0.") ? null : address;
  }

  /// Its own hardware address, where it is also seen as an interface of the host.
  static @Nullable String hardwareAddress(@Nullable String ipmi) {
    return first(MAC, ipmi);
  }
}
