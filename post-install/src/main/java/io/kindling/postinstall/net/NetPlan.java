package io.kindling.postinstall.net;

import io.kindling.postinstall.engine.Host;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is to be verified: networks, the ports that carry them, and the servers that nodes need.
/// Immutable.
///
/// @param dns addresses that nodes ask for names
/// @param ntp time sources, addresses or names
public record NetPlan(
    List<Network> networks, List<Node> nodes, List<String> dns, List<String> ntp) {

  public NetPlan {
    networks = List.copyOf(networks);
    nodes = List.copyOf(nodes);
    dns = List.copyOf(dns);
    ntp = List.copyOf(ntp);
  }

  /// @param vlan 0 where untagged
  /// @param gateway null where there is none
  /// @param vips addresses that are some node's for the time being, or nobody's yet
  /// @param dhcp which DHCP server belongs there
  public record Network(
      String name, int vlan, int mtu, @Nullable String gateway, List<String> vips, Dhcp dhcp) {
    public Network {
      vips = List.copyOf(vips);
    }
  }

  /// Which DHCP server belongs on a network.
  public sealed interface Dhcp {
    /// None.
    record Nobody() implements Dhcp {}

    /// The appliance.
    record Appliance(String address) implements Dhcp {}

    /// The site's, whichever that is.
    record Site() implements Dhcp {}
  }

  /// @param host empty where nobody knows how to reach it
  /// @param change whether interfaces may be set up and given a larger MTU for the time being: the
  ///   bootstrap's may, those of an installed system are as they are to be
  public record Node(String name, Optional<Host> host, boolean change, List<Lane> lanes) {
    public Node {
      lanes = List.copyOf(lanes);
    }
  }

  /// One network on one port of a node.
  ///
  /// @param id unique in the plan
  /// @param nic the port's name in the inventory
  /// @param mac its permanent hardware address
  /// @param device the interface where it is known by name; null where the node finds it by `mac`
  /// @param address planned, without prefix length
  /// @param standard whether the default route goes through it
  /// @param bond the bond that the port is to be a member of
  /// @param far the switch and port it is plugged into, in words
  public record Lane(
      int id,
      String network,
      String nic,
      String mac,
      @Nullable String device,
      String address,
      int prefix,
      boolean standard,
      @Nullable String bond,
      @Nullable String far) {

    /// The port in words.
    public String port(Node node) {
      String plugged = far == null ? "" : ", at " + far;
      String member = bond == null ? "" : ", of " + bond;
      return node.name() + " " + nic + " (" + mac + member + plugged + ")";
    }
  }

  Network network(String name) {
    return networks.stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
  }
}
