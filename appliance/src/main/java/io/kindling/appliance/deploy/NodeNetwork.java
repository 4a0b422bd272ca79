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
import io.kindling.postinstall.InstallPlan.Interface;
import io.kindling.postinstall.InstallPlan.Vlan;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which addresses a node gets and which of its NICs carries them. Pure.
final class NodeNetwork {
  private NodeNetwork() {}

  /// One address from every network that has some for nodes: the one it had, else the lowest free.
  ///
  /// @param before what the node has already; kept while it is still in range
  /// @param taken addresses of other nodes, without prefix
  static Map<String, String> addresses(
      Cluster cluster, NodeRule rule, Map<String, String> before, Set<String> taken) {
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
              .filter(a -> !taken.contains(Addresses.text(a)));
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

  private static Inet4Address lowestFree(Network network, AddressRange range, Set<String> taken) {
    long last = Addresses.number(range.last());
    for (long n = Addresses.number(range.first()); n <= last; n++) {
      Inet4Address address = Addresses.of(n);
      if (!taken.contains(Addresses.text(address))) {
        return address;
      }
    }
    throw new ApplianceException(
        ApplianceError.NO_ADDRESS, "network `" + network.name() + "`, range " + range);
  }

  /// The installed system's interfaces.
  ///
  /// @param router default gateway where the management network names none
  static List<Interface> interfaces(
      Cluster cluster,
      NodeRule rule,
      Node node,
      Facts facts,
      Map<String, String> addresses,
      Optional<Inet4Address> router) {
    Map<Nic, List<String>> carried = new LinkedHashMap<>();
    if (rule.interfaces().isEmpty()) {
      carried.put(bootNic(node, facts), List.copyOf(cluster.networks().keySet()));
    } else {
      if (rule.interfaces().stream().noneMatch(i -> i.networks().contains(Cluster.MANAGEMENT))) {
        carried.put(bootNic(node, facts), new ArrayList<>(List.of(Cluster.MANAGEMENT)));
      }
      for (InterfaceRule wanted : rule.interfaces()) {
        carried
            .computeIfAbsent(find(wanted, node, facts), nic -> new ArrayList<>())
            .addAll(wanted.networks());
      }
    }
    String gatewayOn = gatewayNetwork(cluster, addresses, router);
    List<Interface> interfaces = new ArrayList<>();
    carried.forEach((nic, names) -> {
      oneUntagged(cluster, node, nic, names, addresses);
      interfaces.add(of(nic, cluster, names, addresses, gatewayOn, router));
    });
    return interfaces;
  }

  /// Two networks without vlan on one NIC cannot be told apart.
  private static void oneUntagged(
      Cluster cluster, Node node, Nic nic, List<String> names, Map<String, String> addresses) {
    List<String> untagged =
        names.stream()
            .filter(addresses::containsKey)
            .filter(name -> {
              Network network = cluster.networks().get(name);
              return network != null && network.vlan().isEmpty();
            })
            .toList();
    if (untagged.size() > 1) {
      throw new ApplianceException(
          ApplianceError.LAYOUT_IMPOSSIBLE,
          node.name()
              + ": the interface "
              + nic.name()
              + " would carry "
              + String.join(" and ", untagged)
              + ", both without vlan (`interfaces:`)");
    }
  }

  private static Interface of(
      Nic nic,
      Cluster cluster,
      List<String> names,
      Map<String, String> addresses,
      @Nullable String gatewayOn,
      Optional<Inet4Address> router) {
    String untagged = null;
    String untaggedGateway = null;
    Integer mtu = null;
    List<Vlan> vlans = new ArrayList<>();
    for (String name : names) {
      Network network = cluster.networks().get(name);
      String address = addresses.get(name);
      if (network == null || address == null) {
        continue; // nodes have no address of their own on this network
      }
      String gateway = name.equals(gatewayOn) ? gateway(network, router) : null;
      Integer own = network.mtu().isPresent() ? (Integer) network.mtu().getAsInt() : null;
      if (own != null && (mtu == null || own > mtu)) {
        mtu = own; // a tagged network's frames must fit through the NIC below it
      }
      if (network.vlan().isPresent()) {
        vlans.add(new Vlan(network.vlan().getAsInt(), name, address, gateway, own));
      } else {
        untagged = address;
        untaggedGateway = gateway;
      }
    }
    return new Interface(nic.permanentMac(), untagged, untaggedGateway, mtu, vlans);
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

  private static Nic find(InterfaceRule wanted, Node node, Facts facts) {
    return facts.nics().stream()
        .filter(n ->
            wanted.mac().map(m -> m.equals(n.permanentMac()) || m.equals(n.mac())).orElse(true)
                && wanted.nic().map(m -> m.equals(n.name())).orElse(true))
        .findFirst()
        .orElseThrow(() ->
            new ApplianceException(
                ApplianceError.LAYOUT_IMPOSSIBLE,
                node.name()
                    + " has no interface "
                    + wanted.mac().or(wanted::nic).orElse("")
                    + " (`interfaces:`)"));
  }
}
