package io.kindling.postinstall.daytwo;

import static io.kindling.postinstall.ceph.CephTools.ask;
import static io.kindling.postinstall.ceph.CephTools.osd;

import io.kindling.postinstall.ceph.CephError;
import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.ceph.CephModel.Node;
import io.kindling.postinstall.ceph.CephModel.Osd;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.ceph.CephTools;
import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.EngineError;
import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.Gate;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.NamedError;
import io.kindling.postinstall.engine.Scope;
import io.kindling.postinstall.openstack.OpenStackModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// From an order to graphs: whether it may begin, and what is done. Pure; the same order gives the
/// same graphs.
///
/// The sequences are those of Ceph's own operations guide and of cephadm (`host maintenance`, `osd
/// rm --replace`): nothing is stopped before `ok-to-stop`, nothing destroyed before
/// `safe-to-destroy`, and each step waits for the cluster before the next.
public final class DayTwoPlan {
  private static final String REBOOT = "/usr/local/lib/kindling/reboot";
  private static final String DRIVES = "/var/lib/kindling/drives/";

  private final CephModel model;
  private final Order order;
  private final String host;
  private final Steps steps;
  private final GuestSteps guests;

  private DayTwoPlan(CephModel model, Optional<OpenStackModel> openstack, Order order) {
    this.model = model;
    this.order = order;
    this.host = order.host();
    // Others first: the host itself may be away.
    List<String> monitors =
        model.with(Part.MON).stream()
            .map(Node::name)
            .sorted(Comparator.comparing(host::equals))
            .toList();
    this.steps = new Steps(host, monitors);
    this.guests = new GuestSteps(steps, openstack.orElse(null));
  }

  /// Whether the order may begin now: changes nothing but the programs that it asks with.
  public static Graph check(CephModel model, Optional<OpenStackModel> openstack, Order order) {
    return new DayTwoPlan(model, openstack, order).check();
  }

  /// What is done.
  public static Graph work(CephModel model, Optional<OpenStackModel> openstack, Order order) {
    return new DayTwoPlan(model, openstack, order).work();
  }

  private Graph check() {
    tools();
    Command may =
        switch (order) {
          case Order.Enter _, Order.Reboot _ -> ask("may_stop", host);
          case Order.Exit _, Order.Evacuate _, Order.Retire _ -> Command.of("true");
          case Order.Add _ -> ask("may_add");
          case Order.Replace r ->
              ask("may_replace", "" + r.osd(), r.uuid().toString(), r.how().word());
        };
    steps.once(
        "may-begin",
        "nothing speaks against it",
        new Gate("may begin", may, Steps.AT_ONCE, DayTwoError.NO_ANSWER));
    switch (order) {
      case Order.Enter _, Order.Reboot _ -> guests.mayMove();
      case Order.Evacuate evacuate -> guests.mayStartElsewhere(evacuate.address());
      case Order.Retire _ -> guests.mayLeave();
      case Order.Exit _, Order.Add _, Order.Replace _ -> {} // no guest is concerned
    }
    return graph("day-two-check");
  }

  private Graph work() {
    tools();
    switch (order) {
      case Order.Enter _ -> enter();
      case Order.Exit _ -> leave();
      case Order.Reboot reboot -> {
        enter();
        steps.here(
            "reboot",
            "reboot",
            Steps.BOOT,
            Steps.program(REBOOT, "reboot.sh"),
            new Action(
                "reboot",
                Command.of(REBOOT, "done", reboot.id().toString()),
                List.of(Command.of(REBOOT, "now", reboot.id().toString()))));
        leave();
      }
      case Order.Add add -> add(add);
      case Order.Replace replace -> replace(replace);
      case Order.Evacuate _ ->
          guests.elsewhere("guests-elsewhere", "its guests start on other computes");
      case Order.Retire _ -> guests.retire();
    }
    return graph(
        switch (order) {
          case Order.Evacuate _ -> "evacuation";
          case Order.Retire _ -> "retirement";
          case Order.Enter _, Order.Exit _, Order.Reboot _ -> "maintenance";
          case Order.Add _ -> "add-drive";
          case Order.Replace _ -> "replace-drive";
        });
  }

  private void enter() {
    guests.off();
    if (!osds().isEmpty()) {
      steps.once("noout", "its OSDs stay in while down", noout("set"));
    }
  }

  /// The host's.
  private List<Osd> osds() {
    return model.nodes().stream()
        .filter(node -> node.name().equals(host))
        .flatMap(node -> node.osds().stream())
        .toList();
  }

  private void leave() {
    steps.here(
        "osds",
        "its OSDs run",
        Steps.SOON,
        osds().stream().map(DayTwoPlan::runs).toArray(Item[]::new));
    var names = model.with(Part.MON).stream().map(Node::name).toList();
    var quorum = new ArrayList<>(List.of("quorum"));
    quorum.addAll(names);
    steps.once(
        "back",
        "its OSDs are up, the monitors are whole",
        new Gate("OSDs of " + host + " up", ask("host_up", host), Steps.BOOT, DayTwoError.NOT_BACK),
        new Gate("quorum", ask(quorum.toArray(String[]::new)), Steps.SOON, CephError.QUORUM));
    if (!osds().isEmpty()) {
      steps.once("noout-off", "its OSDs count as any others again", noout("unset"));
    }
    steps.once("whole", "every placement group is clean", whole());
    guests.on();
  }

  private void add(Order.Add add) {
    steps.once("calm", "no data move before every new OSD is there", CephTools.calm());
    for (Order.Drive drive : add.drives()) {
      drive(drive, "");
    }
    steps.once(
        "up",
        "the new OSDs are up",
        new Gate("OSDs up", ask("settling"), Steps.SOON, CephError.OSDS_DOWN));
    steps.once("release", "data move in, every copy being there", CephTools.release(), settling());
  }

  private void replace(Order.Replace replace) {
    String id = "" + replace.osd();
    String uuid = replace.uuid().toString();
    var safe =
        new Gate(
            "osd." + id + " safe to destroy",
            ask("safe", id, uuid),
            replace.how() == Order.How.DRAIN ? Steps.DATA : Steps.SOON,
            DayTwoError.NOT_SAFE);
    switch (replace.how()) {
      case SAFE -> steps.once("safe", "its data are elsewhere", safe);
      case DRAIN ->
          steps.once(
              "drain",
              "its data are copied elsewhere",
              new Action(
                  "osd." + id + " is out",
                  ask("out", id, uuid),
                  List.of(Command.of("ceph", "osd", "out", id))),
              safe);
      case DEGRADED -> {} // it is dead, and said to be given up
    }
    steps.here(
        "retire",
        "the old OSD ends",
        Steps.SOON,
        new Action(
            "osd." + id + " has ended here for good",
            osd("retired", replace.partition().toString(), id, uuid),
            List.of(osd("retire", replace.partition().toString(), id, uuid))));
    steps.once(
        "destroy",
        "its id is kept, its key is void",
        new Action(
            "osd." + id + " destroyed",
            ask("destroyed", id, uuid),
            List.of(Command.of("ceph", "osd", "destroy", id, "--yes-i-really-mean-it"))));
    drive(replace.drive(), id);
    steps.once(
        "up",
        "the new OSD serves",
        new Gate(
            "osd." + id + " up on " + host,
            ask("serves", id, host),
            Steps.SOON,
            CephError.OSDS_DOWN),
        new Action(
            "osd." + id + " is in", ask("in", id), List.of(Command.of("ceph", "osd", "in", id))));
    steps.once("copied", "every copy is there again", settling());
  }

  /// @param id of the OSD that it becomes, empty for the next that is free
  private void drive(Order.Drive drive, String id) {
    String partition = drive.partition().toString();
    String script = DRIVES + partition + ".sh";
    UUID db = drive.db();
    var prepare =
        new ArrayList<>(
            List.of(
                "prepare",
                partition,
                db == null ? "none" : db.toString(),
                model.fsid().toString()));
    List<String> prepared = new ArrayList<>(prepare);
    prepared.set(0, "prepared");
    if (!id.isEmpty()) {
      prepare.add(id);
    }
    steps.here(
        "drive-" + partition,
        "drive " + drive.disk() + " becomes an OSD",
        Duration.ofMinutes(15),
        new ManagedFile(script, "root", "root", "0700", drive.script(), List.of()),
        new Action(
            "partitions of " + drive.disk(),
            osd("there", partition),
            List.of(Command.of("sh", script, "--until=partitions"))),
        new Action(
            "OSD on partition " + partition,
            osd(prepared.toArray(String[]::new)),
            List.of(osd(prepare.toArray(String[]::new)))),
        runs(new Osd(drive.partition(), db)),
        new Gate(
            "OSD on partition " + partition + " is up",
            osd("up", partition),
            Steps.SOON,
            CephError.OSDS_DOWN));
  }

  private static Item runs(Osd osd) {
    String partition = osd.partition().toString();
    return new Action(
        "OSD on partition " + partition + " runs",
        osd("running", partition),
        List.of(osd("start", partition)));
  }

  private Item noout(String wanted) {
    return new Action(
        "noout of " + host + " " + wanted,
        ask("noout", host, wanted),
        List.of(Command.of("ceph", "osd", wanted + "-group", "noout", host)));
  }

  private static Gate settling() {
    return new Gate("every copy there", ask("settling"), Steps.DATA, DayTwoError.NOT_SETTLED);
  }

  private static Gate whole() {
    return new Gate("data whole", ask("whole"), Steps.DATA, DayTwoError.NOT_SETTLED);
  }

  /// The programs of this version, where an older one deployed.
  private void tools() {
    steps.add(
        GraphTask.of(
                "tools",
                "programs that the steps call",
                Scope.parallel(steps.monitors()),
                mon -> List.of(CephTools.probe()))
            .mayFail(steps.monitors().size() - 1));
    if (!osds().isEmpty()) {
      steps.add(
          GraphTask.of(
              "osd-tools",
              "programs that the steps call",
              Scope.parallel(List.of(host)),
              name -> List.of(CephTools.osd()),
              "tools"));
    }
  }

  private Graph graph(String phase) {
    var errors = new ArrayList<NamedError>(List.of(EngineError.values()));
    errors.addAll(List.of(CephError.values()));
    errors.addAll(List.of(DayTwoError.values()));
    return new Graph(phase, steps.tasks(), errors);
  }
}
