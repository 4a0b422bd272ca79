package io.kindling.postinstall.openstack;

import io.kindling.postinstall.openstack.Firewall.From;
import io.kindling.postinstall.openstack.Firewall.Member;
import io.kindling.postinstall.openstack.Firewall.Opening;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;

/// A host's rules as nftables reads them (man 8 nft): one table of their own, put in the place of
/// the former one in one transaction. They go by addresses: names of NICs are udev's. Pure.
final class FirewallRules {

  static final String FILE = "/etc/kindling/firewall.nft";

  /// An operator's own rules, read before everything else is dropped.
  static final String OWN = "/etc/kindling/firewall.d";

  /// Two things come before states are asked for. A guest's frames pass through the host's network
  /// stack too where the switch runs in user space (OVS, intro/install/userspace): none of them is
  /// for the host. And a connection between hosts that is older than these rules, which nobody has
  /// counted yet, goes on: a packet that begins none opens nothing either.
  private static final String BEGIN =
      """
        counter dropped {
        }
        counter guests {
        }
        chain guests {
          type filter hook prerouting priority raw; policy accept;
          iifname "br-int" counter name "guests" drop
          iifname "tap*" counter name "guests" drop
        }
        chain input {
          type filter hook input priority filter; policy drop;
          iifname "lo" accept
          ct state established,related accept
          ip saddr @hosts tcp flags & (syn | ack) == ack accept comment "older than these rules"
          icmp type { destination-unreachable, echo-request, time-exceeded, parameter-problem } accept
          meta l4proto ipv6-icmp accept
          udp sport 67 udp dport 68 accept comment "DHCP"
      """;

  private static final String END =
      """
          include "%s/*.nft"
          limit rate 6/minute burst 10 packets log prefix "kindling-firewall: " level info
          counter name "dropped"
        }
      }
      """
          .formatted(OWN);

  private FirewallRules() {}

  static String of(Firewall firewall, Member member) {
    var text = new StringBuilder("#!/usr/sbin/nft -f\n" + OpenStackFiles.OURS);
    text.append("table inet kindling\ndelete table inet kindling\ntable inet kindling {\n");
    for (From from : From.values()) {
      switch (from) {
        case ANYBODY -> {
          // needs no set
        }
        case ADMIN -> text.append(set(from, "flags interval\n    auto-merge\n", firewall.admin()));
        case HOSTS, GATEWAYS, CONTROLLERS, COMPUTES, VOLUMES, OPENSTACK ->
            text.append(set(from, "", firewall.addresses(from)));
      }
    }
    text.append(BEGIN);
    member.openings().forEach(opening -> text.append(rule(opening)));
    return text.append(END).toString();
  }

  private static String name(From from) {
    return from.name().toLowerCase(Locale.ROOT);
  }

  private static String set(From from, String flags, SortedSet<String> addresses) {
    var text = new StringBuilder("  set " + name(from) + " {\n    type ipv4_addr\n");
    if (!flags.isEmpty()) {
      text.append("    ").append(flags);
    }
    if (!addresses.isEmpty()) {
      text.append("    elements = { ").append(String.join(", ", addresses)).append(" }\n");
    }
    return text.append("  }\n").toString();
  }

  private static String rule(Opening opening) {
    var text = new StringBuilder("    ");
    if (opening.from() != From.ANYBODY) {
      text.append("ip saddr @").append(name(opening.from())).append(' ');
    }
    List<String> at = opening.at();
    if (!at.isEmpty()) {
      text.append("ip daddr { ").append(String.join(", ", at)).append(" } ");
    }
    text.append(
        opening.ports().isEmpty()
            ? "ip protocol " + opening.protocol()
            : opening.protocol() + " dport { " + opening.ports() + " }");
    return text.append(" accept comment \"").append(opening.what()).append("\"\n").toString();
  }
}
