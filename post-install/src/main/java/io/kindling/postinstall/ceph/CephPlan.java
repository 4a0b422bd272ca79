package io.kindling.postinstall.ceph;

import static io.kindling.postinstall.ceph.CephFiles.keyring;

import io.kindling.postinstall.ceph.CephModel.Node;
import io.kindling.postinstall.ceph.CephModel.Osd;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.ceph.CephModel.Pool;
import io.kindling.postinstall.ceph.CephModel.User;
import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.EngineError;
import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.Folder;
import io.kindling.postinstall.engine.Item.Gate;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Packages;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.engine.NamedError;
import io.kindling.postinstall.engine.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// From a model to the graph that makes it so. Pure; the same model gives the same graph.
///
/// names, time, packages → configuration → time gate → monitors, all at once → quorum → managers →
/// OSDs → CRUSH, pools, users → health.
public final class CephPlan {

  /// The phase's name in outcomes and logs.
  public static final String PHASE = "ceph";

  private static final String HOME = "/var/lib/kindling/ceph";
  private static final Duration SHORT = Duration.ofMinutes(2);
  private static final Duration LONG = Duration.ofMinutes(5);

  private final CephModel model;
  private final List<String> all;
  private final List<String> mons;
  private final List<String> mgrs;
  private final List<String> osdHosts;
  private final Map<String, Node> nodes = new LinkedHashMap<>();

  private CephPlan(CephModel model) {
    this.model = model;
    this.all = model.nodes().stream().map(Node::name).toList();
    this.mons = model.names(Part.MON);
    this.mgrs = model.names(Part.MGR);
    this.osdHosts = model.names(Part.OSD);
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
    tasks.add(each("base", "names, time sources, packages", all, this::base).mayFail(spare));
    tasks.add(
        each("configuration", "ceph.conf and helpers", all, this::configuration, "base")
            .mayFail(spare));
    tasks.add(each("time", "clocks of monitor hosts", mons, this::time, "base"));
    tasks.add(
        each("monitors", "monitors", mons, this::monitor, "configuration", "time")
            .within(Duration.ofMinutes(5)));
    tasks.add(once("quorum", "quorum of all monitors", this::quorum, "monitors"));
    tasks.add(each("managers", "managers", mgrs, this::manager, "quorum"));
    // A manager takes half a minute to load its modules: OSDs are made meanwhile.
    tasks.add(once("calm", "no data move before every new OSD is there", this::calm, "managers"));
    tasks.add(
        each("osds", "OSDs of their partitions", osdHosts, this::osds, "calm")
            .mayFail(spare)
            .within(Duration.ofMinutes(30)));
    tasks.add(once("manager-active", "an active manager", this::managerActive, "osds"));
    tasks.add(once("osds-up", "every OSD up and in", this::osdsUp, "manager-active"));
    tasks.add(once("pools", "CRUSH, settings, pools", this::pools, "osds-up"));
    tasks.add(once("users", "users and what they may do", this::users, "pools"));
    tasks.add(
        each("keyrings", "keyrings of services", all, this::keyrings, "users").mayFail(spare));
    tasks.add(once("health", "HEALTH_OK", this::health, "keyrings"));
    var errors = new ArrayList<NamedError>(List.of(EngineError.values()));
    errors.addAll(List.of(CephError.values()));
    return new Graph(PHASE, tasks, errors);
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
      items.add(keyring(model, "client.admin", CephFiles.ADMIN_KEYRING, "root", "0600"));
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

  private List<Item> monitor(Node node) {
    String id = node.name();
    String store = "/var/lib/ceph/mon/ceph-" + id;
    String fsid = model.fsid().toString();
    var monmap =
        new ArrayList<>(
            List.of(
                "monmaptool", "--create", "--clobber", "--fsid", fsid, "--enable-all-features"));
    monmap.addAll(List.of("--set-min-mon-release", "reef"));
    for (Node mon : model.with(Part.MON)) {
      monmap.addAll(List.of("--addv", mon.name(), CephFiles.addresses(mon)));
    }
    monmap.add(HOME + "/monmap");
    return List.of(
        CephFiles.monKeyring(model),
        ManagedFile.of(HOME + "/fsid", fsid + "\n"),
        Unit.off("ceph-mon.service"), // Debian's own, by the full host name
        // Beside its place first: a store that was broken off is never taken for a whole one.
        new Action(
            "monitor " + id,
            Command.of(CephFiles.MON_PRESENT, id, fsid),
            List.of(
                new Command(monmap),
                Command.of("rm", "-rf", store + ".new"),
                Command.of(
                    "install", "-d", "-o", "ceph", "-g", "ceph", "-m", "0750", store + ".new"),
                Command.of(
                    "ceph-mon",
                    "--mkfs",
                    "-i",
                    id,
                    "--mon-data",
                    store + ".new",
                    "--monmap",
                    HOME + "/monmap",
                    "--keyring",
                    CephFiles.MON_KEYRING,
                    "--setuser",
                    "ceph",
                    "--setgroup",
                    "ceph"),
                Command.of(
                    "install",
                    "-o",
                    "ceph",
                    "-g",
                    "ceph",
                    "-m",
                    "0644",
                    HOME + "/fsid",
                    store + ".new/kindling-fsid"),
                Command.of("mv", "-T", store + ".new", store))),
        Unit.running("ceph-mon@" + id + ".service"));
  }

  private List<Item> quorum() {
    return List.of(new Gate("quorum", probe("quorum", mons), SHORT, CephError.QUORUM));
  }

  private List<Item> manager(Node node) {
    String id = node.name();
    String home = "/var/lib/ceph/mgr/ceph-" + id;
    return List.of(
        CephFiles.file(CephFiles.BCRYPT, "bcrypt.py"),
        new Folder(home, "ceph", "ceph", "0750"),
        keyring(model, "mgr." + id, home + "/keyring", "ceph", "0600"),
        Unit.running("ceph-mgr@" + id + ".service", CephFiles.BCRYPT, home + "/keyring"));
  }

  private List<Item> managerActive() {
    return List.of(new Gate("managers", probe("mgr", mgrs), LONG, CephError.MGR));
  }

  private List<Item> osds(Node node) {
    var items = new ArrayList<Item>();
    for (Osd osd : node.osds()) {
      UUID db = osd.db();
      String partition = osd.partition().toString();
      String[] plan = {partition, db == null ? "none" : db.toString(), model.fsid().toString()};
      items.add(
          new Action(
              "OSD on partition " + partition,
              Command.of(CephFiles.OSD, "prepared", plan[0], plan[1], plan[2]),
              List.of(Command.of(CephFiles.OSD, "prepare", plan[0], plan[1], plan[2]))));
      items.add(
          new Action(
              "OSD on partition " + partition + " runs",
              Command.of(CephFiles.OSD, "running", partition),
              List.of(Command.of(CephFiles.OSD, "start", partition))));
    }
    return items;
  }

  private List<Item> osdsUp() {
    int spare = Math.max(0, osdHosts.size() - model.redundancy().size());
    int least =
        model.osdCount()
            - model.with(Part.OSD).stream()
                .mapToInt(node -> node.osds().size())
                .boxed()
                .sorted(java.util.Comparator.reverseOrder())
                .limit(spare)
                .mapToInt(n -> n)
                .sum();
    String planned = "" + model.osdCount();
    return List.of(
        new Gate(
            "OSDs up", Command.of(CephFiles.PROBE, "osds", "" + least), LONG, CephError.OSDS_DOWN),
        new Action(
            "no OSD id that nobody uses",
            Command.of(CephFiles.PROBE, "no_orphans", planned),
            List.of(Command.of(CephFiles.PROBE, "purge_orphans", planned))),
        CephTools.release());
  }

  private List<Item> calm() {
    return List.of(CephTools.calmWhereItGrows(model.osdCount()));
  }

  private List<Item> pools() {
    var items = new ArrayList<Item>();
    var racks = new java.util.TreeSet<String>();
    for (Node node : model.with(Part.OSD)) {
      String rack = node.rack();
      if (rack != null) {
        var move = new ArrayList<Command>();
        if (racks.add(rack)) {
          move.add(Command.of("ceph", "osd", "crush", "add-bucket", rack, "rack"));
          move.add(Command.of("ceph", "osd", "crush", "move", rack, "root=default"));
        }
        move.add(Command.of("ceph", "osd", "crush", "move", node.name(), "rack=" + rack));
        items.add(
            new Action(
                "host " + node.name() + " in rack " + rack,
                Command.of(CephFiles.PROBE, "rack", node.name(), rack),
                move));
      }
    }
    // Clone v2: images can be deleted while clones live. Every client here is newer than mimic.
    items.add(
        new Action(
            "clients since mimic",
            Command.of(CephFiles.PROBE, "compat", "mimic"),
            List.of(Command.of("ceph", "osd", "set-require-min-compat-client", "mimic"))));
    model.pools().forEach(pool -> pool(pool, items));
    return items;
  }

  private void pool(Pool pool, List<Item> items) {
    Redundancy redundancy = model.redundancy();
    String name = pool.name();
    String pgs = "" + pool.pgNum();
    String rule = "replicated_rule";
    var create =
        new ArrayList<>(
            List.of("ceph", "osd", "pool", "create", name, pgs, pgs, "replicated", rule));
    create.addAll(List.of("--autoscale-mode=off", "--size=" + redundancy.size()));
    if (redundancy.size() == 1) {
      create.add("--yes-i-really-mean-it");
    }
    items.add(
        new Action(
            "pool " + name,
            Command.of(CephFiles.PROBE, "made", name, pool.application()),
            List.of(
                new Command(create), // where it is there already this changes nothing
                pool.application().equals("rbd")
                    ? Command.of("rbd", "pool", "init", name)
                    : Command.of(
                        "ceph",
                        "osd",
                        "pool",
                        "application",
                        "enable",
                        name,
                        pool.application()))));
    var change = new ArrayList<Command>();
    change.add(set(name, "pg_autoscale_mode", "off"));
    change.add(
        redundancy.size() == 1
            ? Command.of("ceph", "osd", "pool", "set", name, "size", "1", "--yes-i-really-mean-it")
            : set(name, "size", "" + redundancy.size()));
    change.add(set(name, "min_size", "" + redundancy.minSize()));
    change.add(set(name, "crush_rule", rule));
    change.add(set(name, "pg_num", pgs));
    items.add(
        new Action(
            "settings of pool " + name,
            Command.of(
                CephFiles.PROBE,
                "pool",
                name,
                pgs,
                "" + redundancy.size(),
                "" + redundancy.minSize(),
                rule),
            change));
  }

  private static Command set(String pool, String name, String value) {
    return Command.of("ceph", "osd", "pool", "set", pool, name, value);
  }

  private List<Item> users() {
    var items = new ArrayList<Item>();
    for (User user : model.users()) {
      String file = HOME + "/" + user.entity() + ".keyring";
      items.add(keyring(model, user.entity(), file, "root", "0600"));
      var caps = new ArrayList<String>(); // each capability is one argument, spaces and all
      user.caps().forEach((type, cap) -> caps.addAll(List.of(type, cap)));
      var add = new ArrayList<>(List.of("ceph", "auth", "add", user.entity()));
      add.addAll(caps);
      add.addAll(List.of("-i", file));
      var change = new ArrayList<>(List.of("ceph", "auth", "caps", user.entity()));
      change.addAll(caps);
      items.add(
          new Action(
              "user " + user.entity(),
              Command.of(CephFiles.PROBE, "keyed", user.entity(), file),
              List.of(new Command(add))));
      var is = new ArrayList<>(List.of(CephFiles.PROBE, "user", user.entity(), file));
      is.addAll(caps);
      items.add(
          new Action(
              "capabilities of " + user.entity(), new Command(is), List.of(new Command(change))));
    }
    return items;
  }

  private List<Item> keyrings(Node node) {
    var items = new ArrayList<Item>();
    for (User user : model.users()) {
      if (user.nodes().contains(node.name())) {
        items.add(
            keyring(
                model,
                user.entity(),
                "/etc/ceph/ceph." + user.entity() + ".keyring",
                user.owner(),
                user.owner().equals("root") ? "0600" : "0640"));
      }
    }
    return items;
  }

  private List<Item> health() {
    var items = new ArrayList<Item>();
    var ask = new ArrayList<>(List.of(CephFiles.PROBE, "health"));
    if (model.redundancy().size() == 1) {
      ask.add("POOL_NO_REDUNDANCY"); // true, and told beforehand; it is not muted
    }
    items.add(new Gate("HEALTH_OK", new Command(ask), LONG, CephError.HEALTH));
    return items;
  }

  private static Command probe(String question, List<String> names) {
    var argv = new ArrayList<>(List.of(CephFiles.PROBE, question));
    argv.addAll(names);
    return new Command(argv);
  }
}
