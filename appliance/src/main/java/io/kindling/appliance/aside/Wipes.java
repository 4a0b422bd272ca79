package io.kindling.appliance.aside;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.aside.AsideBook.Aside;
import io.kindling.appliance.deploy.Assigner;
import io.kindling.appliance.deploy.Deployer;
import io.kindling.appliance.deploy.InstallPlans;
import io.kindling.appliance.deploy.Planner;
import io.kindling.appliance.deploy.Settings;
import io.kindling.appliance.power.Restarts;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Inventory;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.Presence;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskWipe;
import io.kindling.ksgen.LayoutException;
import io.kindling.postinstall.InstallPlan.Bootstrap;
import io.kindling.postinstall.TaskLog;
import io.kindling.postinstall.bootstrap.Bootstraps;
import io.kindling.postinstall.bootstrap.Ended;
import io.kindling.postinstall.ssh.LineSink;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Clears disks of nodes, those that were named and no others, from the bootstrap. A node whose
/// disks were cleared is what its next report says: a machine like one that has just come.
/// Thread-safe.
public final class Wipes {
  private static final Logger logger = LoggerFactory.getLogger(Wipes.class);

  /// The stage from the first write on.
  private static final String WIPE = "wipe";

  /// The stage of a node whose disks are clear and that has not told so.
  private static final String REPORT = "report";

  private final NodeStore nodes;
  private final EventStore events;
  private final TaskLog log;
  private final Presence presence;
  private final InstallPlans plans;
  private final Planner planner;
  private final Deployer deployer;
  private final Bootstraps bootstraps;
  private final Restarts restarts;
  private final Settings settings;
  private final AsideBook book;
  private final Supplier<UUID> ids;
  private final Executor threads;
  private final Set<UUID> busy = ConcurrentHashMap.newKeySet();

  /// @param deployer orders nothing meanwhile
  /// @param ids random ones
  /// @param threads runs what takes its time
  public Wipes(
      NodeStore nodes,
      EventStore events,
      TaskLog log,
      Presence presence,
      InstallPlans plans,
      Planner planner,
      Deployer deployer,
      Bootstraps bootstraps,
      Restarts restarts,
      Settings settings,
      Supplier<UUID> ids,
      Executor threads) {
    this.nodes = nodes;
    this.events = events;
    this.log = log;
    this.presence = presence;
    this.plans = plans;
    this.planner = planner;
    this.deployer = deployer;
    this.bootstraps = bootstraps;
    this.restarts = restarts;
    this.settings = settings;
    this.book = new AsideBook(settings);
    this.ids = ids;
    this.threads = threads;
  }

  /// What an operator asks for.
  ///
  /// @param disks ids of the disks to clear
  /// @param restart have the machine restarted over the network now
  /// @param yes what is on them may be lost
  /// @param confirmed also disks that are known by their place alone
  public record Request(Set<String> disks, boolean restart, boolean yes, boolean confirmed) {
    public Request {
      disks = Set.copyOf(disks);
    }
  }

  /// Orders it.
  ///
  /// @param guard throws where the node is not what the caller has seen
  /// @return what comes of it, in words
  /// @throws ApplianceException where it may not be
  public String begin(UUID id, Request request, Consumer<Node> guard) {
    String disks = deployer.alone(() -> ordered(id, request, guard));
    Node node = nodes.find(id).orElseThrow();
    events.append(id, "wipe-ordered", null, node.name() + ": " + disks);
    if (presence.isPresent(id) && !request.restart()) {
      begin(node);
      return node.name() + " is in the bootstrap; now cleared: " + disks;
    }
    if (request.restart()) {
      restarts.begin(node);
    }
    return "%s: its next boot over the network clears %s%s"
        .formatted(
            node.name(),
            disks,
            request.restart() ? "; it is being restarted, by its BMC or by you" : "");
  }

  private String ordered(UUID id, Request request, Consumer<Node> guard) {
    Node before =
        nodes
            .find(id)
            .orElseThrow(() -> new ApplianceException(ApplianceError.UNKNOWN_NODE, "" + id));
    guard.accept(before);
    require(before);
    Facts facts = before.facts();
    if (facts == null) {
      throw new ApplianceException(ApplianceError.NO_SUCH_DISKS, before.name() + " never reported");
    }
    DiskPlan plan = plan(id, facts, request);
    String lost = lost(facts, request.disks());
    if (!request.yes()) {
      throw new ApplianceException(
          ApplianceError.WOULD_ERASE,
          "%s, %s: %s".formatted(before.name(), before.state().label(), lost));
    }
    Aside rescued =
        before.state() == NodeState.RESCUE ? book.of(id).orElse(null) : null; // from before that
    book.keep(
        id,
        new Aside(
            rescued == null ? before.state() : rescued.state(),
            rescued == null ? before.stage() : rescued.stage(),
            rescued == null ? before.reason() : rescued.reason(),
            List.of(),
            plan.disks()));
    nodes.change(
        id,
        n -> {
          guard.accept(n);
          require(n);
          return n.withState(
              NodeState.WIPING, Admission.BOOT, "in the bootstrap these are cleared: " + lost);
        });
    return lost;
  }

  private static void require(Node node) {
    Admission.require(node, true);
    if (Admission.serves(node)) {
      throw new ApplianceException(
          ApplianceError.IN_CLUSTER,
          node.name()
              + " was installed as "
              + Admission.roles(node)
              + ": its disks are never wiped");
    }
  }

  private DiskPlan plan(UUID id, Facts facts, Request request) {
    DiskPlan plan;
    try {
      plan = DiskWipe.plan(id, facts, request.disks(), ids);
    } catch (LayoutException e) {
      throw new ApplianceException(
          ApplianceError.NO_SUCH_DISKS,
          e.error().id() + " " + e.error().summary() + " " + e.detail(),
          e);
    }
    List<String> unsure =
        plan.disks().stream()
            .filter(PlannedDisk::knownByPlaceAlone)
            .map(PlannedDisk::id)
            .sorted()
            .toList();
    if (!unsure.isEmpty() && !request.confirmed()) {
      throw new ApplianceException(ApplianceError.UNCONFIRMED, String.join(", ", unsure));
    }
    return plan;
  }

  /// The disks with what is on them.
  private static String lost(Facts facts, Set<String> ids) {
    return facts.disks().stream()
        .filter(disk -> ids.contains(disk.id()))
        .map(
            disk -> "%s (%s, %d MiB%s)".formatted(disk.name(), disk.id(), disk.sizeMib(), on(disk)))
        .collect(Collectors.joining(", "));
  }

  private static String on(Facts.Disk disk) {
    String parts =
        disk.contents().stream()
            .map(part ->
                part.partitionLabel() == null || part.partitionLabel().isEmpty()
                    ? part.name()
                    : part.partitionLabel())
            .collect(Collectors.joining(" "));
    return parts.isEmpty() ? "" : ": " + parts;
  }

  /// Takes an order back by which nothing was cleared yet.
  ///
  /// @param guard throws where the node is not what the caller has seen
  public String end(UUID id, Consumer<Node> guard) {
    Node node = nodes.find(id).orElse(null);
    if (node == null || node.state() != NodeState.WIPING) {
      throw new ApplianceException(ApplianceError.NOT_ASIDE, node == null ? "" + id : node.name());
    }
    if (!back(id, guard, "")) {
      throw Admission.busy(node);
    }
    Node now = nodes.find(id).orElse(node);
    events.append(
        id,
        "wipe-taken-back",
        null,
        now.name() + " is " + now.state().label() + "; nothing was wiped");
    if (presence.isPresent(id) && Admission.startsItsDisk(now)) {
      Bootstrap at = plans.bootstrap(now);
      threads.execute(() -> leave(now, at));
    }
    return now.name() + " is " + now.state().label() + " again; nothing was wiped";
  }

  /// The node is what it was.
  ///
  /// @param why it is, empty where that was wished
  /// @return false where it has begun, or is over
  private boolean back(UUID id, Consumer<Node> guard, String why) {
    Aside aside = book.of(id).orElse(null);
    var went =
        nodes.change(
            id,
            n -> {
              guard.accept(n);
              if (aside == null || !Admission.waits(n, NodeState.WIPING)) {
                return n;
              }
              Node restored = aside.restored(n);
              return why.isEmpty()
                  ? restored
                  : restored.withState(restored.state(), restored.stage(), why);
            });
    restarts.over(id);
    return went instanceof NodeStore.Changed.Done(Node now) && now.state() != NodeState.WIPING;
  }

  /// True where the node's bootstrap is to report anew.
  public boolean wantsReport(Node node) {
    return node.state() == NodeState.WIPING && !busy.contains(node.id());
  }

  /// A node has reported from the bootstrap; what it is from now on stands in the store.
  public void reported(Node node) {
    if (node.state() != NodeState.WIPING) {
      return;
    }
    restarts.over(node.id());
    if (!REPORT.equals(node.stage())) {
      begin(node);
      return;
    }
    Facts facts = node.facts();
    NodeState state =
        facts != null && Inventory.carriesOurPartitions(facts)
            ? NodeState.ADOPTABLE
            : NodeState.DISCOVERED;
    nodes.change(
        node.id(),
        n ->
            n.state() == NodeState.WIPING && REPORT.equals(n.stage())
                ? n.withState(state, null, null)
                : n);
    book.forget(node.id());
    events.append(
        node.id(), "node-" + state.label(), null, node.name() + ": as it reports after its wipe");
  }

  private void begin(Node node) {
    if (!busy.add(node.id())) {
      return;
    }
    threads.execute(() -> {
      try {
        run(node.id());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the appliance ends; the machine reports again
      } catch (RuntimeException e) {
        logger.error("{} wiping {}", ApplianceError.INTERNAL.id(), node.name(), e);
      } finally {
        busy.remove(node.id());
      }
    });
  }

  private void run(UUID id) throws InterruptedException {
    Node node = nodes.find(id).orElse(null);
    Aside aside = book.of(id).orElse(null);
    if (node == null || aside == null || node.state() != NodeState.WIPING) {
      return;
    }
    String script =
        planner.script(new DiskPlan(id, 0, aside.disks(), List.of(), List.of(), Map.of()));
    Bootstrap at = plans.bootstrap(node);
    LineSink lines = line -> log.append(id, WIPE, line);
    if (Admission.waits(node, NodeState.WIPING) && !mayBegin(node, at, script, lines)) {
      return;
    }
    switch (bootstraps.wipe(at, script, lines)) {
      case Ended.Done() -> {
        nodes.change(
            id,
            n -> n.state() == NodeState.WIPING ? n.withState(n.state(), REPORT, n.reason()) : n);
        events.append(
            id,
            "disks-wiped",
            null,
            node.name()
                + ": "
                + aside.disks().stream().map(PlannedDisk::id).collect(Collectors.joining(", ")));
      }
      case Ended.Refused(String error, String reason) -> failed(node, error, reason);
      case Ended.Failed(String error, String reason) -> failed(node, error, reason);
      case Ended.Away(var error, String reason) ->
          lines.line(error.id() + " " + reason + "; again when it reports");
    }
  }

  /// Looks whether it may be, and says durably that it has begun.
  private boolean mayBegin(Node node, Bootstrap at, String script, LineSink lines)
      throws InterruptedException {
    switch (bootstraps.check(at, script, lines)) {
      case Ended.Done() -> {
        Assigner.keepAttempt(settings, node);
        var begun =
            nodes.change(
                node.id(),
                n ->
                    Admission.waits(n, NodeState.WIPING)
                        ? n.withAssignment(null).withState(NodeState.WIPING, WIPE, n.reason())
                        : n);
        return begun instanceof NodeStore.Changed.Done(Node now)
            && now.state() == NodeState.WIPING
            && WIPE.equals(now.stage());
      }
      case Ended.Refused(String error, String reason) -> refused(node, at, error, reason);
      case Ended.Failed(String error, String reason) -> refused(node, at, error, reason);
      case Ended.Away(var error, String reason) ->
          lines.line(error.id() + " " + reason + "; again when it reports");
    }
    return false;
  }

  /// Nothing was changed on any disk.
  private void refused(Node node, Bootstrap at, String error, String reason) {
    back(node.id(), n -> {}, "not wiped: " + error + " " + reason);
    Node now = nodes.find(node.id()).orElse(node);
    events.append(
        node.id(),
        "wipe-refused",
        error,
        "%s: %s; nothing was wiped, it is %s".formatted(now.name(), reason, now.state().label()));
    if (Admission.startsItsDisk(now)) {
      leave(now, at);
    }
  }

  /// The machine is in the bootstrap and belongs on its own disk.
  private void leave(Node node, Bootstrap at) {
    try {
      bootstraps.restart(at, line -> log.append(node.id(), WIPE, line));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the appliance ends
    }
  }

  private void failed(Node node, String error, String reason) {
    nodes.change(
        node.id(),
        n ->
            n.state() == NodeState.WIPING
                ? n.withState(NodeState.ERROR, WIPE, error + " " + reason)
                : n);
    events.append(node.id(), "wipe-failed", error, node.name() + ": " + reason);
  }
}
