package io.kindling.appliance.deploy;

import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.deploy.CephModels.Member;
import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.openstack.Firewall;
import io.kindling.postinstall.openstack.OpenStackModel;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// From the cluster file and the installed hosts' addresses to what each of them publishes. Pure.
final class FirewallModels {

  private FirewallModels() {}

  /// @param appliance the address from which it comes to nodes
  static Firewall of(
      Cluster cluster,
      Iterable<Member> members,
      CephModel ceph,
      OpenStackModel openstack,
      String appliance) {
    var addresses = new TreeMap<String, Set<String>>();
    for (Member member : members) {
      addresses.put(
          member.name(),
          member.assignment().addresses().keySet().stream()
              .map(network -> CephModels.address(member.assignment(), network))
              .collect(Collectors.toCollection(TreeSet::new)));
    }
    var admin = new TreeSet<>(Set.of(appliance));
    admin.add(cluster.management().cidr().network().toString());
    cluster
        .openstack()
        .ifPresent(wanted -> wanted.admin().forEach(cidr -> admin.add(cidr.network().toString())));
    return Firewall.of(ceph, openstack, addresses, admin);
  }
}
