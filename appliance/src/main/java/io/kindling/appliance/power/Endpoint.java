package io.kindling.appliance.power;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a BMC listens.
///
/// @param host a name, an IPv4 address or an IPv6 address without brackets
record Endpoint(String host, int port) {
  static final int IPMI = 623;
  static final int HTTPS = 443;

  private static final Pattern FORM =
      Pattern.compile(
          "(?:https://)?(?:\\[(?<six>[0-9A-Fa-f:]{2,45})]|(?<four>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})))"
              + "(?::(?<port>[0-9]{1,5}))?/?");

  /// `host`, `host:port`, `[IPv6]:port`; Redfish's may be written with `https://`.
  static Optional<Endpoint> parse(String text, int usual) {
    Matcher m = FORM.matcher(text);
    if (!m.matches()) {
      return Optional.empty();
    }
    int port = m.group("port") == null ? usual : Integer.parseInt(m.group("port"));
    String six = m.group("six");
    return port < 1 || port > 65535
        ? Optional.empty()
        : Optional.of(new Endpoint(six == null ? m.group("four") : six, port));
  }

  /// As it stands in a URL.
  String authority() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
