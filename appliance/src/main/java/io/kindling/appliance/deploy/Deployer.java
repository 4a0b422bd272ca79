package io.kindling.appliance.deploy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.account.AccountError;
import io.kindling.appliance.account.Protection;
import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.power.Restarts;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.NodeStore.Changed;
import io.kindling.inventory.Role;
import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.InstallError;
import io.kindling.postinstall.InstallPlan;
import io.kindling.postinstall.InstallResult;
import io.kindling.postinstall.Progress;
import io.kindling.postinstall.TaskResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Installs assigned nodes, several at a time, and goes on after failures, restarts and kills: what
/// a node is doing stands in the store before it is done. Thread-safe.
public final class Deployer implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(Deployer.class);

  /// What this version does for a role; the others are accepted, laid out and told apart.
  private static final Set<Role> DONE_BY_INSTALLING = Set.of(Role.BASE);

  private final NodeStore nodes;
  private final EventStore events;
  private final ClusterBook clusters;
  private final Assigner assigner;
  private final InstallPlans plans;
  private final NodeInstaller installer;
  private final Phases phases;
  private final LeftOut leftOut;
  private final Restarts restarts;
  private final ExecutorService threads;
  private final Semaphore places;
  private final Map<UUID, Running> running = new ConcurrentHashMap<>();

  /// Held while an order or an installation's end looks at a node's state and changes it.
  private final ReentrantLock deciding = new ReentrantLock();

  private volatile boolean closing;

  /// Stopped on request: nothing begins by itself until the next order.
  private volatile boolean paused;

  private static final class Running {
    final Cancellation cancellation = new Cancellation();
    volatile @Nullable Progress progress;
    volatile @Nullable Future<?> future;
  }

  /// What an operator asks for.
  ///
  /// @param resume go on with nodes in error
  /// @param reinstall names of nodes to install anew, whatever is on them
  /// @param only names; empty means all nodes
  /// @param confirmed names of nodes that are protected, or of which disks may be wiped that are
  ///   known by place alone
  /// @param administrator whether an administrator asks
  /// @param skip names of nodes that stopped in a phase and without which the phases are to go on
  public record Request(
      boolean resume,
      Set<String> reinstall,
      Set<String> only,
      Set<String> confirmed,
      boolean administrator,
      Set<String> skip) {
    public Request {
      reinstall = Set.copyOf(reinstall);
      only = Set.copyOf(only);
      confirmed = Set.copyOf(confirmed);
      skip = Set.copyOf(skip);
    }

    public Request(boolean resume, Set<String> reinstall, Set<String> only) {
      this(resume, reinstall, only, Set.of());
    }

    public Request(boolean resume, Set<String> reinstall, Set<String> only, Set<String> confirmed) {
      this(resume, reinstall, only, confirmed, false, Set.of());
    }

    private Set<String> named() {
      return union(union(reinstall, only), union(confirmed, skip));
    }

    private boolean means(String node) {
      return only.isEmpty()
          || only.contains(node)
          || reinstall.contains(node)
          || skip.contains(node);
    }
  }

  /// @param outcome `started`, `running`, `done`, `refused`, `waiting`, `stopping`
  public record Line(String node, String outcome, String detail) {}

  /// @param parallel installations at the same time, at most
  public Deployer(
      NodeStore nodes,
      EventStore events,
      ClusterBook clusters,
      Assigner assigner,
      InstallPlans plans,
      NodeInstaller installer,
      Phases phases,
      Restarts restarts,
      ExecutorService threads,
      int parallel) {
    this.nodes = nodes;
    this.events = events;
    this.clusters = clusters;
    this.assigner = assigner;
    this.plans = plans;
    this.installer = installer;
    this.phases = phases;
    this.leftOut = new LeftOut(nodes, events, phases);
    this.restarts = restarts;
    this.threads = threads;
    this.places = new Semaphore(parallel);
  }

  /// Goes on with nodes whose installation ran when the appliance ended.
  public void resumeAfterStart() {
    for (Node node : nodes.all()) {
      if (node.state() == NodeState.PROVISIONING && !assigner.postponed(node.id())) {
        events.append(
            node.id(), "install-resumed", null, node.name() + ": going on after a restart");
        start(node);
      }
    }
    if (nodes.all().stream().anyMatch(node -> node.state() == NodeState.DEPLOYING)) {
      phases.begin();
    }
  }

  /// Carries something out while no order looks at a node's state.
  public <T> T alone(Supplier<T> work) {
    deciding.lock();
    try {
      return work.get();
    } finally {
      deciding.unlock();
    }
  }

  /// Starts what can be started; returns at once.
  public List<Line> deploy(Request request) {
    Cluster cluster = clusters.require();
    for (String name : request.named()) {
      if (nodes.findByName(name).isEmpty()) {
        throw new ApplianceException(ApplianceError.UNKNOWN_NODE, name);
      }
    }
    List<Line> needed = alone(() -> leftOut.skip(request.skip()));
    if (!needed.isEmpty()) {
      return needed;
    }
    paused = false;
    List<Line> lines = new ArrayList<>();
    Map<String, Line> stuck = new HashMap<>();
    for (Assigner.Line line : assigner.apply(cluster, false)) {
      switch (line.outcome()) {
        case "waiting" -> lines.add(new Line(line.node(), "waiting", line.detail()));
        case "impossible" ->
            stuck.put(line.node(), new Line(line.node(), "waiting", line.detail()));
        case "refused" -> stuck.put(line.node(), new Line(line.node(), "refused", line.detail()));
        default -> {} // nothing stands in the way of an order
      }
    }
    for (Node node : nodes.all()) {
      if (!request.means(node.name())) {
        continue;
      }
      deciding.lock();
      try {
        Line line = decide(cluster, nodes.find(node.id()).orElse(node), request, stuck);
        if (line != null) {
          lines.add(line);
        }
      } finally {
        deciding.unlock();
      }
    }
    return withPhases(lines, request);
  }

  /// Phases are for the whole cluster: an order for some nodes alone does not begin them.
  private List<Line> withPhases(List<Line> lines, Request request) {
    if (!request.only().isEmpty()) {
      return lines;
    }
    Map<String, Line> begun = new HashMap<>();
    for (Line line : phases.begin()) {
      begun.put(line.node(), line);
    }
    return lines.stream()
        .map(line -> line.outcome().equals("done") ? begun.getOrDefault(line.node(), line) : line)
        .toList();
  }

  private @Nullable Line decide(
      Cluster cluster, Node node, Request request, Map<String, Line> stuck) {
    boolean wipes = request.reinstall().contains(node.name()) || node.state() == NodeState.ASSIGNED;
    boolean confirmed = request.confirmed().contains(node.name());
    Optional<String> spared = Protection.refusal(node, request.administrator(), confirmed);
    if (wipes && spared.isPresent()) {
      return new Line(
          node.name(), "refused", AccountError.PROTECTED.id() + " " + spared.orElseThrow());
    }
    if (wipes && !confirmed) {
      List<String> disks = assigner.knownByPlaceAlone(cluster, node);
      if (!disks.isEmpty()) {
        return new Line(node.name(), "refused", Assigner.unconfirmed(disks));
      }
    }
    if (request.reinstall().contains(node.name())) {
      return reinstall(cluster, node, confirmed);
    }
    Line held = stuck.get(node.name());
    if (held != null && !running.containsKey(node.id())) {
      return held; // what is frozen is not what the file asks for: neither is installed unasked
    }
    if (Phases.leftOut(node)) {
      return request.resume() && request.only().contains(node.name())
          ? leftOut.takenIn(node)
          : new Line(node.name(), "waiting", "left out; `deploy --resume NODE` takes it in again");
    }
    return node.assignment() == null ? null : order(node, request.resume());
  }

  private Line order(Node node, boolean resume) {
    return switch (node.state()) {
      case ASSIGNED -> started(node, "installation ordered");
      case PROVISIONING ->
          running.containsKey(node.id())
              ? new Line(node.name(), "running", "already being installed")
              : assigner.postponed(node.id()) ? waits(node) : started(node, "going on");
      case ERROR ->
          phases.stopped(node)
              ? new Line(node.name(), "done", "installed")
              : resume
                  ? resumed(node)
                  : new Line(
                      node.name(),
                      "refused",
                      ApplianceError.NEEDS_RESUME.id()
                          + " it is in error: "
                          + ApplianceError.NEEDS_RESUME.cure());
      case PROVISIONED, DEPLOYING, READY ->
          new Line(node.name(), "done", node.state().label() + beyond(node));
      case DISCOVERED, WIPING, RESCUE, QUARANTINED, ADOPTABLE, REMOVED ->
          new Line(node.name(), "refused", "the node is " + node.state().label());
    };
  }

  private Line resumed(Node node) {
    if (!assigner.postponed(node.id())) {
      return started(node, "going on where it stopped");
    }
    nodes.change(node.id(), n -> n.withState(NodeState.PROVISIONING, "report", null));
    return waits(node);
  }

  private Line reinstall(Cluster cluster, Node node, boolean confirmed) {
    if (running.containsKey(node.id()) || node.state() == NodeState.DEPLOYING) {
      return new Line(
          node.name(), "refused", ApplianceError.BUSY.id() + " " + ApplianceError.BUSY.summary());
    }
    if (node.machineId() != null) {
      return new Line(
          node.name(),
          "refused",
          ApplianceError.EXISTING.id() + " it joined with its own system, which is never wiped");
    }
    plans.requireSource(cluster); // before the new attempt: it takes the node off its own disk
    switch (node.state()) {
      case WIPING, RESCUE, QUARANTINED, REMOVED -> {
        return new Line(node.name(), "refused", "the node is " + node.state().label());
      }
      case DISCOVERED, ASSIGNED, PROVISIONING, PROVISIONED, DEPLOYING, READY, ERROR, ADOPTABLE -> {
        try {
          if (Assigner.needsReport(cluster, node)) {
            return waits(assigner.postpone(cluster, node, confirmed));
          }
          Node fresh = assigner.reassign(cluster, node);
          return started(
              fresh,
              "new attempt "
                  + attempt(fresh)
                  + "; boot it from the network if it is not in the bootstrap");
        } catch (ApplianceException e) {
          return new Line(node.name(), "refused", e.error().id() + " " + e.detail());
        }
      }
    }
    throw new IllegalStateException("no case for " + node.state());
  }

  /// Stops what runs as soon as may be; what is done stays done, and an order with `resume` goes
  /// on.
  ///
  /// @return a line for each node on which something stops
  public List<Line> pause() {
    paused = true;
    var lines = new ArrayList<Line>();
    for (Node node : nodes.all()) {
      Running run = running.get(node.id());
      if (run != null) {
        lines.add(new Line(node.name(), "stopping", "its installation"));
        run.cancellation.cancel();
      } else if (node.state() == NodeState.PROVISIONING && assigner.postponed(node.id())) {
        lines.add(new Line(node.name(), "stopping", "waiting for its report"));
        stoppedOnRequest(node, "report");
      }
    }
    lines.addAll(phases.pause());
    return lines;
  }

  private void stoppedOnRequest(Node node, String stage) {
    TaskResult.Failed stopped = TaskResult.failed(InstallError.CANCELLED, "");
    fail(node.id(), stage, stopped.error(), stopped.reason());
  }

  private Line waits(Node node) {
    restarts.begin(node);
    return new Line(
        node.name(),
        "started",
        "attempt %d keeps volumes: laid out by what it reports from the bootstrap, booted anew"
            .formatted(attempt(node)));
  }

  /// A machine has reported: one that waits to be laid out goes on.
  public void reported(UUID id) {
    deciding.lock();
    try {
      Node node = nodes.find(id).orElse(null);
      if (node == null || node.state() != NodeState.PROVISIONING || !assigner.postponed(id)) {
        return;
      }
      Assigner.Line line = assigner.layOut(clusters.require(), node);
      if (line.failed()) {
        String[] words = line.detail().split(" ", 2);
        fail(id, "plan", words[0], words.length > 1 ? words[1] : "");
      } else {
        started(nodes.find(id).orElseThrow(), "laid out");
      }
    } finally {
      deciding.unlock();
    }
  }

  private Line started(Node node, String detail) {
    plans.requireSource(clusters.require());
    start(node);
    return new Line(node.name(), "started", detail + ", attempt " + attempt(node));
  }

  private void start(Node node) {
    var run = new Running();
    if (closing || running.putIfAbsent(node.id(), run) != null) {
      return;
    }
    Changed changed =
        nodes.change(
            node.id(),
            n ->
                n.withState(
                    NodeState.PROVISIONING, n.stage() == null ? "waiting" : n.stage(), null));
    if (changed instanceof Changed.Unknown) {
      running.remove(node.id());
      return;
    }
    run.future = threads.submit(() -> install(node.id(), run));
  }

  private void install(UUID id, Running run) {
    Runnable end = () -> {};
    try {
      places.acquire();
      try {
        Node node = nodes.find(id).orElseThrow();
        if (run.cancellation.requested()) {
          end = () -> stoppedOnRequest(node, "waiting");
        } else {
          InstallPlan plan = plans.of(clusters.require(), node);
          events.append(
              id,
              "install-started",
              null,
              node.name() + ": installation, attempt " + plan.attempt());
          InstallResult result =
              installer.install(plan, progress -> progress(run, progress), run.cancellation);
          end = () -> finish(node, result);
        }
      } finally {
        places.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // shutting down: the state says provisioning, and it is
    } catch (ApplianceException e) {
      end = () -> fail(id, "plan", e.error().id(), e.detail());
    } catch (RuntimeException e) {
      logger.error("{} installing {}", ApplianceError.INTERNAL.id(), id, e);
      end = () -> fail(id, "plan", ApplianceError.INTERNAL.id(), String.valueOf(e.getMessage()));
    }
    // An order that sees the end of this installation must also see its place free.
    deciding.lock();
    try {
      end.run();
    } catch (RuntimeException e) {
      logger.error("{} noting the end of installing {}", ApplianceError.INTERNAL.id(), id, e);
    } finally {
      running.remove(id);
      deciding.unlock();
    }
    if (!closing && !paused) {
      phases.begin(); // this may have been the last node they waited for
    }
  }

  private void progress(Running run, Progress progress) {
    Progress before = run.progress;
    run.progress = progress;
    if (before == null || !before.task().equals(progress.task())) {
      nodes.change(
          progress.node(), n -> n.withState(NodeState.PROVISIONING, progress.task(), null));
      events.append(
          progress.node(),
          "task-started",
          null,
          "%s (%d of %d)".formatted(progress.task(), progress.number(), progress.of()));
    }
  }

  private void finish(Node node, InstallResult result) {
    switch (result) {
      case InstallResult.Installed installed -> {
        nodes.change(
            node.id(),
            n -> {
              Assignment a = n.assignment();
              Node kept =
                  a == null || (a.onDisk() && installed.hostKey().equals(a.hostKey()))
                      ? n
                      : n.withAssignment(a.installed(installed.hostKey()));
              return kept.withState(NodeState.PROVISIONED, null, null);
            });
        events.append(
            node.id(),
            "node-provisioned",
            null,
            node.name() + " runs from its own disk" + beyond(node));
      }
      case InstallResult.Failed(String task, String error, String reason) ->
          fail(node.id(), task, error, reason);
    }
  }

  private void fail(UUID id, String task, String error, String reason) {
    if (closing) {
      return; // whatever failed, failed because the appliance ends; it goes on after the start
    }
    nodes.change(id, n -> n.withState(NodeState.ERROR, task, error + " " + reason));
    events.append(id, "install-failed", error, task + ": " + reason);
  }

  /// What this version does not do for the node's roles, to be told plainly.
  private String beyond(Node node) {
    Assignment assignment = node.assignment();
    if (assignment == null || phases.follow(node)) {
      return "";
    }
    String later =
        assignment.roles().stream()
            .filter(r -> !DONE_BY_INSTALLING.contains(r))
            .map(Role::label)
            .sorted()
            .collect(Collectors.joining(", "));
    if (later.isEmpty()) {
      return "";
    }
    return clusters.applied().flatMap(a -> a.cluster().kickstartRelease()).isPresent()
        ? "; " + Assigner.debians(later)
        : "; this version installs the system and its partitions, not yet the services of " + later;
  }

  private static int attempt(Node node) {
    Assignment assignment = node.assignment();
    return assignment == null ? 0 : assignment.attempt();
  }

  private static Set<String> union(Set<String> a, Set<String> b) {
    var all = new TreeSet<>(a);
    all.addAll(b);
    return all;
  }

  /// Of these nodes, those that are not done before the phases behind the installation are.
  public List<String> followed(List<Line> lines) {
    return lines.stream()
        .map(Line::node)
        .filter(name -> nodes.findByName(name).filter(phases::follow).isPresent())
        .toList();
  }

  /// How far the node's installation is, while it runs.
  public Optional<Progress> progress(UUID node) {
    Running run = running.get(node);
    return run == null ? Optional.empty() : Optional.ofNullable(run.progress);
  }

  /// How many installations run or wait for a place.
  public int running() {
    return running.size();
  }

  /// Stops all installations where they are; they go on after the next start.
  @Override
  public void close() {
    closing = true;
    for (Running run : running.values()) {
      Future<?> future = run.future;
      if (future != null) {
        future.cancel(true);
      }
    }
  }
}
