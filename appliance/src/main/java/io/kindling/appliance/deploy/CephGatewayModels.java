package io.kindling.appliance.deploy;

import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.deploy.CephModels.Member;
import io.kindling.appliance.net.Addresses;
import io.kindling.inventory.Role;
import io.kindling.postinstall.ceph.CephModel.Gateway;
import io.kindling.postinstall.ceph.CephModel.Vip;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Which nodes serve S3, and by which addresses. Pure.
final class CephGatewayModels {
  /// Where S3 is served; Swift's port of old, which OpenStack's catalogue will name too.
  static final int PORT = 8080;

  private CephGatewayModels() {}

  /// Nodes with the role, else the controllers, else the monitors; none where objects are not kept
  /// in Ceph.
  ///
  /// @param members by name
  static List<Member> hosts(Cluster cluster, List<Member> members, List<String> monitors) {
    if (!CephServices.objects(cluster.storage())) {
      return List.of();
    }
    for (Role role : List.of(Role.CEPH_RGW, Role.CONTROLLER)) {
      List<Member> found =
          members.stream().filter(m -> m.assignment().roles().contains(role)).toList();
      if (!found.isEmpty()) {
        return found;
      }
    }
    return members.stream().filter(m -> monitors.contains(m.name())).toList();
  }

  /// @param hosts the gateways', at least one
  /// @param warnings gets what an operator should know
  static Gateway of(Cluster cluster, List<Member> hosts, List<String> warnings) {
    var vips = new ArrayList<Vip>();
    for (Cluster.Network network : cluster.networks().values()) {
      if (network.vip().isEmpty()) {
        continue;
      }
      String name = network.name();
      var own = new TreeMap<String, String>();
      for (Member host : hosts) {
        if (host.assignment().addresses().containsKey(name)) {
          own.put(host.name(), CephModels.address(host.assignment(), name));
        }
      }
      if (own.size() == hosts.size()) {
        vips.add(new Vip(name, Addresses.text(network.vip().get()), network.cidr().prefix(), own));
      } else {
        warnings.add("no S3 on " + name + "'s vip: not every gateway has an address there");
      }
    }
    if (vips.isEmpty()) {
      warnings.add("no network has a vip: S3 is served at each gateway's own address");
    } else if (hosts.size() == 1) {
      warnings.add("one gateway: while its host is down there is no S3");
    }
    return new Gateway(PORT, vips);
  }
}
