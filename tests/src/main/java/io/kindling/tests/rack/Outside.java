package io.kindling.tests.rack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What machines send beyond the rack's networks is counted at the switch's ports, and dropped
/// there: names asked for, clocks asked for, anything else. Needs nftables. Not thread-safe.
public final class Outside {

  private static final String TABLE = "outside";

  private final Network network;
  private final Path rules;

  /// @param directory for the rules' file
  public Outside(Network network, Path directory) {
    this.network = network;
    this.rules = directory.resolve("outside.nft");
  }

  /// Begins to count at these ports, from zero.
  ///
  /// @param ports the machines' taps; made where they are not there yet
  /// @param inside networks of the rack, in CIDR notation
  public void count(List<String> ports, List<String> inside) {
    ports.forEach(network::plug);
    try {
      Files.writeString(
          rules,
          """
          table netdev %1$s
          delete table netdev %1$s
          table netdev %1$s {
            counter names { }
            counter clocks { }
            counter other { }
            counter sent { }
            chain ports {
              type filter hook ingress devices = { %2$s } priority 0; policy accept;
              counter name sent
              meta l4proto { tcp, udp } th dport { 53, 853 } counter name names drop
              udp dport 123 ip daddr != { %3$s } counter name clocks drop
              ip daddr { %3$s, 224.0.0.0/4, 255.255.255.255 } accept
              meta protocol ip counter name other drop
              ip6 daddr { fe80::/10, ff00::/8 } accept
              meta protocol ip6 counter name other drop
            }
          }
          """
              .formatted(TABLE, String.join(", ", ports), String.join(", ", inside)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Commands.run(network.in("nft", "-f", rules.toString()).toArray(String[]::new));
  }

  /// Packets so far: `names` (DNS), `clocks` (NTP) and `other` are what was to leave the rack,
  /// `sent` is whatever the machines sent.
  public Map<String, Long> packets() {
    String listed =
        Commands.run(
            network
                .in("nft", "-j", "list", "counters", "table", "netdev", TABLE)
                .toArray(String[]::new));
    var packets = new TreeMap<String, Long>();
    for (JsonNode entry : JsonMapper.shared().readTree(listed).path("nftables")) {
      JsonNode counter = entry.path("counter");
      if (counter.isObject()) {
        packets.put(counter.path("name").asString(), counter.path("packets").asLong());
      }
    }
    return packets;
  }
}
