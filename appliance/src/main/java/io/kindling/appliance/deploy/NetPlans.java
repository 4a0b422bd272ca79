package io.kindling.appliance.deploy;

import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.cluster.Cluster.NodeRule;
import io.kindling.appliance.config.KindlingConfig.Provisioning;
import io.kindling.appliance.net.Addresses;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Facts.Neighbour;
import io.kindling.ksgen.kickstart.NetworkDevice;
import io.kindling.ksgen.kickstart.NetworkDevice.Bond;
import io.kindling.ksgen.kickstart.NetworkDevice.Bridge;
import io.kindling.ksgen.kickstart.NetworkDevice.Nic;
import io.kindling.ksgen.kickstart.NetworkDevice.Vlan;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.net.NetPlan;
import io.kindling.postinstall.net.NetPlan.Dhcp;
import io.kindling.postinstall.net.NetPlan.Lane;
import io.kindling.pxe.dhcp.DhcpMode;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What is to be verified of a cluster's networks: the ports that the installed systems are to
/// have, one network at a time, on machines as they are now. Pure.
final class NetPlans {
  /// What Ethernet carries where nobody says otherwise.
  private static final int USUAL_MTU = 1500;

  private final Cluster cluster;
  private final Provisioning provisioning;
  private final List<String> ntp;
  private final Function<Node, Optional<Host>> hosts;
  private int lanes;

  /// @param ntp the time sources, by address or name
  /// @param hosts how a node is reached at this moment; empty where not at all
  NetPlans(
      Cluster cluster,
      Provisioning provisioning,
      List<String> ntp,
      Function<Node, Optional<Host>> hosts) {
    this.cluster = cluster;
    this.provisioning = provisioning;
    this.ntp = List.copyOf(ntp);
    this.hosts = hosts;
  }

  /// The plan of these nodes; those without a place in the cluster are left out.
  NetPlan of(List<Node> all) {
    var nodes = new ArrayList<NetPlan.Node>();
    for (Node node : all) {
      Assignment assignment = node.assignment();
      Facts facts = node.facts();
      NodeRule rule = cluster.ruleFor(node).orElse(null);
      if (assignment == null || facts == null || rule == null) {
        continue;
      }
      List<Lane> ports =
          node.machineId() != null
              ? existing(assignment, facts)
              : planned(node, rule, assignment, facts);
      boolean bootstrap = node.machineId() == null && !assignment.onDisk();
      nodes.add(new NetPlan.Node(node.name(), hosts.apply(node), bootstrap, ports));
    }
    return new NetPlan(
        cluster.networks().values().stream().map(this::network).toList(),
        nodes,
        cluster.dns(),
        ntp);
  }

  private NetPlan.Network network(Cluster.Network network) {
    Dhcp dhcp = new Dhcp.Nobody();
    if (network.name().equals(Cluster.MANAGEMENT)) {
      dhcp =
          provisioning.dhcp().mode() == DhcpMode.SERVER
              ? new Dhcp.Appliance(Addresses.text(provisioning.address().address()))
              : new Dhcp.Site();
    }
    return new NetPlan.Network(
        network.name(),
        network.vlan().orElse(0),
        network.mtu().orElse(USUAL_MTU),
        gateway(network),
        network.vip().map(Addresses::text).stream().toList(),
        dhcp);
  }

  private @Nullable String gateway(Cluster.Network network) {
    Optional<Inet4Address> router =
        network.name().equals(Cluster.MANAGEMENT) ? provisioning.router() : Optional.empty();
    return network.gateway().or(() -> router).map(Addresses::text).orElse(null);
  }

  /// The NICs below the devices that the installed system is to have.
  private List<Lane> planned(Node node, NodeRule rule, Assignment assignment, Facts facts) {
    List<NetworkDevice> devices =
        NodeNetwork.devices(
            cluster, rule, node, facts, assignment.addresses(), provisioning.router());
    Map<String, NetworkDevice> byName =
        devices.stream().collect(Collectors.toMap(NetworkDevice::name, Function.identity()));
    var ports = new ArrayList<Lane>();
    assignment.addresses().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(of -> {
          for (NetworkDevice device : devices) {
            NetworkDevice.Address address = device.address();
            if (address != null && address.address().equals(of.getValue())) {
              var below = new ArrayList<Lane>();
              below(below, device, byName, null, of.getKey(), address, facts);
              // An installed bond is one port; before, each member is one.
              ports.addAll(assignment.onDisk() ? below.subList(0, 1) : below);
            }
          }
        });
    return ports;
  }

  private void below(
      List<Lane> found,
      NetworkDevice device,
      Map<String, NetworkDevice> byName,
      @Nullable String bond,
      String network,
      NetworkDevice.Address address,
      Facts facts) {
    switch (device) {
      case Nic nic -> found.add(lane(facts, nic.mac(), bond, network, address));
      case Bond of ->
          of.members()
              .forEach(name ->
                  below(found, named(byName, name), byName, of.name(), network, address, facts));
      case Vlan vlan ->
          below(found, named(byName, vlan.parent()), byName, bond, network, address, facts);
      case Bridge bridge ->
          bridge
              .members()
              .forEach(
                  name -> below(found, named(byName, name), byName, bond, network, address, facts));
    }
  }

  private static NetworkDevice named(Map<String, NetworkDevice> byName, String name) {
    NetworkDevice device = byName.get(name);
    if (device == null) {
      throw new IllegalStateException("a device is made of " + name + ", which there is not");
    }
    return device;
  }

  private Lane lane(
      Facts facts,
      String mac,
      @Nullable String bond,
      String network,
      NetworkDevice.Address address) {
    Optional<Facts.Nic> nic =
        facts.nics().stream().filter(n -> n.permanentMac().equals(mac)).findFirst();
    String[] parts = address.address().split("/", 2);
    return new Lane(
        lanes++,
        network,
        nic.map(Facts.Nic::name).orElse(mac),
        mac,
        null,
        parts[0],
        Integer.parseInt(parts[1]),
        address.gateway() != null,
        bond,
        nic.map(Facts.Nic::neighbour).map(NetPlans::words).orElse(null));
  }

  /// The interfaces that have the addresses that the machine reported.
  private List<Lane> existing(Assignment assignment, Facts facts) {
    var ports = new ArrayList<Lane>();
    for (Cluster.Network network : cluster.networks().values()) {
      String address = assignment.addresses().get(network.name());
      if (address == null) {
        continue;
      }
      String plain = address.split("/", 2)[0];
      for (Facts.Nic nic : facts.nics()) {
        if (nic.addresses().stream().anyMatch(a -> a.split("/", 2)[0].equals(plain))) {
          boolean standard = gateway(network) != null && ports.stream().noneMatch(Lane::standard);
          ports.add(
              new Lane(
                  lanes++,
                  network.name(),
                  nic.name(),
                  nic.mac(),
                  nic.name(),
                  plain,
                  network.cidr().prefix(),
                  standard,
                  null,
                  nic.neighbour() == null ? null : words(nic.neighbour())));
          break;
        }
      }
    }
    return ports;
  }

  private static String words(Neighbour far) {
    return far.port() == null ? far.system() : far.system() + " " + far.port();
  }
}
