package io.kindling.appliance.console.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The last verification of networks, for the template: every key is there. Pure; safe to call with
/// anything a machine can send.
public final class NetworkViews {
  /// A larger matrix is not drawn: its findings are what one reads.
  static final int MOST_PORTS = 100;

  private NetworkViews() {}

  /// @param verified as the API shows it; empty where there was none
  public static Map<String, Object> of(Map<String, Object> verified) {
    var view = new LinkedHashMap<String, Object>();
    view.put("there", !verified.isEmpty());
    view.put("good", Values.flag(verified, "good"));
    view.put("at", Values.text(verified, "at"));
    view.put(
        "ago", Words.duration(Duration.ofSeconds(Values.number(verified, "ageSeconds").orElse(0))));
    view.put("seconds", Values.number(verified, "seconds").orElse(0));
    view.put(
        "networks", Values.maps(verified, "networks").stream().map(NetworkViews::network).toList());
    var faults = new ArrayList<Map<String, Object>>();
    for (Map<String, Object> fault : Values.maps(verified, "faults")) {
      Map<String, Object> finding = Values.map(fault, "finding");
      faults.add(
          Map.of(
              "network", Values.text(fault, "network"),
              "error", Values.text(finding, "error"),
              "summary", Values.text(finding, "summary"),
              "seen", Values.text(finding, "seen"),
              "cure", Values.text(finding, "cure")));
    }
    view.put("faults", faults);
    return view;
  }

  private static Map<String, Object> network(Map<String, Object> network) {
    List<Map<String, Object>> ports = Values.maps(network, "ports");
    List<String> rows = Values.texts(network, "rows");
    boolean drawn = ports.size() <= MOST_PORTS && rows.size() == ports.size();
    var lines = new ArrayList<Map<String, Object>>();
    var numbers = new ArrayList<Integer>();
    for (int i = 0; i < ports.size() && drawn; i++) {
      Map<String, Object> port = ports.get(i);
      numbers.add(i + 1);
      lines.add(
          Map.of(
              "number", i + 1,
              "node", Values.text(port, "node"),
              "nic", Values.text(port, "nic"),
              "address", Values.text(port, "address"),
              "at", Values.text(port, "at"),
              "cells", rows.get(i).chars().mapToObj(NetworkViews::cell).toList()));
    }
    long vlan = Values.number(network, "vlan").orElse(0);
    return Map.of(
        "name",
        Values.text(network, "network"),
        "tag",
        vlan == 0 ? "untagged" : "VLAN " + vlan,
        "mtu",
        Values.number(network, "mtu").orElse(0),
        "drawn",
        drawn,
        "ports",
        ports.size(),
        "numbers",
        numbers,
        "lines",
        lines);
  }

  /// The kind becomes a CSS class.
  private static Map<String, Object> cell(int sign) {
    return switch (sign) {
      case '=' -> Map.of("kind", "good", "text", "=", "title", "passes");
      case 's' -> Map.of("kind", "warn", "text", "s", "title", "small frames only");
      case 'x' -> Map.of("kind", "bad", "text", "x", "title", "nothing arrives");
      case '.' -> Map.of("kind", "own", "text", "·", "title", "the same node");
      default -> Map.of("kind", "own", "text", "?", "title", "not asked");
    };
  }
}
