package io.kindling.appliance.deploy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.cluster.Cluster.InterfaceRule;
import io.kindling.appliance.cluster.Cluster.Network;
import io.kindling.appliance.cluster.Cluster.NodeRule;
import io.kindling.appliance.net.AddressRange;
import io.kindling.appliance.net.Addresses;
import io.kindling.appliance.net.Cidr;
import io.kindling.inventory.Node;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Facts.Nic;
import io.kindling.ksgen.kickstart.NetworkDevice;
import io.kindling.ksgen.kickstart.NetworkDevice.Address;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Which addresses a node gets and which of its NICs carries them. Pure.
final class NodeNetwork {
  /// What Ethernet carries where nobody says otherwise.
  private static final int USUAL_MTU = 1500;

  private NodeNetwork() {}

  /// One address from every network that has some for nodes: the one it had, else the lowest free.
  ///
  /// @param before what the node has already; kept while it is still in range
  /// @param taken addresses of other nodes
  static Map<String, String> addresses(
      Cluster cluster, NodeRule rule, Map<String, String> before, TakenAddresses taken) {
    Map<String, String> addresses = new LinkedHashMap<>();
    for (Network network : cluster.networks().values()) {
      AddressRange range = network.nodes().orElse(null);
      if (range == null || !carries(rule, network)) {
        continue;
      }
      String old = before.get(network.name());
      Optional<Inet4Address> kept =
          Optional.ofNullable(old)
              .flatMap(Cidr::parse)
              .map(Cidr::address)
              .filter(range::contains)
              .filter(a -> !taken.has(Addresses.number(a)));
      Inet4Address address = kept.orElseGet(() -> lowestFree(network, range, taken));
      addresses.put(network.name(), Addresses.text(address) + "/" + network.cidr().prefix());
    }
    return addresses;
  }

  private static boolean carries(NodeRule rule, Network network) {
    return rule.interfaces().isEmpty()
        || network.name().equals(Cluster.MANAGEMENT)
        || rule.interfaces().stream().anyMatch(i -> i.networks().contains(network.name()));
  }

  private static Inet4Address lowestFree(
      Network network, AddressRange range, TakenAddresses taken) {
    long last = Addresses.number(range.last());
    for (long n = Addresses.number(range.first()); n <= last; n++) {
      if (!taken.has(n)) {
        return Addresses.of(n);
      }
    }
    throw new ApplianceException(
        ApplianceError.NO_ADDRESS, "network `" + network.name() + "`, range " + range);
  }

  /// NICs and what they carry together.
  ///
  /// @param rule null where the boot NIC carries what no rule speaks of
  private record Carrier(List<Nic> nics, @Nullable InterfaceRule rule, List<String> networks) {}

  /// The installed system's network devices; what others are made of comes first.
  ///
  /// @param router default gateway where the management network names none
  static List<NetworkDevice> devices(
      Cluster cluster,
      NodeRule rule,
      Node node,
      Facts facts,
      Map<String, String> addresses,
      Optional<Inet4Address> router) {
    String gatewayOn = gatewayNetwork(cluster, addresses, router);
    var devices = new ArrayList<NetworkDevice>();
    List<Carrier> carriers = carriers(cluster, rule, node, facts);
    for (int i = 0; i < carriers.size(); i++) {
      Carrier carrier = carriers.get(i);
      oneUntagged(cluster, node, carrier, addresses);
      List<Carried> carried = new ArrayList<>();
      for (String name : carrier.networks) {
        Network network = cluster.networks().get(name);
        String address = addresses.get(name);
        // Where nodes have no address of their own only a bridge has a use for the network.
        if (network != null && (address != null || bridge(carrier) != null)) {
          String gateway = name.equals(gatewayOn) ? gateway(network, router) : null;
          carried.add(new Carried(network, address == null ? null : new Address(address, gateway)));
        }
      }
      add(devices, i, carrier, carried);
    }
    return devices;
  }

  private record Carried(Network network, @Nullable Address address) {
    boolean tagged() {
      return network.vlan().isPresent();
    }

    @Nullable Integer mtu() {
      return network.mtu().isPresent() ? (Integer) network.mtu().getAsInt() : null;
    }
  }

  private static @Nullable String bridge(Carrier carrier) {
    return carrier.rule == null ? null : carrier.rule.bridge().orElse(null);
  }

  private static void add(
      List<NetworkDevice> devices, int number, Carrier carrier, List<Carried> carried) {
    String bridge = bridge(carrier);
    Address untagged =
        carried.stream()
            .filter(c -> !c.tagged() && bridge == null)
            .findFirst()
            .map(Carried::address)
            .orElse(null);
    Integer mtu = widest(carried);
    InterfaceRule rule = carrier.rule;
    String base;
    if (rule != null && rule.bond().isPresent()) {
      var members = new ArrayList<String>();
      for (Nic nic : carrier.nics) {
        members.add(nic(devices, nic, mtu, null));
      }
      base = rule.name();
      devices.add(new NetworkDevice.Bond(base, members, rule.bond().get(), mtu, untagged));
    } else {
      base = nic(devices, carrier.nics.getFirst(), mtu, untagged);
    }
    for (Carried c : carried) {
      String below = base;
      if (c.tagged()) {
        int id = c.network.vlan().getAsInt();
        below = number == 0 ? "vlan" + id : "vlan" + number + "-" + id;
        Address address = bridge == null ? c.address : null;
        devices.add(new NetworkDevice.Vlan(below, base, id, c.mtu(), address));
      }
      if (bridge != null) {
        devices.add(new NetworkDevice.Bridge(bridge, List.of(below), c.mtu(), c.address));
      }
    }
  }

  /// Adds the NIC under the next name of its kind.
  private static String nic(
      List<NetworkDevice> devices, Nic nic, @Nullable Integer mtu, @Nullable Address address) {
    String name = "nic" + devices.stream().filter(NetworkDevice.Nic.class::isInstance).count();
    devices.add(new NetworkDevice.Nic(name, nic.permanentMac(), mtu, address));
    return name;
  }

  /// A tagged network's frames must fit through the device below it. Null where all are as usual.
  private static @Nullable Integer widest(List<Carried> carried) {
    if (carried.stream().allMatch(c -> c.mtu() == null)) {
      return null;
    }
    return carried.stream()
        .map(Carried::mtu)
        .mapToInt(mtu -> mtu == null ? USUAL_MTU : mtu)
        .max()
        .orElseThrow();
  }

  private static List<Carrier> carriers(Cluster cluster, NodeRule rule, Node node, Facts facts) {
    List<Carrier> carriers = new ArrayList<>();
    boolean managed =
        rule.interfaces().stream().anyMatch(i -> i.networks().contains(Cluster.MANAGEMENT));
    for (InterfaceRule wanted : rule.interfaces()) {
      List<Nic> nics = NicChoice.of(wanted, node.name(), facts);
      join(carriers, new Carrier(nics, wanted, wanted.networks()), node);
    }
    if (!managed) {
      List<String> rest =
          rule.interfaces().isEmpty()
              ? List.copyOf(cluster.networks().keySet())
              : List.of(Cluster.MANAGEMENT);
      Nic boot = bootNic(node, facts);
      // On the bond where the boot NIC is in one.
      Carrier with = carriers.stream().filter(c -> c.nics.contains(boot)).findFirst().orElse(null);
      if (with == null) {
        carriers.addFirst(new Carrier(List.of(boot), null, rest));
      } else {
        List<String> both = new ArrayList<>(rest);
        both.addAll(with.networks);
        carriers.remove(with);
        carriers.addFirst(new Carrier(with.nics, with.rule, both));
      }
    }
    return carriers;
  }

  /// One NIC may carry the networks of several entries, but is in one bond or under one bridge.
  private static void join(List<Carrier> carriers, Carrier one, Node node) {
    for (int i = 0; i < carriers.size(); i++) {
      Carrier other = carriers.get(i);
      Optional<Nic> common = one.nics.stream().filter(other.nics::contains).findFirst();
      if (common.isEmpty()) {
        continue;
      }
      if (!alone(one) || !alone(other)) {
        throw new ApplianceException(
            ApplianceError.LAYOUT_IMPOSSIBLE,
            "%s: the NIC %s is in two entries of `interfaces:`, one of them a bond or bridge"
                .formatted(node.name(), common.get().name()));
      }
      List<String> both = new ArrayList<>(other.networks);
      both.addAll(one.networks);
      carriers.set(i, new Carrier(other.nics, other.rule, both));
      return;
    }
    carriers.add(one);
  }

  private static boolean alone(Carrier carrier) {
    return bridge(carrier) == null && (carrier.rule == null || carrier.rule.bond().isEmpty());
  }

  /// Two networks without vlan on one device cannot be told apart; a bridge has one network alone.
  private static void oneUntagged(
      Cluster cluster, Node node, Carrier carrier, Map<String, String> addresses) {
    List<String> untagged =
        carrier.networks.stream()
            .filter(addresses::containsKey)
            .filter(name -> {
              Network network = cluster.networks().get(name);
              return network != null && network.vlan().isEmpty();
            })
            .toList();
    String on = carrier.nics.stream().map(Nic::name).collect(Collectors.joining("+"));
    if (untagged.size() > 1) {
      throw new ApplianceException(
          ApplianceError.LAYOUT_IMPOSSIBLE,
          node.name()
              + ": the interface "
              + on
              + " would carry "
              + String.join(" and ", untagged)
              + ", both without vlan (`interfaces:`)");
    }
    if (bridge(carrier) != null && carrier.networks.size() > 1) {
      throw new ApplianceException(
          ApplianceError.LAYOUT_IMPOSSIBLE,
          "%s: the bridge on %s would carry %s; a bridge carries one network (`interfaces:`)"
              .formatted(node.name(), on, String.join(" and ", carrier.networks)));
    }
  }

  /// One default route: through `public` where nodes have addresses there, else management, else
  /// the first network that names a gateway.
  private static @Nullable String gatewayNetwork(
      Cluster cluster, Map<String, String> addresses, Optional<Inet4Address> router) {
    List<String> candidates = new ArrayList<>(List.of("public", Cluster.MANAGEMENT));
    candidates.addAll(cluster.networks().keySet());
    for (String name : candidates) {
      Network network = cluster.networks().get(name);
      if (network != null && addresses.containsKey(name) && gateway(network, router) != null) {
        return name;
      }
    }
    return null;
  }

  private static @Nullable String gateway(Network network, Optional<Inet4Address> router) {
    return network
        .gateway()
        .or(() -> network.name().equals(Cluster.MANAGEMENT) ? router : Optional.empty())
        .map(Addresses::text)
        .orElse(null);
  }

  private static Nic bootNic(Node node, Facts facts) {
    String mac =
        facts.agent().bootInterface() != null ? facts.agent().bootInterface() : node.bootMac();
    return facts.nics().stream()
        .filter(n -> n.permanentMac().equals(mac) || n.mac().equals(mac))
        .findFirst()
        .orElseThrow(() ->
            new ApplianceException(
                ApplianceError.LAYOUT_IMPOSSIBLE,
                "the NIC that "
                    + node.name()
                    + " booted from ("
                    + mac
                    + ") is not in its report; give `interfaces:`"));
  }
}
