package io.kindling.appliance.config;

import io.kindling.appliance.net.Addresses;
import io.kindling.appliance.yaml.YamlMap;
import io.kindling.appliance.yaml.YamlValue;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The two HTTP listeners. Immutable.
///
/// @param operators API and console
/// @param tls how the operators' listener speaks TLS; plain HTTP on loopback addresses alone
/// @param names host names by which operators call it, the best first
/// @param machines port of the machines' listener, on the provisioning address
public record Listen(
    InetSocketAddress operators, Optional<Tls> tls, List<String> names, int machines) {

  private static final Pattern NAME =
      Pattern.compile(
          "(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

  public Listen {
    names = List.copyOf(names);
  }

  /// Whose certificate the operators' listener shows.
  public sealed interface Tls {}

  /// The appliance's own authority makes it.
  public record OwnAuthority() implements Tls {}

  /// The operator's, in PEM.
  public record Files(Path certificate, Path key) implements Tls {}

  /// Where browsers find the operators' listener, without a path.
  ///
  /// @param known an address of the appliance, for a listener on all of them
  public String url(Inet4Address known) {
    String host =
        names.stream()
            .findFirst()
            .orElseGet(() ->
                operators.getAddress().isAnyLocalAddress()
                    ? Addresses.text(known)
                    : operators.getAddress().getHostAddress());
    return (tls.isPresent() ? "https://" : "http://") + host + ":" + operators.getPort();
  }

  /// Takes the keys of `listen:`.
  static Listen read(YamlMap listen) {
    InetSocketAddress operators =
        listen
            .take("operators")
            .map(Listen::socketAddress)
            .orElseGet(() -> new InetSocketAddress(Addresses.of(0x7f000001L), 8080));
    int machines = listen.take("machines").map(v -> v.number(1, 65535)).orElse(80);
    List<String> names =
        listen
            .take("names")
            .map(v -> v.each(n -> n.text(NAME, "a host name in lower case")))
            .orElse(List.of());
    Optional<Tls> tls = listen.take("tls").map(Listen::tls);
    listen.end();
    if (tls.isEmpty() && !operators.getAddress().isLoopbackAddress()) {
      tls = Optional.of(new OwnAuthority());
    }
    return new Listen(operators, tls, names, machines);
  }

  private static Tls tls(YamlValue value) {
    if (!value.isMap()) {
      if (!value.text().equals("own")) {
        throw value.wrong(
            "expected `own`, or `certificate` and `key` with files, not `" + value.text() + "`");
      }
      return new OwnAuthority();
    }
    YamlMap map = value.map();
    var files =
        new Files(Path.of(map.require("certificate").text()), Path.of(map.require("key").text()));
    map.end();
    return files;
  }

  private static InetSocketAddress socketAddress(YamlValue value) {
    String text = value.text();
    int colon = text.lastIndexOf(':');
    if (colon > 0 && text.substring(colon + 1).matches("[0-9]{1,5}")) {
      int port = Integer.parseInt(text.substring(colon + 1));
      Optional<Inet4Address> address = Addresses.parse(text.substring(0, colon));
      if (address.isPresent() && port <= 65535) {
        return new InetSocketAddress(address.get(), port);
      }
    }
    throw value.wrong("expected an address with port such as 127.0.0.1:8080, not `" + text + "`");
  }
}
