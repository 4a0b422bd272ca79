package io.kindling.appliance.deploy;

import io.kindling.appliance.cluster.Cluster;
import io.kindling.postinstall.ceph.CephModel.Access;
import io.kindling.postinstall.ceph.CephModel.User;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What services keep in Ceph, and who they are there. Pure.
final class CephServices {
  private static final String READ_WRITE = "rbd";
  private static final String GATEWAY = "rgw";

  /// A gateway's pools in its default zone, with the shares of Ceph's calculator.
  private static final Map<String, Double> GATEWAY_SHARES = new LinkedHashMap<>();

  static {
    GATEWAY_SHARES.put("default.rgw.buckets.data", 19.0);
    GATEWAY_SHARES.put("default.rgw.buckets.index", 3.0);
    GATEWAY_SHARES.put("default.rgw.buckets.non-ec", 1.0);
    GATEWAY_SHARES.put("default.rgw.log", 0.1);
    GATEWAY_SHARES.put("default.rgw.control", 0.1);
    GATEWAY_SHARES.put("default.rgw.meta", 0.1);
    GATEWAY_SHARES.put(".rgw.root", 0.1);
  }

  private CephServices() {}

  /// Pool → its share of the data in percent: Ceph's calculator for OpenStack, with and without
  /// RADOS Gateway.
  static Map<String, Double> shares(Cluster.Storage storage) {
    boolean objects = objects(storage);
    var shares = new LinkedHashMap<String, Double>();
    if (storage.volumes().contains("ceph")) {
      shares.put("volumes", objects ? 42.8 : 53.0);
      shares.put("backups", objects ? 18.0 : 25.0);
    }
    if (storage.ephemeral().equals("ceph")) {
      shares.put("vms", objects ? 10.0 : 15.0);
    }
    if (storage.images().equals("ceph")) {
      shares.put("images", objects ? 5.0 : 7.0);
    }
    if (objects) {
      shares.putAll(GATEWAY_SHARES);
    }
    return shares;
  }

  static boolean objects(Cluster.Storage storage) {
    return storage.objects().equals("ceph");
  }

  /// What a pool is for.
  static String application(String pool) {
    return GATEWAY_SHARES.containsKey(pool) ? GATEWAY : READ_WRITE;
  }

  /// Each service's user with the least that works (doc/rbd/rbd-openstack); their keyrings stay on
  /// the monitors' hosts until the service is there.
  static List<User> users(Cluster.Storage storage) {
    boolean volumes = storage.volumes().contains("ceph");
    boolean vms = storage.ephemeral().equals("ceph");
    boolean images = storage.images().equals("ceph");
    var users = new ArrayList<User>();
    if (images) {
      users.add(user("client.glance", List.of("images"), List.of(), List.of("images")));
    }
    if (volumes) {
      List<String> writes = vms ? List.of("volumes", "vms") : List.of("volumes");
      users.add(user("client.cinder", writes, images ? List.of("images") : List.of(), writes));
      users.add(user("client.cinder-backup", List.of("backups"), List.of(), List.of("backups")));
    }
    if (vms) {
      // Nova snapshots by cloning into the image's pool, so it writes there.
      var writes = new ArrayList<>(List.of("vms"));
      if (volumes) {
        writes.add("volumes");
      }
      if (images) {
        writes.add("images");
      }
      users.add(user("client.nova", writes, List.of(), List.of("vms")));
    }
    return users;
  }

  /// A gateway's user: every pool of that application and no other, and it makes none.
  static User gatewayUser(String entity) {
    var pools = new LinkedHashMap<String, Access>();
    GATEWAY_SHARES.keySet().forEach(pool -> pools.put(pool, Access.WRITE));
    return new User(
        entity,
        Map.of("mon", "allow r", "osd", "allow rwx tag " + GATEWAY + " *=*"),
        pools,
        Set.of(),
        "ceph",
        false);
  }

  private static User user(
      String entity, List<String> writes, List<String> reads, List<String> manages) {
    var osd = new ArrayList<String>();
    var pools = new LinkedHashMap<String, Access>();
    for (String pool : writes) {
      osd.add("profile rbd pool=" + pool);
      pools.put(pool, Access.WRITE);
    }
    for (String pool : reads) {
      osd.add("profile rbd-read-only pool=" + pool);
      pools.put(pool, Access.READ);
    }
    var mgr = manages.stream().map(pool -> "profile rbd pool=" + pool).toList();
    return new User(
        entity,
        Map.of("mon", "profile rbd", "osd", String.join(", ", osd), "mgr", String.join(", ", mgr)),
        pools,
        Set.of(),
        "root",
        false);
  }
}
