package io.kindling.inventory.facts.internal;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `ipmitool lan print`: the machine's management controller on the network.
public final class Bmcs {
  private static final Pattern MAC = Pattern.compile("(?m)^MAC Address\\s*: *([0-9a-fA-F:]{17})");
  private static final Pattern ADDRESS =
      Pattern.compile("(?m)^IP Address\\s*: *((?:[0-9]{1,3}\\.){3}[0-9]{1,3})\\s*$");

  private Bmcs() {}

  /// Its IPv4 address; null where it has none or not yet (0.0.0.0).
  public static @Nullable String address(@Nullable String ipmi) {
    Matcher matcher = ADDRESS.matcher(ipmi == null ? "" : ipmi);
    if (!matcher.find()) {
      return null;
    }
    String address = matcher.group(1);
    for (String number : address.split("\\.")) {
      if (Integer.parseInt(number) > 255) {
        return null;
      }
    }
    return address.startsWith("0.") ? null : address;
  }

  /// Its own hardware address, where it is also seen as an interface of the host.
  static @Nullable String hardwareAddress(@Nullable String ipmi) {
    Matcher matcher = MAC.matcher(ipmi == null ? "" : ipmi);
    return matcher.find() ? matcher.group(1) : null;
  }
}
