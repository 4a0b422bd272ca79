package io.kindling.postinstall.openstack;

import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.ceph.CephModel.Node;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.openstack.OpenStackModel.Service;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the hosts of a rack with OpenStack publish, and to whom; everything else is closed.
/// Immutable.
///
/// @param admin addresses and networks that SSH is let in from
/// @param members every host of the cluster
public record Firewall(SortedSet<String> admin, List<Member> members) {

  public Firewall {
    admin = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(admin));
    members = List.copyOf(members);
    if (admin.isEmpty()) {
      throw new IllegalArgumentException("a firewall that lets nobody in who could change it");
    }
  }

  /// Of targets (RFC 7143 §4.2.7.1 names the well-known port).
  static final int ISCSI = 3260;

  /// Who may come in.
  public enum From {
    ANYBODY,
    /// Who administers.
    ADMIN,
    /// Each host of the cluster.
    HOSTS,
    /// Hosts of RADOS Gateways, and of the load balancer before them.
    GATEWAYS,
    CONTROLLERS,
    COMPUTES,
    /// Hosts with volumes on LVM.
    VOLUMES,
    /// Controllers, computes, hosts with volumes on LVM.
    OPENSTACK
  }

  /// What is let in.
  ///
  /// @param what for people
  /// @param protocol `tcp`, `udp`, or an IP protocol's number
  /// @param ports as nftables lists them, `22` or `4369, 6800-7568`; empty where the protocol has
  ///   none
  /// @param at addresses; empty where it is any of the host's own
  public record Opening(String what, String protocol, String ports, From from, List<String> at) {
    public Opening {
      at = List.copyOf(at);
    }

    /// Whether something that listens there is one that is meant.
    public boolean covers(String otherProtocol, int port) {
      if (!protocol.equals(otherProtocol) || ports.isEmpty()) {
        return false;
      }
      for (String range : ports.split(", ")) {
        String[] ends = range.split("-");
        if (port >= Integer.parseInt(ends[0]) && port <= Integer.parseInt(ends[ends.length - 1])) {
          return true;
        }
      }
      return false;
    }
  }

  /// A host.
  ///
  /// @param addresses its own, on each network
  /// @param kinds what it is among `from`
  public record Member(
      Host host, SortedSet<String> addresses, Set<From> kinds, List<Opening> openings) {
    public Member {
      addresses = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(addresses));
      kinds = Set.copyOf(kinds);
      openings = List.copyOf(openings);
    }

    public String name() {
      return host.name();
    }
  }

  /// @param addresses host's name → its own addresses on each network
  public static Firewall of(
      CephModel ceph,
      OpenStackModel openstack,
      Map<String, Set<String>> addresses,
      Set<String> admin) {
    var openings = new Openings(ceph, openstack);
    return new Firewall(
        new TreeSet<>(admin),
        ceph.nodes().stream()
            .map(node ->
                new Member(
                    node.host(),
                    new TreeSet<>(Objects.requireNonNull(addresses.get(node.name()), node.name())),
                    openings.kinds(node),
                    openings.of(node)))
            .toList());
  }

  /// The addresses of all who may come in so.
  SortedSet<String> addresses(From from) {
    return members.stream()
        .filter(member -> member.kinds().contains(from))
        .flatMap(member -> member.addresses().stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// What a host publishes by what it does.
  private record Openings(CephModel ceph, OpenStackModel openstack) {

    Set<From> kinds(Node node) {
      var kinds = EnumSet.of(From.HOSTS);
      if (node.parts().contains(Part.RGW)) {
        kinds.add(From.GATEWAYS);
      }
      if (is(node, openstack.controllers())) {
        kinds.addAll(Set.of(From.CONTROLLERS, From.OPENSTACK));
      }
      if (is(node, openstack.computes())) {
        kinds.addAll(Set.of(From.COMPUTES, From.OPENSTACK));
      }
      if (portal(node) != null) {
        kinds.addAll(Set.of(From.VOLUMES, From.OPENSTACK));
      }
      return kinds;
    }

    private static boolean is(Node node, List<Host> hosts) {
      return hosts.stream().anyMatch(host -> host.name().equals(node.name()));
    }

    /// Where it exports volumes; null where it has none.
    private @Nullable String portal(Node node) {
      return openstack.volumeHosts().stream()
          .filter(host -> host.name().equals(node.name()))
          .map(OpenStackModel.VolumeHost::portal)
          .findFirst()
          .orElse(null);
    }

    List<Opening> of(Node node) {
      var all = new ArrayList<Opening>();
      all.add(tcp("SSH", "" + node.host().port(), From.ADMIN));
      ceph(node, all);
      if (is(node, openstack.controllers())) {
        front(all);
      }
      if (is(node, List.of(openstack.control()))) {
        control(all);
      }
      if (is(node, openstack.computes())) {
        compute(all);
      }
      String portal = portal(node);
      if (portal != null) {
        all.add(new Opening("volumes", "tcp", "" + ISCSI, From.OPENSTACK, List.of(portal)));
      }
      return all;
    }

    /// doc/rados/configuration/network-config-ref: `ms_bind_port_min` and `_max` of all daemons but
    /// monitors.
    private void ceph(Node node, List<Opening> all) {
      Predicate<Part> has = node.parts()::contains;
      if (has.test(Part.MON)) {
        all.add(tcp("Ceph's monitor", "3300, 6789", From.HOSTS));
      }
      if (has.test(Part.MGR) || has.test(Part.OSD)) {
        all.add(tcp("Ceph's daemons", "6800-7568", From.HOSTS));
      }
      if (has.test(Part.RGW)) {
        all.add(tcp("RADOS Gateway", "7480", From.GATEWAYS));
        List<String> at = ceph.s3Addresses(node);
        all.add(
            new Opening(
                "S3",
                "tcp",
                at.getFirst().substring(at.getFirst().lastIndexOf(':') + 1),
                From.ANYBODY,
                at.stream().map(each -> each.substring(0, each.lastIndexOf(':'))).toList()));
        all.add(new Opening("VRRP", "112", "", From.GATEWAYS, List.of()));
      }
    }

    /// Every controller: what users reach, at the virtual address alone.
    private void front(List<Opening> all) {
      for (Service service : openstack.services()) {
        all.add(front(service.type, service.port));
      }
      all.add(front("the dashboard", DashboardItems.PORT));
      if (openstack.objects() != null) {
        all.add(front(ObjectItems.TYPE, ObjectItems.PORT));
      }
      if (openstack.guests() != null) {
        all.add(front("guests' screens", NovaFiles.CONSOLE_PORT));
      }
    }

    private Opening front(String what, int port) {
      return new Opening(
          what + " with TLS", "tcp", "" + port, From.ANYBODY, List.of(openstack.vip()));
    }

    /// The controller that the services run on.
    private void control(List<Opening> all) {
      for (Service service : openstack.services()) {
        all.add(tcp(service.type + " behind the load balancer", service.port, From.CONTROLLERS));
      }
      all.add(tcp("dashboard behind the load balancer", DashboardItems.OWN_PORT, From.CONTROLLERS));
      all.add(tcp("MariaDB", "3306", From.CONTROLLERS));
      if (!openstack.volumeHosts().isEmpty()) {
        all.add(tcp("MariaDB for hosts with volumes", "3306", From.VOLUMES));
      }
      all.add(tcp("RabbitMQ", "5672", From.OPENSTACK));
      all.add(tcp("RabbitMQ among its own", "4369, 25672", From.CONTROLLERS));
      if (openstack.guests() != null || !openstack.volumeTypes().isEmpty()) {
        all.add(tcp("Glance for services", ImageItems.INTERNAL_PORT, From.OPENSTACK));
      }
      if (openstack.guests() != null) {
        all.add(tcp("OVN's databases", "6641-6642", From.OPENSTACK));
        all.add(tcp("OVN's databases among their own", "6643-6644", From.CONTROLLERS));
        all.add(tcp("metadata", NovaFiles.METADATA_PORT, From.OPENSTACK));
        all.add(
            tcp(
                "guests' screens behind the load balancer",
                NovaFiles.CONSOLE_PORT,
                From.CONTROLLERS));
      }
    }

    /// Where guests run. Screens: QEMU counts from 5900 (RFC 6143 §7), one for each guest.
    private static void compute(List<Opening> all) {
      all.add(new Opening("Geneve", "udp", "6081", From.OPENSTACK, List.of()));
      all.add(tcp("libvirt", "16514", From.COMPUTES));
      all.add(tcp("guests that move in", "49152-49215", From.COMPUTES));
      all.add(tcp("guests' screens", "5900-6799", From.CONTROLLERS));
    }

    private static Opening tcp(String what, int port, From from) {
      return tcp(what, "" + port, from);
    }

    private static Opening tcp(String what, String ports, From from) {
      return new Opening(what, "tcp", ports, from, List.of());
    }
  }

  /// That host, null where it is none of the cluster's.
  public @Nullable Member member(String name) {
    return members.stream().filter(m -> m.name().equals(name)).findFirst().orElse(null);
  }
}
