package io.kindling.appliance.deploy;

import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.net.Cidr;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Role;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.DiskPlan.Use;
import io.kindling.postinstall.InstallPlan.PackageSource;
import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.ceph.CephModel.Gateway;
import io.kindling.postinstall.ceph.CephModel.Osd;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.ceph.CephModel.Pool;
import io.kindling.postinstall.ceph.PgNumbers;
import io.kindling.postinstall.ceph.Redundancy;
import io.kindling.postinstall.engine.Host;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/// From the cluster file and the assigned nodes to the Ceph cluster that is to be.
final class CephModels {
  private static final String PUBLIC = "storage";
  private static final String CLUSTER = "replication";
  private static final String RACK = "rack.";

  private CephModels() {}

  /// A node of the cluster with its partitions.
  ///
  /// @param installed whether it runs its own system; another is planned for and left out
  /// @param busy whether its installation is still to come or runs
  record Member(
      UUID id,
      String name,
      Set<String> labels,
      Assignment assignment,
      boolean installed,
      boolean busy,
      List<Osd> osds) {
    /// The same node, to be done without.
    Member spared() {
      return new Member(id, name, labels, assignment, false, false, osds);
    }
  }

  /// What is to be, and what an operator should know about it.
  record Modelled(CephModel model, List<String> warnings) {}

  /// The OSDs of a plan: each data partition with its db.
  static List<Osd> osds(DiskPlan plan) {
    return plan.disks().stream()
        .flatMap(disk -> disk.partitions().stream())
        .filter(partition -> partition.use() == Use.CEPH_OSD)
        .map(partition -> new Osd(partition.guid(), plan.osdDb().get(partition.guid())))
        .toList();
  }

  /// Who the monitors are: nodes of that role, else the controllers (five at most, by name); always
  /// an odd number.
  static List<String> monitors(List<Member> members) {
    for (Role role : List.of(Role.CEPH_MON, Role.CONTROLLER)) {
      List<String> names =
          members.stream()
              .filter(m -> m.assignment().roles().contains(role))
              .map(Member::name)
              .sorted()
              .limit(role == Role.CEPH_MON ? Long.MAX_VALUE : 5)
              .toList();
      if (!names.isEmpty()) {
        return names.subList(0, names.size() - (names.size() + 1) % 2);
      }
    }
    return List.of();
  }

  /// Empty where no node has OSDs, or none is a monitor: then there is no cluster to be.
  static Optional<Modelled> of(
      Cluster cluster,
      List<Member> all,
      CephSecrets secrets,
      List<String> timeServers,
      Optional<PackageSource> packages) {
    var members = new ArrayList<>(all);
    members.sort(Comparator.comparing(Member::name));
    List<Integer> osdsByHost =
        members.stream().map(m -> m.osds().size()).filter(n -> n > 0).toList();
    List<String> monitors = monitors(members);
    if (osdsByHost.isEmpty() || monitors.isEmpty()) {
      return Optional.empty();
    }
    Redundancy redundancy = Redundancy.of(cluster.storage().replicas(), osdsByHost);
    var warnings = new ArrayList<>(redundancy.warnings());
    if (monitors.size() < 3) {
      warnings.add("one monitor: while its host is down the cluster stands still");
    }
    int osds = osdsByHost.stream().mapToInt(n -> n).sum();
    List<Member> installed = members.stream().filter(Member::installed).toList();
    List<Member> gateways =
        CephGatewayModels.hosts(cluster, members, monitors).stream()
            .filter(Member::installed)
            .toList();
    Gateway gateway = gateways.isEmpty() ? null : CephGatewayModels.of(cluster, gateways, warnings);
    var users = new ArrayList<>(CephServices.users(cluster.storage()));
    if (cluster.openstack().isPresent()) {
      users.replaceAll(CephModel.User::keyedWithService);
    }
    gateways.forEach(m -> users.add(CephServices.gatewayUser(CephModel.gatewayUser(m.name()))));
    var entities = new TreeSet<>(Set.of("mon.", "client.admin", "client.bootstrap-osd"));
    monitors.forEach(name -> entities.add("mgr." + name));
    users.forEach(user -> entities.add(user.entity()));
    String publicName = publicNetwork(cluster);
    var pools = new ArrayList<Pool>();
    PgNumbers.of(CephServices.shares(cluster.storage()), osds, redundancy.size())
        .forEach(
            (name, number) -> pools.add(new Pool(name, number, CephServices.application(name))));
    var model =
        new CephModel(
            secrets.fsid(),
            cidr(cluster, publicName),
            cluster.networks().containsKey(CLUSTER) ? cidr(cluster, CLUSTER) : null,
            timeServers,
            cluster.domain().orElse(null),
            installed.stream()
                .map(m -> node(m, publicName, monitors, gateways.contains(m)))
                .toList(),
            redundancy,
            pools,
            users,
            packages.orElse(null),
            secrets.keys(entities),
            gateway);
    return Optional.of(new Modelled(model, warnings));
  }

  /// Of storage, to those that use it.
  static String publicNetwork(Cluster cluster) {
    return cluster.networks().containsKey(PUBLIC) ? PUBLIC : Cluster.MANAGEMENT;
  }

  private static CephModel.Node node(
      Member member, String network, List<String> monitors, boolean gateway) {
    Assignment assignment = member.assignment();
    var parts = EnumSet.of(Part.CLIENT);
    if (monitors.contains(member.name())) {
      parts.add(Part.MON);
      parts.add(Part.MGR);
    }
    if (!member.osds().isEmpty()) {
      parts.add(Part.OSD);
    }
    if (gateway) {
      parts.add(Part.RGW);
    }
    Host host = Hosts.installed(member.id(), member.name(), assignment);
    String rack =
        member.labels().stream()
            .filter(label -> label.startsWith(RACK) && label.length() > RACK.length())
            .map(label -> label.substring(RACK.length()))
            .min(Comparator.naturalOrder())
            .orElse(null);
    return new CephModel.Node(host, address(assignment, network), parts, member.osds(), rack);
  }

  /// A node that has no address on that network of its own uses the management network's.
  static String address(Assignment assignment, String network) {
    String address =
        assignment
            .addresses()
            .getOrDefault(network, assignment.addresses().get(Cluster.MANAGEMENT));
    if (address == null) {
      throw new IllegalStateException("a node without management address");
    }
    return address.contains("/") ? address.substring(0, address.indexOf('/')) : address;
  }

  private static String cidr(Cluster cluster, String network) {
    Cidr cidr = java.util.Objects.requireNonNull(cluster.networks().get(network)).cidr().network();
    return cidr.toString();
  }
}
