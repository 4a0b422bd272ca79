package io.kindling.postinstall.ceph;

import static io.kindling.postinstall.ceph.CephFiles.keyring;

import io.kindling.postinstall.ceph.CephModel.Node;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.EngineError;
import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Gate;
import io.kindling.postinstall.engine.Item.Packages;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.engine.NamedError;
import io.kindling.postinstall.engine.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// From a model to the graph that makes it so. Pure; the same model gives the same graph.
///
/// names, time, packages → configuration → time gate → monitors, all at once → quorum → managers →
/// OSDs → CRUSH, pools, users → gateways → health.
public final class CephPlan {

  /// The phase's name in outcomes and logs.
  public static final String PHASE = "ceph";

  private static final Duration LONG = Duration.ofMinutes(5);

  private final CephModel model;
  private final List<String> all;
  private final List<String> mons;
  private final List<String> mgrs;
  private final List<String> osdHosts;
  private final List<String> gateways;
  private final Map<String, Node> nodes = new LinkedHashMap<>();

  private CephPlan(CephModel model) {
    this.model = model;
    this.all = model.nodes().stream().map(Node::name).toList();
    this.mons = model.names(Part.MON);
    this.mgrs = model.names(Part.MGR);
    this.osdHosts = model.names(Part.OSD);
    this.gateways = model.names(Part.RGW);
    model.nodes().forEach(node -> nodes.put(node.name(), node));
    if (mons.isEmpty() || mons.size() % 2 == 0) {
      throw new IllegalArgumentException("monitors must be an odd number, not " + mons.size());
    }
    if (mgrs.isEmpty() || osdHosts.isEmpty()) {
      throw new IllegalArgumentException("a cluster needs a manager and a host with OSDs");
    }
  }

  public static Graph of(CephModel model) {
    return new CephPlan(model).graph();
  }

  private Graph graph() {
    int spare = Math.max(0, osdHosts.size() - model.redundancy().size());
    var tasks = new ArrayList<GraphTask>();
    var daemons = new CephDaemons(model);
    var pools = new CephPools(model);
    tasks.add(each("base", "names, time sources, packages", all, this::base).mayFail(spare));
    tasks.add(
        each("configuration", "ceph.conf and helpers", all, this::configuration, "base")
            .mayFail(spare));
    tasks.add(each("time", "clocks of monitor hosts", mons, this::time, "base"));
    tasks.add(
        each("monitors", "monitors", mons, daemons::monitor, "configuration", "time")
            .within(Duration.ofMinutes(5)));
    tasks.add(once("quorum", "quorum of all monitors", daemons::quorum, "monitors"));
    tasks.add(each("managers", "managers", mgrs, daemons::manager, "quorum"));
    // A manager takes half a minute to load its modules: OSDs are made meanwhile.
    tasks.add(once("calm", "no data move before every new OSD is there", this::calm, "managers"));
    tasks.add(
        each("osds", "OSDs of their partitions", osdHosts, daemons::osds, "calm")
            .mayFail(spare)
            .within(Duration.ofMinutes(30)));
    tasks.add(once("manager-active", "an active manager", daemons::managerActive, "osds"));
    tasks.add(once("osds-up", "every OSD up and in", daemons::osdsUp, "manager-active"));
    tasks.add(once("pools", "CRUSH, settings, pools", pools::pools, "osds-up"));
    tasks.add(once("users", "users and what they may do", pools::users, "pools"));
    tasks.add(
        each("keyrings", "keyrings of services", all, pools::keyrings, "users").mayFail(spare));
    String last = "keyrings";
    if (!gateways.isEmpty()) {
      gateways(tasks);
      last = "object-user";
    }
    tasks.add(once("health", "HEALTH_OK", this::health, last));
    var errors = new ArrayList<NamedError>(List.of(EngineError.values()));
    errors.addAll(List.of(CephError.values()));
    return new Graph(PHASE, tasks, errors);
  }

  /// S3 goes on as long as one gateway is left.
  private void gateways(List<GraphTask> tasks) {
    var items = new CephGateways(model);
    int spare = gateways.size() - 1;
    tasks.add(once("gateway-settings", "settings of gateways", items::settings, "keyrings"));
    tasks.add(
        each("gateways", "RADOS Gateways", gateways, items::gateway, "gateway-settings")
            .mayFail(spare));
    tasks.add(
        each(
                "gateway-front",
                "load balancer and virtual addresses",
                gateways,
                items::front,
                "gateways")
            .mayFail(spare));
    tasks.add(once("object-user", "S3's first user", items::user, "gateway-front"));
  }

  private GraphTask each(
      String name,
      String title,
      List<String> hosts,
      java.util.function.Function<Node, List<Item>> items,
      String... after) {
    return GraphTask.of(
        name,
        title,
        Scope.parallel(hosts),
        host -> items.apply(java.util.Objects.requireNonNull(nodes.get(host))),
        after);
  }

  private GraphTask once(
      String name, String title, java.util.function.Supplier<List<Item>> items, String... after) {
    return GraphTask.of(name, title, Scope.once(mons), host -> items.get(), after);
  }

  private List<Item> base(Node node) {
    var packages = new ArrayList<>(List.of("chrony", "ceph-base", "ceph-common"));
    if (node.parts().contains(Part.MON)) {
      packages.add("ceph-mon");
    }
    if (node.parts().contains(Part.MGR)) {
      packages.add("ceph-mgr");
    }
    if (node.parts().contains(Part.OSD)) {
      packages.addAll(List.of("ceph-osd", "ceph-volume"));
    }
    if (node.parts().contains(Part.RGW)) {
      packages.addAll(List.of("radosgw", "haproxy", "keepalived", "curl"));
    }
    var items = new ArrayList<Item>(List.of(CephFiles.hosts(model)));
    if (model.packages() != null) {
      items.addAll(PackageSources.only(model.packages()));
    }
    items.add(new Packages(packages));
    items.add(CephFiles.timeSources(model));
    items.add(Unit.running("chrony.service", CephFiles.SOURCES));
    return items;
  }

  private List<Item> configuration(Node node) {
    var items = new ArrayList<Item>(List.of(CephFiles.conf(model)));
    if (node.parts().contains(Part.MON)) {
      items.add(CephFiles.program(CephFiles.PROBE, "ceph-probe.py"));
      items.add(CephFiles.program(CephFiles.MON_PRESENT, "mon-present.sh"));
      if (!gateways.isEmpty()) {
        items.add(CephFiles.program(CephFiles.S3_USER, "s3-user.sh"));
      }
      items.add(keyring(model, "client.admin", CephFiles.ADMIN_KEYRING, "root", "0600"));
    }
    if (node.parts().contains(Part.RGW)) {
      items.add(CephFiles.program(CephFiles.ANSWERS, "answers.sh"));
      items.add(CephFiles.program(CephFiles.NICS, "nics.sh"));
    }
    if (node.parts().contains(Part.OSD)) {
      items.add(CephFiles.program(CephFiles.OSD, "osd.sh"));
      items.add(
          CephFiles.file("/etc/systemd/system/kindling-osd@.service", "kindling-osd@.service"));
      items.add(
          CephFiles.file("/etc/udev/rules.d/90-kindling-ceph.rules", "90-kindling-ceph.rules"));
      items.add(
          keyring(model, "client.bootstrap-osd", CephFiles.BOOTSTRAP_KEYRING, "ceph", "0600"));
    }
    return items;
  }

  private List<Item> time(Node node) {
    return List.of(
        new Gate(
            "clock within 50 ms",
            Command.of("chronyc", "-n", "waitsync", "1", "0.05", "0", "1"),
            Duration.ofMinutes(3),
            CephError.CLOCK));
  }

  private List<Item> calm() {
    return List.of(CephTools.calmWhereItGrows(model.osdCount()));
  }

  private List<Item> health() {
    return List.of(
        new Gate("HEALTH_OK", Probe.ask("health", allowed(model)), LONG, CephError.HEALTH));
  }

  /// An option in the monitors' configuration database, set where a monitor is.
  ///
  /// @param who a daemon, or all whose names begin so
  public static Item setting(String who, String name, String value) {
    return new Item.Action(
        name + " of " + who,
        Probe.ask("config", who, name, value),
        List.of(Command.of("ceph", "config", "set", who, name, value)));
  }

  /// The unit of the RADOS Gateway on that node.
  public static String gatewayUnit(String node) {
    return "ceph-radosgw@rgw." + node + ".service";
  }

  /// Where the user's key lies on monitor hosts.
  public static String keyringOf(String entity) {
    return CephFiles.HOME + "/" + entity + ".keyring";
  }

  /// Gives the monitors the user's key as this phase left it on their hosts, where these ask.
  public static Item key(String entity) {
    String file = keyringOf(entity);
    return new Item.Action(
        "key of " + entity, Probe.ask("keyed", entity, file), List.of(CephPools.imported(file)));
  }

  /// Warnings of Ceph that are true and told beforehand; they are not muted.
  public static List<String> allowed(CephModel model) {
    return model.redundancy().size() == 1 ? List.of("POOL_NO_REDUNDANCY") : List.of();
  }
}
