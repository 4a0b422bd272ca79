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
import io.kindling.postinstall.internal.Resources;
import io.kindling.postinstall.openstack.OpenStackModel;
import io.kindling.postinstall.openstack.OpenStackPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// From an order to graphs: whether it may begin, and what is done. Pure; the same order gives the
/// same graphs.
///
/// The sequences are those of Ceph's own operations guide and of cephadm (`host maintenance`, `osd
/// rm --replace`): nothing is stopped before `ok-to-stop`, nothing destroyed before
/// `safe-to-destroy`, and each step waits for the cluster before the next.
public final class DayTwoPlan {
  private static final String REBOOT = "/usr/local/lib/kindling/reboot";
  private static final String GUESTS = "/usr/local/lib/kindling/guests";
  private static final String COMPUTE = "nova-compute.service";
  private static final String FOLDERS = "/usr/local/lib/kindling/guest-folders";
  private static final String DRIVES = "/var/lib/kindling/drives/";

  private static final Duration AT_ONCE = Duration.ofSeconds(20);
  private static final Duration SOON = Duration.ofMinutes(5);

  /// A server's firmware and memory test take their time.
  private static final Duration BOOT = Duration.ofMinutes(30);

  /// Until the last guest has moved.
  private static final Duration MOVES = Duration.ofHours(2);

  /// As long as data may be on their way.
  private static final Duration DATA = Duration.ofDays(7);

  private final CephModel model;
  private final @Nullable OpenStackModel openstack;
  private final Order order;
  private final String host;
  private final List<String> mons;
  private final List<GraphTask> tasks = new ArrayList<>();

  private DayTwoPlan(CephModel model, Optional<OpenStackModel> openstack, Order order) {
    this.model = model;
    this.openstack = openstack.orElse(null);
    this.order = order;
    this.host = order.host();
    // Others first: the host itself may be away.
    this.mons =
        model.with(Part.MON).stream()
            .map(Node::name)
            .sorted(Comparator.comparing(host::equals))
            .toList();
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
    once(
        "may-begin",
        "nothing speaks against it",
        new Gate("may begin", may, AT_ONCE, DayTwoError.NO_ANSWER));
    switch (order) {
      case Order.Enter _, Order.Reboot _ ->
          onGuests("guests-may-move", "its guests have where to go", may("may_move", host));
      case Order.Evacuate evacuate ->
          onGuests(
              "guests-may-be-started",
              "it is dead, and its guests have where to go",
              may("may_evacuate", host, evacuate.address()));
      case Order.Retire _ ->
          onGuests("guests-may-leave", "its guests have where to go", may("may_leave", host));
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
        on(
            "reboot",
            "reboot",
            BOOT,
            program(REBOOT, "reboot.sh"),
            new Action(
                "reboot",
                Command.of(REBOOT, "done", reboot.id().toString()),
                List.of(Command.of(REBOOT, "now", reboot.id().toString()))));
        leave();
      }
      case Order.Add add -> add(add);
      case Order.Replace replace -> replace(replace);
      case Order.Evacuate _ ->
          onGuests(
              "guests-elsewhere",
              "its guests start on other computes",
              new Action(
                  "guests of " + host + " elsewhere",
                  guests("evacuated", host),
                  List.of(guests("evacuate", host))));
      case Order.Retire _ -> retire();
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

  private void guestsOff() {
    onGuests(
        "guests-off",
        "its guests move to other computes while they run",
        new Action(
            "no new guest comes to " + host,
            guests("closed", host),
            List.of(guests("close", host))),
        new Action(
            "guests of " + host + " moved", guests("moved", host), List.of(guests("move", host))));
  }

  /// Nova moves a guest that is shut off only from a compute that is down; that compute clears away
  /// what it had of it when it is back. Only then does it go.
  private void retire() {
    guestsOff();
    String active = "systemctl --quiet is-active " + COMPUTE;
    on(
        "nova-down",
        "its part of Nova is down",
        SOON,
        new Action(
            COMPUTE + " is down",
            Command.of("sh", "-c", "! " + active),
            List.of(Command.of("systemctl", "stop", COMPUTE))));
    onGuests(
        "guests-shut-off",
        "guests that are shut off belong to other computes",
        new Action(
            "guests of " + host + " elsewhere",
            guests("evacuated", host),
            List.of(guests("evacuate", host))));
    on(
        "nova-back",
        "its part of Nova is back",
        SOON,
        new Action(
            COMPUTE + " runs, or is off for good",
            Command.of("sh", "-c", active + " || ! systemctl --quiet is-enabled " + COMPUTE),
            List.of(Command.of("systemctl", "start", COMPUTE))));
    cleared();
    on("off", "it is no compute", SOON, OpenStackPlan.noCompute().toArray(Item[]::new));
    onGuests(
        "forgotten",
        "Nova, Placement and Neutron know it no more",
        new Action(
            host + " forgotten", guests("forgotten", host), List.of(guests("forget", host))));
  }

  private void enter() {
    guestsOff();
    if (!osds().isEmpty()) {
      once("noout", "its OSDs stay in while down", noout("set"));
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
    on("osds", "its OSDs run", SOON, osds().stream().map(DayTwoPlan::runs).toArray(Item[]::new));
    var names = model.with(Part.MON).stream().map(Node::name).toList();
    var quorum = new ArrayList<>(List.of("quorum"));
    quorum.addAll(names);
    once(
        "back",
        "its OSDs are up, the monitors are whole",
        new Gate("OSDs of " + host + " up", ask("host_up", host), BOOT, DayTwoError.NOT_BACK),
        new Gate("quorum", ask(quorum.toArray(String[]::new)), SOON, CephError.QUORUM));
    if (!osds().isEmpty()) {
      once("noout-off", "its OSDs count as any others again", noout("unset"));
    }
    once("whole", "every placement group is clean", whole());
    cleared();
    onGuests(
        "guests-on",
        "guests may come to it again",
        new Action(
            "guests may come to " + host, guests("opened", host), List.of(guests("open", host))),
        new Gate("Nova hears from " + host, guests("up", host), BOOT, DayTwoError.NOT_BACK));
  }

  /// Before that Nova does not take back that it is down, and no guest can come back to it.
  private void cleared() {
    onGuests(
        "cleared",
        "it has cleared away what it had of guests that are elsewhere",
        new Gate("evacuations of " + host, guests("cleared", host), SOON, DayTwoError.NOT_CLEARED));
    if (isCompute()) {
      on(
          "folders",
          "nothing is left of guests that are elsewhere",
          SOON,
          program(FOLDERS, "guest-folders.sh"),
          new Action(
              "folders of guests that are elsewhere",
              Command.of(FOLDERS, "check"),
              List.of(Command.of(FOLDERS, "remove"))));
    }
  }

  private void add(Order.Add add) {
    once("calm", "no data move before every new OSD is there", CephTools.calm());
    for (Order.Drive drive : add.drives()) {
      drive(drive, "");
    }
    once(
        "up",
        "the new OSDs are up",
        new Gate("OSDs up", ask("settling"), SOON, CephError.OSDS_DOWN));
    once("release", "data move in, every copy being there", CephTools.release(), settling());
  }

  private void replace(Order.Replace replace) {
    String id = "" + replace.osd();
    String uuid = replace.uuid().toString();
    var safe =
        new Gate(
            "osd." + id + " safe to destroy",
            ask("safe", id, uuid),
            replace.how() == Order.How.DRAIN ? DATA : SOON,
            DayTwoError.NOT_SAFE);
    switch (replace.how()) {
      case SAFE -> once("safe", "its data are elsewhere", safe);
      case DRAIN ->
          once(
              "drain",
              "its data are copied elsewhere",
              new Action(
                  "osd." + id + " is out",
                  ask("out", id, uuid),
                  List.of(Command.of("ceph", "osd", "out", id))),
              safe);
      case DEGRADED -> {} // it is dead, and said to be given up
    }
    on(
        "retire",
        "the old OSD ends",
        SOON,
        new Action(
            "osd." + id + " has ended here for good",
            osd("retired", replace.partition().toString(), id, uuid),
            List.of(osd("retire", replace.partition().toString(), id, uuid))));
    once(
        "destroy",
        "its id is kept, its key is void",
        new Action(
            "osd." + id + " destroyed",
            ask("destroyed", id, uuid),
            List.of(Command.of("ceph", "osd", "destroy", id, "--yes-i-really-mean-it"))));
    drive(replace.drive(), id);
    once(
        "up",
        "the new OSD serves",
        new Gate(
            "osd." + id + " up on " + host, ask("serves", id, host), SOON, CephError.OSDS_DOWN),
        new Action(
            "osd." + id + " is in", ask("in", id), List.of(Command.of("ceph", "osd", "in", id))));
    once("copied", "every copy is there again", settling());
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
    on(
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
            SOON,
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
    return new Gate("every copy there", ask("settling"), DATA, DayTwoError.NOT_SETTLED);
  }

  private static Gate whole() {
    return new Gate("data whole", ask("whole"), DATA, DayTwoError.NOT_SETTLED);
  }

  /// The programs of this version, where an older one deployed.
  private void tools() {
    tasks.add(
        GraphTask.of(
                "tools",
                "programs that the steps call",
                Scope.parallel(mons),
                mon -> List.of(CephTools.probe()))
            .mayFail(mons.size() - 1));
    if (!osds().isEmpty()) {
      tasks.add(
          GraphTask.of(
              "osd-tools",
              "programs that the steps call",
              Scope.parallel(List.of(host)),
              name -> List.of(CephTools.osd()),
              "tools"));
    }
  }

  private static Gate may(String... words) {
    return new Gate("guests", guests(words), AT_ONCE, DayTwoError.NO_ANSWER);
  }

  private static Command guests(String... words) {
    var argv = new ArrayList<>(List.of(GUESTS));
    argv.addAll(List.of(words));
    return new Command(argv);
  }

  /// Done with the host's guests, where it is a compute.
  private void onGuests(String name, String title, Item... items) {
    OpenStackModel services = openstack;
    if (services == null || !isCompute()) {
      return;
    }
    var all = new ArrayList<Item>(List.of(program(GUESTS, "guests.py")));
    all.addAll(List.of(items));
    add(
        GraphTask.of(
            name, title, Scope.once(List.of(services.control().name())), at -> all, last()),
        MOVES);
  }

  private boolean isCompute() {
    OpenStackModel services = openstack;
    return services != null && services.computes().stream().anyMatch(c -> c.name().equals(host));
  }

  private void once(String name, String title, Item... items) {
    add(GraphTask.of(name, title, Scope.once(mons), mon -> List.of(items), last()), DATA);
  }

  private void on(String name, String title, Duration limit, Item... items) {
    add(
        GraphTask.of(name, title, Scope.parallel(List.of(host)), at -> List.of(items), last()),
        limit);
  }

  private void add(GraphTask task, Duration limit) {
    tasks.add(task.within(limit.plusMinutes(10)));
  }

  private String last() {
    return tasks.getLast().name();
  }

  private Graph graph(String phase) {
    var errors = new ArrayList<NamedError>(List.of(EngineError.values()));
    errors.addAll(List.of(CephError.values()));
    errors.addAll(List.of(DayTwoError.values()));
    return new Graph(phase, tasks, errors);
  }

  private static ManagedFile program(String path, String resource) {
    return ManagedFile.program(path, Resources.text(DayTwoPlan.class, resource));
  }
}
