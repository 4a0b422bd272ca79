package io.kindling.appliance.config;

import io.kindling.appliance.net.AddressRange;
import io.kindling.appliance.net.Addresses;
import io.kindling.appliance.net.Cidr;
import io.kindling.appliance.yaml.YamlMap;
import io.kindling.appliance.yaml.YamlValue;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.dhcp.DhcpMode;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// How the appliance takes part in DHCP: the keys of `provisioning:` beyond address and pool.
///
/// @param mode whether it lends addresses
/// @param beside serve though another DHCP server answers on the network
/// @param probe how long an offer waits for a machine that uses its address already; zero: not
/// @param exclude addresses never lent
/// @param reservations addresses that belong to a machine
/// @param relayed networks whose machines come through a relay
public record Dhcp(
    DhcpMode mode,
    boolean beside,
    Duration probe,
    List<AddressRange> exclude,
    Map<HardwareAddress, Inet4Address> reservations,
    List<Relayed> relayed) {

  static final Duration DEFAULT_PROBE = Duration.ofMillis(250);

  /// What holds where nothing is said.
  public static final Dhcp DEFAULT =
      new Dhcp(DhcpMode.SERVER, false, DEFAULT_PROBE, List.of(), Map.of(), List.of());

  /// @param relay the relay's address in that network
  /// @param router the relay itself where nothing else is said
  public record Relayed(
      Cidr relay,
      List<AddressRange> pools,
      Inet4Address router,
      Optional<List<Inet4Address>> dns,
      Optional<String> domain,
      List<AddressRange> exclude,
      Map<HardwareAddress, Inet4Address> reservations) {
    public Relayed {
      pools = List.copyOf(pools);
      exclude = List.copyOf(exclude);
      reservations = Map.copyOf(reservations);
    }
  }

  public Dhcp {
    exclude = List.copyOf(exclude);
    reservations = Map.copyOf(reservations);
    relayed = List.copyOf(relayed);
  }

  /// Takes its keys out of `provisioning:`.
  static Dhcp read(YamlMap p, Cidr address) {
    DhcpMode mode = p.take("dhcp").map(Dhcp::mode).orElse(DhcpMode.SERVER);
    boolean beside = p.take("beside").map(YamlValue::yes).orElse(false);
    Duration probe = p.take("probe").map(Dhcp::probe).orElse(DEFAULT_PROBE);
    List<AddressRange> exclude = ranges(p.take("exclude"), address);
    Map<HardwareAddress, Inet4Address> reservations = reservations(p, address);
    List<Relayed> relayed = new ArrayList<>();
    for (YamlValue network : p.take("relayed").map(YamlValue::list).orElse(List.of())) {
      Relayed one = relayed(network.map());
      List<Cidr> others = new ArrayList<>(List.of(address));
      relayed.forEach(other -> others.add(other.relay()));
      for (Cidr other : others) {
        if (other.contains(one.relay().address()) || one.relay().contains(other.address())) {
          throw network.wrong("the networks " + one.relay() + " and " + other + " overlap");
        }
      }
      relayed.add(one);
    }
    return new Dhcp(mode, beside, probe, exclude, reservations, relayed);
  }

  private static DhcpMode mode(YamlValue value) {
    for (DhcpMode mode : DhcpMode.values()) {
      if (mode.name().toLowerCase(Locale.ROOT).equals(value.text())) {
        return mode;
      }
    }
    throw value.wrong("expected server, proxy or off, not `" + value.text() + "`");
  }

  private static Duration probe(YamlValue value) {
    Duration probe = value.duration();
    if (probe.compareTo(Duration.ofSeconds(3)) > 0) {
      throw value.wrong("a probe lasts 3s at most: clients wait for their offer");
    }
    return probe;
  }

  private static Relayed relayed(YamlMap map) {
    YamlValue at = map.require("relay");
    Cidr relay = at.cidr();
    List<AddressRange> pools = ranges(map.take("pool"), relay);
    for (int i = 0; i < pools.size(); i++) {
      for (AddressRange other : pools.subList(0, i)) {
        if (other.overlaps(pools.get(i))) {
          throw map.wrong("the pools " + other + " and " + pools.get(i) + " overlap");
        }
      }
    }
    Inet4Address router = map.take("router").map(v -> v.addressIn(relay)).orElseGet(relay::address);
    Optional<List<Inet4Address>> dns = map.take("dns").map(v -> v.each(YamlValue::address));
    Optional<String> domain = map.take("domain").map(Dhcp::domain);
    var network =
        new Relayed(
            relay,
            pools,
            router,
            dns,
            domain,
            ranges(map.take("exclude"), relay),
            reservations(map, relay));
    map.end();
    return network;
  }

  private static String domain(YamlValue value) {
    if (!value.text().matches("[A-Za-z0-9.-]{1,253}")) {
      throw value.wrong("expected a domain such as rack1.example, not `" + value.text() + "`");
    }
    return value.text();
  }

  /// Single addresses and ranges of one network.
  private static List<AddressRange> ranges(Optional<YamlValue> value, Cidr network) {
    List<AddressRange> ranges = new ArrayList<>();
    for (YamlValue one : value.map(YamlValue::listOrOne).orElse(List.of())) {
      AddressRange range =
          Addresses.parse(one.text())
              .map(single -> new AddressRange(single, single))
              .orElseGet(one::range);
      if (!range.within(network)) {
        throw one.wrong(range + " is not inside " + network);
      }
      ranges.add(range);
    }
    return ranges;
  }

  private static Map<HardwareAddress, Inet4Address> reservations(YamlMap map, Cidr network) {
    Map<HardwareAddress, Inet4Address> reservations = new LinkedHashMap<>();
    for (var entry : map.takeMap("reservations").takeAll()) {
      YamlValue value = entry.getValue();
      HardwareAddress mac =
          HardwareAddress.parse(entry.getKey())
              .orElseThrow(() -> value.wrong("`" + entry.getKey() + "` is no hardware address"));
      Inet4Address address = value.addressIn(network);
      if (address.equals(network.address())) {
        throw value.wrong(Addresses.text(address) + " is the server's or relay's own");
      }
      if (reservations.containsValue(address)) {
        throw value.wrong(Addresses.text(address) + " is reserved twice");
      }
      if (reservations.put(mac, address) != null) {
        throw value.wrong(mac + " has two reservations");
      }
    }
    return reservations;
  }
}
