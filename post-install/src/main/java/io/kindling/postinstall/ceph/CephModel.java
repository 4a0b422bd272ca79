package io.kindling.postinstall.ceph;

import io.kindling.postinstall.InstallPlan.PackageSource;
import io.kindling.postinstall.engine.Host;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A Ceph cluster as it is to be. Immutable; holds secrets.
///
/// @param publicNetwork CIDR: clients, monitors and the OSDs' front
/// @param clusterNetwork CIDR: between OSDs; null where they use the public one
/// @param timeServers addresses, the appliance's first
/// @param domain the nodes' domain, null where none
/// @param pools that are to be
/// @param packages where nodes get packages, their only source; null leaves them what they have
/// @param keys cephx keys by entity, each made once: `mon.`, `client.admin`,
///   `client.bootstrap-osd`, `mgr.NAME`, and every user's
/// @param gateway how the RADOS Gateways of the nodes with part RGW are reached; null where none
public record CephModel(
    UUID fsid,
    String publicNetwork,
    @Nullable String clusterNetwork,
    List<String> timeServers,
    @Nullable String domain,
    List<Node> nodes,
    Redundancy redundancy,
    List<Pool> pools,
    List<User> users,
    @Nullable PackageSource packages,
    Map<String, String> keys,
    @Nullable Gateway gateway) {

  public CephModel {
    timeServers = List.copyOf(timeServers);
    nodes = List.copyOf(nodes);
    pools = List.copyOf(pools);
    users = List.copyOf(users);
    keys = Map.copyOf(keys);
    boolean gateways = nodes.stream().anyMatch(node -> node.parts().contains(Part.RGW));
    if (gateways && gateway == null) {
      throw new IllegalArgumentException("nodes with a gateway that nobody reaches");
    }
  }

  /// What a node does for Ceph.
  public enum Part {
    MON,
    MGR,
    OSD,
    /// A RADOS Gateway, and the load balancer before all of them.
    RGW,
    /// Uses the cluster: has its configuration and the keys of its users.
    CLIENT
  }

  /// @param publicAddress on the public network, for life where it is a monitor
  /// @param rack from the node's label, null where it has none
  public record Node(
      Host host, String publicAddress, Set<Part> parts, List<Osd> osds, @Nullable String rack) {
    public Node {
      parts = Set.copyOf(parts);
      osds = List.copyOf(osds);
    }

    public String name() {
      return host.name();
    }
  }

  /// @param partition the PARTUUID of its data
  /// @param db the PARTUUID of its `block.db`, null where it has none
  public record Osd(UUID partition, @Nullable UUID db) {}

  /// @param application `rbd` or `rgw`
  public record Pool(String name, int pgNum, String application) {}

  /// What a user is to be able to do with a pool's objects.
  public enum Access {
    NONE,
    READ,
    WRITE
  }

  /// A cephx user of a service.
  ///
  /// @param entity `client.glance`
  /// @param caps daemon type → what it may do
  /// @param pools what these are to come to, for pools that it may use at all; `check` compares
  /// @param nodes that get its keyring
  /// @param owner the keyring's user and group on these nodes
  /// @param keyWithService whether a renewed key waits for the phase of the service that uses it
  ///   ([CephPlan#key]), so that nothing is shut out in between
  public record User(
      String entity,
      Map<String, String> caps,
      Map<String, Access> pools,
      Set<String> nodes,
      String owner,
      boolean keyWithService) {
    public User {
      pools = Map.copyOf(pools);
      caps = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(caps));
      nodes = Set.copyOf(nodes);
    }

    public User keyedWithService() {
      return new User(entity, caps, pools, nodes, owner, true);
    }
  }

  /// Where S3 is served: on each virtual address, else on each gateway's own management address.
  ///
  /// @param port TCP
  public record Gateway(int port, List<Vip> vips) {
    public Gateway {
      vips = List.copyOf(vips);
    }
  }

  /// An address that is always on one of the gateways' hosts.
  ///
  /// @param network the network's name
  /// @param prefix the network's length
  /// @param hosts every gateway's node → its own address in that network
  public record Vip(String network, String address, int prefix, Map<String, String> hosts) {
    public Vip {
      hosts = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(hosts));
    }
  }

  /// Where that node's load balancer serves S3, `address:port`; nowhere where it has no gateway.
  public List<String> s3Addresses(Node node) {
    Gateway s3 = gateway;
    if (s3 == null || !node.parts().contains(Part.RGW)) {
      return List.of();
    }
    List<String> addresses =
        s3.vips().isEmpty()
            ? List.of(node.host().address())
            : s3.vips().stream().map(Vip::address).toList();
    return addresses.stream().map(address -> address + ":" + s3.port()).toList();
  }

  /// The user of the gateway on that node.
  public static String gatewayUser(String node) {
    return "client.rgw." + node;
  }

  /// The nodes with that part, in order.
  public List<Node> with(Part part) {
    return nodes.stream().filter(node -> node.parts().contains(part)).toList();
  }

  List<String> names(Part part) {
    return with(part).stream().map(Node::name).toList();
  }

  /// @throws IllegalStateException where the model has none
  String key(String entity) {
    String key = keys.get(entity);
    if (key == null) {
      throw new IllegalStateException("the model has no key of " + entity);
    }
    return key;
  }

  int osdCount() {
    return nodes.stream().mapToInt(node -> node.osds().size()).sum();
  }

  /// Keeps keys out of logs.
  @Override
  public String toString() {
    return "CephModel[" + fsid + ", " + nodes.size() + " nodes]";
  }
}
