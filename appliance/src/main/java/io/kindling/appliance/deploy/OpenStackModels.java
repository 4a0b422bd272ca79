package io.kindling.appliance.deploy;

import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.deploy.CephModels.Member;
import io.kindling.appliance.net.Addresses;
import io.kindling.appliance.tls.ServiceCertificates;
import io.kindling.inventory.Role;
import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.openstack.Guests;
import io.kindling.postinstall.openstack.Guests.Compute;
import io.kindling.postinstall.openstack.OpenStackModel;
import io.kindling.postinstall.openstack.OpenStackModel.Objects;
import io.kindling.postinstall.openstack.OpenStackModel.Tls;
import io.kindling.postinstall.openstack.OpenStackModel.VolumeHost;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// From the cluster file and the installed controllers to OpenStack as it is to be.
public final class OpenStackModels {

  /// The load balancer's, in the state directory.
  public static final String CERTIFICATE = "openstack";

  private OpenStackModels() {}

  /// Empty where the rack is to have none, or no controller is installed.
  ///
  /// @param stored the Ceph cluster that it stands on
  /// @param peers certificates of computes
  /// @param warnings gets what an operator should know
  static Optional<OpenStackModel> of(
      Cluster cluster,
      List<Member> members,
      CephModel stored,
      CephSecrets ceph,
      OpenStackSecrets secrets,
      ServiceCertificates certificates,
      ServiceCertificates peers,
      List<String> warnings) {
    Cluster.OpenStack wanted = cluster.openstack().orElse(null);
    if (wanted == null) {
      return Optional.empty();
    }
    var controllers = new ArrayList<Host>();
    members.stream()
        .filter(m -> m.assignment().roles().contains(Role.CONTROLLER) && m.installed())
        .sorted(Comparator.comparing(Member::name))
        .forEach(m -> controllers.add(Hosts.installed(m.id(), m.name(), m.assignment())));
    if (controllers.isEmpty()) {
      return Optional.empty();
    }
    warnings.add(
        "OpenStack's services run on "
            + controllers.getFirst().name()
            + " alone: while it is down there are none");
    boolean volumes = cluster.storage().volumes().contains("ceph");
    List<VolumeHost> volumeHosts = volumeHosts(cluster, members);
    if (cluster.storage().volumes().contains("lvm") && volumeHosts.isEmpty()) {
      warnings.add("no volumes of type lvm: no node with role cinder-lvm is installed");
    }
    String vip = Addresses.text(cluster.management().vip().orElseThrow());
    ServiceCertificates.Issued issued = certificates.of(CERTIFICATE, Set.of(vip));
    return Optional.of(
        new OpenStackModel(
            wanted.region(),
            controllers,
            vip,
            new Tls(issued.authority(), issued.certificate(), issued.key()),
            secrets.of(OpenStackModel.secretNames()),
            names(stored, Part.MON),
            key(ceph, OpenStackModel.IMAGES_USER),
            volumes ? key(ceph, OpenStackModel.VOLUMES_USER) : null,
            volumes ? key(ceph, OpenStackModel.BACKUPS_USER) : null,
            volumeHosts,
            objects(stored),
            guests(cluster, wanted, members, ceph, peers)));
  }

  private static List<VolumeHost> volumeHosts(Cluster cluster, List<Member> members) {
    return cluster.storage().volumes().contains("lvm")
        ? members.stream()
            .filter(m -> m.assignment().roles().contains(Role.CINDER_LVM) && m.installed())
            .sorted(Comparator.comparing(Member::name))
            .map(m ->
                new VolumeHost(
                    Hosts.installed(m.id(), m.name(), m.assignment()),
                    CephModels.address(m.assignment(), CephModels.publicNetwork(cluster))))
            .toList()
        : List.of();
  }

  private static @Nullable Objects objects(CephModel stored) {
    List<String> gateways = names(stored, Part.RGW);
    return gateways.isEmpty() ? null : new Objects(gateways);
  }

  private static List<String> names(CephModel stored, Part part) {
    return stored.with(part).stream().map(CephModel.Node::name).toList();
  }

  /// Null where no compute is installed.
  private static @Nullable Guests guests(
      Cluster cluster,
      Cluster.OpenStack wanted,
      List<Member> members,
      CephSecrets ceph,
      ServiceCertificates peers) {
    var computes = new ArrayList<Compute>();
    var authority = new ArrayList<String>();
    members.stream()
        .filter(m -> m.assignment().roles().contains(Role.COMPUTE) && m.installed())
        .sorted(Comparator.comparing(Member::name))
        .forEach(m -> {
          Host host = Hosts.installed(m.id(), m.name(), m.assignment());
          ServiceCertificates.Issued issued =
              peers.of(host.name(), Set.of(host.name(), host.address()));
          authority.add(issued.authority());
          String tunnel = CephModels.address(m.assignment(), wanted.tunnels());
          computes.add(new Compute(host, tunnel, issued.certificate(), issued.key()));
        });
    boolean inCeph = cluster.storage().ephemeral().equals("ceph");
    return computes.isEmpty()
        ? null
        : new Guests(
            computes,
            wanted.virtualization(),
            inCeph ? key(ceph, Guests.DISKS_USER) : null,
            authority.getFirst());
  }

  private static String key(CephSecrets ceph, String entity) {
    return java.util.Objects.requireNonNull(ceph.keys(Set.of(entity)).get(entity));
  }
}
