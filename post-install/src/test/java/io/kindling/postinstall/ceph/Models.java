package io.kindling.postinstall.ceph;

import io.kindling.postinstall.InstallPlan.PackageSource;
import io.kindling.postinstall.ceph.CephModel.Access;
import io.kindling.postinstall.ceph.CephModel.Gateway;
import io.kindling.postinstall.ceph.CephModel.Node;
import io.kindling.postinstall.ceph.CephModel.Osd;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.ceph.CephModel.Pool;
import io.kindling.postinstall.ceph.CephModel.User;
import io.kindling.postinstall.ceph.CephModel.Vip;
import io.kindling.postinstall.engine.Host;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// Clusters to plan for.
public final class Models {

  static final UUID FSID = UUID.fromString("aaaaaaaa-0000-4000-8000-000000000001");

  private Models() {}

  /// Hosts that are everything, the first three at most monitors, each with two OSDs: the first
  /// with a db of its own.
  public static CephModel hosts(int count) {
    return hosts(count, 0, List.of());
  }

  /// The same; the first hosts have gateways.
  ///
  /// @param vips networks with a virtual address
  public static CephModel hosts(int count, int gateways, List<String> vips) {
    var nodes = new ArrayList<Node>();
    var osds = new ArrayList<Integer>();
    var keys = new HashMap<String, String>();
    for (String entity : List.of("mon.", "client.admin", "client.bootstrap-osd", "client.glance")) {
      keys.put(entity, "AQBkey+of/" + entity + "0000000000==");
    }
    for (int i = 1; i <= count; i++) {
      String name = "n" + i;
      keys.put("mgr." + name, "AQBkey+of/mgr" + name + "000000==");
      Host host =
          new Host(
              new UUID(1, i), 1, name, "10.0.0." + i, 22, "kindling", List.of("ssh-ed25519 A"));
      var parts = EnumSet.of(Part.OSD);
      if (i <= 3 && (count >= 3 || i == 1)) {
        parts.addAll(Set.of(Part.MON, Part.MGR));
      }
      if (i <= gateways) {
        parts.add(Part.RGW);
        keys.put("client.rgw." + name, "AQBkey+of/rgw" + name + "000000==");
      }
      nodes.add(
          new Node(
              host,
              "10.0.1." + i,
              parts,
              List.of(new Osd(new UUID(2, i), new UUID(3, i)), new Osd(new UUID(4, i), null)),
              i % 2 == 0 ? "r2" : "r1"));
      osds.add(2);
    }
    return new CephModel(
        FSID,
        "10.0.1.0/24",
        "10.0.2.0/24",
        List.of("10.0.0.254"),
        "rack.example",
        nodes,
        Redundancy.of(3, osds),
        List.of(new Pool("images", 8, "rbd"), new Pool(".rgw.root", 1, "rgw")),
        List.of(
            new User(
                "client.glance",
                Map.of("mon", "profile rbd", "osd", "profile rbd pool=images, allow r pool='x y'"),
                Map.of("images", Access.WRITE),
                Set.of("n1"),
                "glance",
                false)),
        new PackageSource("http://10.0.0.254/mirror", "trixie", "the mirror's key\n"),
        keys,
        gateways == 0 ? null : gateway(gateways, vips));
  }

  private static Gateway gateway(int hosts, List<String> networks) {
    var vips = new ArrayList<Vip>();
    for (String network : networks) {
      var own = new HashMap<String, String>();
      int third = vips.size();
      for (int i = 1; i <= hosts; i++) {
        own.put("n" + i, "10.9.%d.%d".formatted(third, i));
      }
      vips.add(new Vip(network, "10.9." + third + ".200", 24, own));
    }
    return new Gateway(8080, vips);
  }
}
