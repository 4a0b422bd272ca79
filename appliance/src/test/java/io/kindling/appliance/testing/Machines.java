package io.kindling.appliance.testing;

import io.kindling.inventory.TestParsing;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Discovery documents of distinct machines, made from a recorded one.
public final class Machines {
  private static final Pattern UUID = Pattern.compile("UUID: ([0-9a-fA-F-]{36})");

  private Machines() {}

  /// The boot NIC of machine `number`.
  public static String mac(int number) {
    return "52:54:00:00:00:%02x".formatted(number);
  }

  /// The document of machine `number`: other addresses and another system UUID, the same hardware.
  public static byte[] document(int number) {
    return text(number).getBytes(StandardCharsets.UTF_8);
  }

  public static String text(int number) {
    String text = new String(TestParsing.recorded("qemu-bios"), StandardCharsets.UTF_8);
    Matcher m = UUID.matcher(text);
    if (!m.find()) {
      throw new AssertionError("the recorded machine has no UUID");
    }
    String uuid = m.group(1).substring(0, 34) + "%02x".formatted(number);
    return text.replace(m.group(1), uuid)
        .replace("52:54:00:00:00:01", mac(number))
        .replace("52:54:00:00:01:01", "52:54:00:00:01:%02x".formatted(number));
  }

  /// What a machine with its own operating system reports that has joined.
  ///
  /// @param machine its machine-id
  public static byte[] joining(String machine, String host, String hostKey, String... addresses) {
    var info = new StringBuilder();
    for (String address : addresses) {
      info.append(info.isEmpty() ? "" : ",")
          .append("{\"family\":\"inet\",\"local\":\"")
          .append(address)
          .append("\",\"prefixlen\":24}");
    }
    return """
    {"version":1,
     "agent":{"version":"1.0","firmware":"bios","existing":{"machineId":"%s","hostName":"%s"}},
     "ssh":{"hostKeys":["ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ","%s"]},
     "raw":{"ip":[{"ifname":"management","link_type":"ether","address":"52:54:01:00:00:01",
       "addr_info":[%s]}]}}
    """
        .formatted(machine, host, hostKey, info)
        .getBytes(StandardCharsets.UTF_8);
  }
}
