package io.kindling.appliance.cluster;

import io.kindling.appliance.cluster.Cluster.InterfaceRule;
import io.kindling.appliance.cluster.Cluster.Network;
import io.kindling.appliance.cluster.Cluster.NicSelector;
import io.kindling.appliance.yaml.YamlMap;
import io.kindling.appliance.yaml.YamlValue;
import io.kindling.ksgen.kickstart.NetworkDevice.Mode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads one rule's `interfaces:`: which NICs carry which networks, alone or in a bond.
final class InterfacesParser {
  private static final Pattern NIC = Pattern.compile("[^\\s/]{1,15}");
  private static final Pattern DEVICE = Pattern.compile("[a-z][a-z0-9-]{0,14}");
  private static final Pattern PCI =
      Pattern.compile("([0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

  /// Names that the installed system has already, or that Kindling gives.
  private static final Pattern OURS = Pattern.compile("lo|nic[0-9]+|vlan[0-9][0-9-]*");

  private static final int MAX_MBPS = 10_000_000;
  private static final int MAX_ORDER = 511;

  private final Map<String, Network> networks;
  private final Set<String> carried = new LinkedHashSet<>();
  private final Set<String> devices = new HashSet<>();

  InterfacesParser(Map<String, Network> networks) {
    this.networks = networks;
  }

  List<InterfaceRule> read(YamlMap map) {
    List<InterfaceRule> rules = new ArrayList<>();
    for (var e : map.takeAll()) {
      rules.add(rule(e.getKey(), e.getValue()));
    }
    return rules;
  }

  private InterfaceRule rule(String key, YamlValue value) {
    YamlMap map = value.map();
    Optional<YamlValue> of = map.take("of");
    Optional<Mode> bond =
        map.take("bond")
            .map(v ->
                switch (v.oneOf("lacp", "active-backup")) {
                  case "lacp" -> Mode.LACP;
                  default -> Mode.ACTIVE_BACKUP;
                });
    if (bond.isPresent()) {
      if (of.isEmpty()) {
        throw value.wrong("a bond needs `of`: the NICs that it is made of");
      }
      device("bond", key, value);
    }
    List<NicSelector> selectors = new ArrayList<>();
    if (of.isPresent()) {
      for (YamlValue v : of.get().listOrOne()) {
        selectors.add(selector(v));
      }
      if (selectors.isEmpty()) {
        throw of.get().wrong("`of` selects nothing");
      }
    } else {
      if (!NIC.matcher(key).matches()) {
        throw value.wrong("`" + key + "` is no interface's name");
      }
      selectors.add(named(key));
    }
    Optional<YamlValue> bridge = map.take("bridge");
    bridge.ifPresent(v -> device("bridge", v.text(), v));
    List<String> names = networks(map.require("networks"));
    if (bridge.isPresent() && names.size() != 1) {
      throw bridge.get().wrong("a bridge carries one network");
    }
    map.end();
    return new InterfaceRule(key, selectors, bond, bridge.map(YamlValue::text), names);
  }

  private void device(String what, String name, YamlValue at) {
    if (!DEVICE.matcher(name).matches() || OURS.matcher(name).matches()) {
      throw at.wrong(
          "`"
              + name
              + "` cannot be a "
              + what
              + "'s name: lower-case letters, digits and dashes, at most 15, not lo, nicN or"
              + " vlanN");
    }
    if (!devices.add(name)) {
      throw at.wrong("two devices of this node are named `" + name + "`");
    }
  }

  private static NicSelector named(String name) {
    return new NicSelector(
        Optional.empty(),
        Optional.of(name),
        Optional.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        Set.of());
  }

  private static NicSelector selector(YamlValue value) {
    YamlMap map = value.map();
    Optional<YamlValue> order = map.take("order");
    Optional<YamlValue> lldp = map.take("lldp");
    Optional<YamlValue> port = map.take("port");
    var selector =
        new NicSelector(
            map.take("mac").map(ClusterParser::mac),
            map.take("name").map(v -> v.text(NIC, "an interface's name")),
            map.take("pci").map(InterfacesParser::pci),
            map.take("speed")
                .map(v -> OptionalInt.of(v.number(1, MAX_MBPS)))
                .orElse(OptionalInt.empty()),
            lldp.map(YamlValue::text),
            port.map(YamlValue::text),
            order
                .<Set<Integer>>map(v -> new LinkedHashSet<>(v.each(n -> n.number(0, MAX_ORDER))))
                .orElse(Set.of()));
    map.end();
    if (port.isPresent() && lldp.isEmpty()) {
      throw port.get().wrong("`port` is a switch's port: give the switch with `lldp`");
    }
    if (selector.text().isEmpty()) {
      throw value.wrong("`of` needs at least one of mac, name, pci, speed, lldp, order");
    }
    return selector;
  }

  /// In full: `3b:00.1` stands for `0000:3b:00.1`.
  private static String pci(YamlValue value) {
    String text = value.text().toLowerCase(Locale.ROOT);
    if (!PCI.matcher(text).matches()) {
      throw value.wrong("expected a PCI address such as 0000:3b:00.1, not `" + value.text() + "`");
    }
    return text.length() == "3b:00.1".length() ? "0000:" + text : text;
  }

  private List<String> networks(YamlValue list) {
    List<String> names = new ArrayList<>();
    String untagged = null;
    for (YamlValue v : list.listOrOne()) {
      String name = v.text();
      Network network = networks.get(name);
      if (network == null) {
        throw v.wrong(
            "unknown network `" + name + "`; known: " + String.join(", ", networks.keySet()));
      }
      if (!carried.add(name)) {
        throw v.wrong("the network `" + name + "` is on two interfaces of this node");
      }
      if (network.vlan().isEmpty()) {
        if (untagged != null) {
          throw v.wrong(
              "`"
                  + untagged
                  + "` and `"
                  + name
                  + "` have no vlan: one interface carries one of them");
        }
        untagged = name;
      }
      names.add(name);
    }
    return names;
  }
}
