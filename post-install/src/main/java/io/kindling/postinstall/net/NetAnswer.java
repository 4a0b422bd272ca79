package io.kindling.postinstall.net;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What one node said: the output of `net-probe.py`, line by line. Lines that are not of its form
/// are ignored, and those about ports that are not its own: they come from a machine. Not
/// thread-safe.
final class NetAnswer {

  private static final String MARK = "KINDLING-NET ";
  private static final int MOST_HEARD = 1 << 20;
  private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");
  private static final Pattern IP = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
  private static final Pattern HEARD = Pattern.compile("([0-9]{1,9}):([bls]{1,3})");

  /// @param device `-` where the node has no such NIC
  record Port(String device, boolean link, int mtu) {}

  record Claim(int lane, String address, String mac) {}

  record Offer(int lane, String server, String mac, String address) {}

  /// @param kind `dns` or `ntp`
  /// @param lane -1 where the node has no way to it
  /// @param answer response code or stratum; empty where it was silent
  record Server(String kind, String address, int lane, String answer) {}

  record Member(String bond, String name, boolean lacp, String link, String partner) {}

  private final Set<Integer> lanes;
  final Set<String> macs = new HashSet<>();
  final Map<Integer, Port> ports = new HashMap<>();

  /// Lane → lane that was heard on it → which of its frames: `b`roadcast, `s`mall, `l`arge.
  final Map<Integer, Map<Integer, String>> heard = new HashMap<>();

  final Set<Claim> claims = new LinkedHashSet<>();
  final Set<Offer> offers = new LinkedHashSet<>();
  final List<Server> servers = new ArrayList<>();
  final List<Member> members = new ArrayList<>();
  final List<String> unresolved = new ArrayList<>();
  private String last = "";
  private boolean done;
  private @Nullable String process;

  /// @param lanes the node's own
  NetAnswer(Set<Integer> lanes) {
    this.lanes = Set.copyOf(lanes);
  }

  /// Takes a line of the program's output.
  void line(String line) {
    if (!line.startsWith(MARK)) {
      last = line.isBlank() ? last : line.strip();
      return;
    }
    String[] w = line.substring(MARK.length()).split(" ");
    switch (w[0] + "/" + w.length) {
      case "mac/2" -> macs.add(w[1]);
      case "ready/2" -> process = number(w[1]) ? w[1] : null;
      case "lane/6" -> {
        if (own(w[1]) && number(w[5])) {
          ports.put(
              Integer.parseInt(w[1]), new Port(w[2], w[4].equals("1"), Integer.parseInt(w[5])));
        }
      }
      case "claim/4" -> {
        if (own(w[1]) && IP.matcher(w[2]).matches() && MAC.matcher(w[3]).matches()) {
          claims.add(new Claim(Integer.parseInt(w[1]), w[2], w[3]));
        }
      }
      case "offer/5" -> {
        if (own(w[1]) && IP.matcher(w[2]).matches() && MAC.matcher(w[3]).matches()) {
          offers.add(new Offer(Integer.parseInt(w[1]), w[2], w[3], w[4]));
        }
      }
      case "server/5" -> {
        boolean known = w[1].equals("dns") || w[1].equals("ntp");
        if (known && IP.matcher(w[2]).matches() && (own(w[3]) || w[3].equals("-"))) {
          int lane = own(w[3]) ? Integer.parseInt(w[3]) : -1;
          servers.add(new Server(w[1], w[2], lane, number(w[4]) ? w[4] : ""));
        }
      }
      case "member/6" -> members.add(new Member(w[1], w[2], w[3].equals("lacp"), w[4], w[5]));
      case "unresolved/2" -> unresolved.add(w[1]);
      case "done/1" -> done = true;
      default -> more(w, line);
    }
  }

  private void more(String[] w, String line) {
    if (w[0].equals("heard") && w.length > 1 && own(w[1])) {
      var on = heard.computeIfAbsent(Integer.parseInt(w[1]), _ -> new HashMap<>());
      for (int i = 2; i < w.length && on.size() < MOST_HEARD; i++) {
        var one = HEARD.matcher(w[i]);
        if (one.matches()) {
          on.put(Integer.parseInt(one.group(1)), one.group(2));
        }
      }
    } else if (w[0].equals("trouble")) {
      last = line.substring(MARK.length() + "trouble".length()).strip();
    }
  }

  private boolean own(String word) {
    return number(word) && lanes.contains(Integer.parseInt(word));
  }

  private static boolean number(String word) {
    return NUMBER.matcher(word).matches();
  }

  /// The program's process, once it waits for the start.
  @Nullable String process() {
    return process;
  }

  /// Everything was said.
  boolean done() {
    return done;
  }

  /// The last thing it said that is no answer.
  String last() {
    return last;
  }
}
