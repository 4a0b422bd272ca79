package io.kindling.postinstall.openstack;

import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.ceph.Models;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.openstack.OpenStackModel.Objects;
import io.kindling.postinstall.openstack.OpenStackModel.Tls;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// A rack with OpenStack to plan for: n1 and n2 are controllers with gateways and Ceph, n3 has Ceph
/// alone, n4 and n5 are computes. Their addresses are 10.0.0.N, in Ceph's networks 10.0.1.N and
/// 10.0.2.N.
public final class Racks {

  public static final String VIP = "10.0.0.9";

  private Racks() {}

  public static Firewall firewall() {
    var addresses = new TreeMap<String, Set<String>>();
    IntStream.rangeClosed(1, 5)
        .forEach(n -> addresses.put("n" + n, Set.of("10.0.0." + n, "10.0.1." + n, "10.0.2." + n)));
    return Firewall.of(
        ceph(), openstack(), addresses, Set.of("10.0.0.254", "10.0.0.0/24", "192.0.2.0/24"));
  }

  public static CephModel ceph() {
    CephModel three = Models.hosts(3, 2, List.of("management"));
    CephModel five = Models.hosts(5);
    var nodes = new java.util.ArrayList<>(three.nodes());
    five.nodes()
        .subList(3, 5)
        .forEach(node ->
            nodes.add(
                new CephModel.Node(
                    node.host(),
                    node.publicAddress(),
                    Set.of(CephModel.Part.CLIENT),
                    List.of(),
                    null)));
    return new CephModel(
        three.fsid(),
        three.publicNetwork(),
        three.clusterNetwork(),
        three.timeServers(),
        three.domain(),
        nodes,
        three.redundancy(),
        three.pools(),
        three.users(),
        null,
        three.keys(),
        three.gateway());
  }

  public static OpenStackModel openstack() {
    var secrets = new TreeMap<String, String>();
    OpenStackModel.secretNames().forEach(name -> secrets.put(name, "word-of-" + name));
    List<Host> hosts = ceph().nodes().stream().map(CephModel.Node::host).toList();
    return new OpenStackModel(
        "rack1",
        hosts.subList(0, 2),
        VIP,
        new Tls("authority\n", "certificate\n", "-----\nkey-of-the-load-balancer\n-----\n"),
        Map.copyOf(secrets),
        List.of("n2", "n3"),
        "key-of-the-images",
        "key-of-volumes",
        "key-of-backups",
        List.of(),
        new Objects(List.of("n1", "n2")),
        new Guests(
            hosts.subList(3, 5).stream()
                .map(host ->
                    new Guests.Compute(
                        host, "10.0.2." + host.name().substring(1), "certificate", "key-of-it"))
                .toList(),
            "kvm",
            "key-of-the-disks",
            "certificate-of-the-authority"));
  }
}
