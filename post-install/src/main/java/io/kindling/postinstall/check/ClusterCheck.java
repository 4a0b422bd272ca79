package io.kindling.postinstall.check;

import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.ceph.CephModel.Access;
import io.kindling.postinstall.ceph.CephModel.Node;
import io.kindling.postinstall.ceph.CephModel.Osd;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.ceph.CephPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// What is asked of the cluster on a monitor host (`ceph-check.py`). Pure.
final class ClusterCheck {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ClusterCheck() {}

  /// What is to be, as JSON; holds no secret.
  ///
  /// @param nodes what each node said; those that did not answer are not among them
  static String plan(CephModel model, List<NodeCheck> nodes) {
    String network = model.clusterNetwork();
    var plan = new LinkedHashMap<String, Object>();
    plan.put("allowed", CephPlan.allowed(model));
    plan.put("mons", names(model, Part.MON));
    plan.put("mgrs", names(model, Part.MGR));
    plan.put("public", model.publicNetwork());
    plan.put("cluster", network == null ? model.publicNetwork() : network);
    plan.put("size", model.redundancy().size());
    plan.put("min_size", model.redundancy().minSize());
    List<Map<String, Object>> osds = osds(nodes);
    plan.put("osds", osds);
    // Where a node did not answer, the numbers of its OSDs are not known.
    plan.put("whole", osds.size() == model.nodes().stream().mapToInt(n -> n.osds().size()).sum());
    plan.put(
        "pools",
        model.pools().stream()
            .map(pool ->
                Map.of("name", pool.name(), "application", pool.application(), "pgs", pool.pgNum()))
            .toList());
    plan.put(
        "users",
        model.users().stream()
            .map(user -> {
              var pools = new LinkedHashMap<String, String>();
              user.pools().forEach((pool, access) -> pools.put(pool, words(access)));
              return Map.of(
                  "entity",
                  user.entity(),
                  "keyring",
                  CephPlan.keyringOf(user.entity()),
                  "caps",
                  user.caps(),
                  "pools",
                  pools);
            })
            .toList());
    return JSON.writeValueAsString(plan);
  }

  private static List<Map<String, Object>> osds(List<NodeCheck> nodes) {
    var osds = new ArrayList<Map<String, Object>>();
    for (NodeCheck check : nodes) {
      Node node = check.node();
      for (Osd osd : node.osds()) {
        check
            .number(osd)
            .ifPresent(
                id -> osds.add(Map.of("id", id, "host", node.name(), "db", osd.db() != null)));
      }
    }
    return osds;
  }

  private static List<String> names(CephModel model, Part part) {
    return model.with(part).stream().map(Node::name).toList();
  }

  private static String words(Access access) {
    return switch (access) {
      case NONE -> "nothing";
      case READ -> "read";
      case WRITE -> "read and write";
    };
  }
}
