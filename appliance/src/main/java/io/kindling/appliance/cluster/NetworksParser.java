package io.kindling.appliance.cluster;

import io.kindling.appliance.cluster.Cluster.Network;
import io.kindling.appliance.config.KindlingConfig.Provisioning;
import io.kindling.appliance.net.AddressRange;
import io.kindling.appliance.net.Addresses;
import io.kindling.appliance.net.Cidr;
import io.kindling.appliance.yaml.YamlMap;
import io.kindling.appliance.yaml.YamlValue;
import java.net.Inet4Address;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/// Reads `networks:` and checks that every address has one meaning.
final class NetworksParser {
  private final Provisioning provisioning;
  private final Pattern name;

  NetworksParser(Provisioning provisioning, Pattern name) {
    this.provisioning = provisioning;
    this.name = name;
  }

  Map<String, Network> read(YamlMap map) {
    Map<String, Network> networks = new LinkedHashMap<>();
    Map<Integer, String> vlans = new LinkedHashMap<>();
    for (var entry : map.takeAll()) {
      String key = entry.getKey();
      YamlValue value = entry.getValue();
      if (!name.matcher(key).matches()) {
        throw value.wrong("`" + key + "` is no network name (a-z, 0-9, dash; at most 15)");
      }
      Network network = network(key, value);
      for (Network other : networks.values()) {
        if (other.cidr().overlaps(network.cidr())) {
          throw value.wrong(
              "the networks `" + other.name() + "` and `" + key + "` overlap: " + network.cidr());
        }
      }
      if (network.vlan().isPresent()) {
        String before = vlans.putIfAbsent(network.vlan().getAsInt(), key);
        if (before != null) {
          throw value.wrong("`" + before + "` and `" + key + "` have the same vlan");
        }
      }
      networks.put(key, network);
    }
    if (!networks.containsKey(Cluster.MANAGEMENT)) {
      networks.put(Cluster.MANAGEMENT, defaultManagement(map));
    }
    return networks;
  }

  private Network network(String key, YamlValue value) {
    boolean management = key.equals(Cluster.MANAGEMENT);
    YamlMap map = value.map();
    YamlValue cidrValue = map.require("cidr");
    Cidr cidr = cidrValue.cidr();
    if (!cidr.equals(cidr.network())) {
      throw cidrValue.wrong("`" + cidr + "` has host bits set; the network is " + cidr.network());
    }
    if (management && !cidr.sameNetwork(provisioning.address())) {
      throw cidrValue.wrong(
          "management is "
              + cidr
              + ", but the appliance provisions on "
              + provisioning.address().network()
              + " (kindling.yaml)");
    }
    Optional<YamlValue> dhcpValue = map.take("dhcp");
    Optional<AddressRange> dhcp = dhcpValue.map(v -> within(v, cidr));
    if (dhcpValue.isPresent() && !management) {
      throw dhcpValue.get().wrong("only the management network lends addresses");
    }
    if (management && dhcp.isEmpty()) {
      dhcp = Optional.of(provisioning.pool());
    }
    Optional<YamlValue> nodesValue = map.take("nodes");
    Optional<AddressRange> nodes = nodesValue.map(v -> within(v, cidr));
    if (nodes.isEmpty() && management) {
      nodes = Optional.of(defaultNodes(cidr, map));
    }
    Optional<YamlValue> floatingValue = map.take("floating");
    Optional<AddressRange> floating = floatingValue.map(v -> within(v, cidr));
    Optional<YamlValue> vipValue = map.take("vip");
    Optional<Inet4Address> vip = vipValue.map(v -> host(v, cidr));
    Optional<YamlValue> gatewayValue = map.take("gateway");
    Optional<Inet4Address> gateway = gatewayValue.map(v -> host(v, cidr));
    Optional<YamlValue> vlanValue = map.take("vlan");
    OptionalInt vlan = number(vlanValue, 1, 4094);
    if (management && vlanValue.isPresent()) {
      throw vlanValue.get().wrong("machines boot on management: it cannot be tagged");
    }
    OptionalInt mtu = number(map.take("mtu"), 576, 9216);
    map.end();

    if (nodes.isPresent()) {
      YamlValue at = nodesValue.orElse(value);
      overlap(at, "nodes", nodes.get(), "dhcp", dhcp);
      overlap(at, "nodes", nodes.get(), "floating", floating);
      inside(vipValue, vip, "vip", "nodes", nodes.get());
      inside(gatewayValue, gateway, "gateway", "nodes", nodes.get());
      if (management && nodes.get().contains(provisioning.address().address())) {
        throw at.wrong("`nodes` holds the appliance's own address");
      }
    }
    if (dhcp.isPresent()) {
      YamlValue at = dhcpValue.orElse(value);
      inside(vipValue, vip, "vip", "dhcp", dhcp.get());
      inside(gatewayValue, gateway, "gateway", "dhcp", dhcp.get());
      if (dhcp.get().contains(provisioning.address().address())) {
        throw at.wrong("`dhcp` holds the appliance's own address");
      }
    }
    if (management && vip.isPresent() && vip.get().equals(provisioning.address().address())) {
      throw vipValue.orElse(value).wrong("`vip` is the appliance's own address");
    }
    return new Network(key, cidr, dhcp, nodes, vip, vlan, mtu, gateway, floating);
  }

  private Network defaultManagement(YamlMap place) {
    Cidr cidr = provisioning.address().network();
    return new Network(
        Cluster.MANAGEMENT,
        cidr,
        Optional.of(provisioning.pool()),
        Optional.of(defaultNodes(cidr, place)),
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        provisioning.router(),
        Optional.empty());
  }

  /// Hosts .10 to .99, where nothing else stands.
  private AddressRange defaultNodes(Cidr cidr, YamlMap place) {
    long base = cidr.first() - 1;
    AddressRange range = new AddressRange(Addresses.of(base + 10), Addresses.of(base + 99));
    if (!range.within(cidr)
        || range.overlaps(provisioning.pool())
        || range.contains(provisioning.address().address())) {
      throw place.wrong("`nodes` of the management network must be given: the default is taken");
    }
    return range;
  }

  private static AddressRange within(YamlValue value, Cidr cidr) {
    AddressRange range = value.range();
    if (!range.within(cidr)) {
      throw value.wrong("the range " + range + " is not inside " + cidr);
    }
    return range;
  }

  private static Inet4Address host(YamlValue value, Cidr cidr) {
    Inet4Address address = value.address();
    if (!new AddressRange(address, address).within(cidr)) {
      throw value.wrong(Addresses.text(address) + " is no host address of " + cidr);
    }
    return address;
  }

  private static void overlap(
      YamlValue at, String a, AddressRange range, String b, Optional<AddressRange> other) {
    if (other.isPresent() && range.overlaps(other.get())) {
      throw at.wrong("`" + a + "` " + range + " and `" + b + "` " + other.get() + " overlap");
    }
  }

  private static void inside(
      Optional<YamlValue> at,
      Optional<Inet4Address> address,
      String what,
      String rangeName,
      AddressRange range) {
    if (at.isPresent() && address.isPresent() && range.contains(address.get())) {
      throw at.get().wrong("`" + what + "` is inside `" + rangeName + "` " + range);
    }
  }

  private static OptionalInt number(Optional<YamlValue> value, int min, int max) {
    return value.isPresent() ? OptionalInt.of(value.get().number(min, max)) : OptionalInt.empty();
  }
}
