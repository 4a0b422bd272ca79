package io.kindling.postinstall.check;

import io.kindling.postinstall.check.CheckReport.Row;
import io.kindling.postinstall.openstack.Firewall.Member;
import io.kindling.postinstall.openstack.Firewall.Opening;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What one host says to `firewall-check.sh`. Thread-safe.
final class FirewallAnswers {

  private static final String CHECK = "firewall";
  private static final String MARK = "KINDLING-CHECK ";

  /// Asks for the host's own addresses by DHCP.
  private static final Set<String> CLIENTS = Set.of("udp 68", "udp 546");

  /// From here on the kernel gives ports to programs that ask others (`ip_local_port_range`).
  private static final int FIRST_OF_CLIENTS = 32768;

  private final Member member;
  private final Set<String> own = new HashSet<>();
  private final Set<String> listeners = new TreeSet<>();
  private String rules = "";

  FirewallAnswers(Member member) {
    this.member = member;
  }

  /// Takes a line of the script's output.
  synchronized void line(String line) {
    if (!line.startsWith(MARK)) {
      return;
    }
    String[] words = line.substring(MARK.length()).split(" ", 2);
    if (words.length == 2) {
      switch (words[0]) {
        case "rules" -> rules = words[1].strip();
        case "own" -> own.add(words[1].strip());
        case "listens" -> listeners.add(words[1].strip());
        default -> {
          // not of this script
        }
      }
    }
  }

  /// @param how the script ended, in words
  synchronized List<Row> rows(String how) {
    var rows = new ArrayList<Row>();
    String said = how.equals("answers") && !rules.isEmpty() ? rules : how;
    rows.add(Row.same(CHECK, member.name(), "loaded", said, CheckError.FIREWALL));
    for (String listener : listeners) {
      String[] words = listener.split(" ", 3);
      if (words.length == 3 && !meant(words[0], words[1])) {
        rows.add(
            Row.of(
                CHECK,
                "%s, %s %s".formatted(member.name(), words[0], words[1]),
                "nothing",
                words[2] + " listens",
                CheckError.LISTENER));
      }
    }
    return rows;
  }

  /// @param at `10.0.0.1:22`, `[::]:22`, `10.0.0.1%eth0:68`
  private boolean meant(String protocol, String at) {
    int colon = at.lastIndexOf(':');
    String address = at.substring(0, Math.max(colon, 0));
    if (address.startsWith("127.") || address.startsWith("[::1]")) {
      return true;
    }
    int port;
    try {
      port = Integer.parseInt(at.substring(colon + 1));
    } catch (NumberFormatException e) {
      return false; // shown as it is
    }
    String place = protocol + " " + port;
    return own.contains(place)
        || CLIENTS.contains(place)
        || protocol.equals("udp") && port >= FIRST_OF_CLIENTS
        || member.openings().stream().anyMatch((Opening o) -> o.covers(protocol, port));
  }
}
