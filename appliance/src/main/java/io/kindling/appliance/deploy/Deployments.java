package io.kindling.appliance.deploy;

import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import io.kindling.postinstall.InstallError;
import io.kindling.postinstall.Outcome;
import io.kindling.postinstall.OutcomeStore;
import io.kindling.postinstall.Progress;
import io.kindling.postinstall.ceph.CephPlan;
import io.kindling.postinstall.engine.EngineError;
import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// How far the deployment is: the installation and the phases behind it, task by task and node by
/// node, from what is on stable storage. Thread-safe.
public final class Deployments {
  /// The phase that the installation is.
  static final String INSTALL = "install";

  /// What an installation's tasks do, for whoever sees them for the first time.
  private static final Map<String, String> TITLES =
      Map.of(
          "check-disks", "the planned disks are there, and are those",
          "wipe", "what is alive on them is stopped and cleared",
          "partition", "partitions, volume group, file systems",
          "image", "the system is streamed onto the disk",
          "boot-loader", "GRUB, and the firmware's boot entry",
          "configure", "name, network, time, keys",
          "reboot", "into its own disk",
          "verify", "the installed system answers, and is the one");

  /// How the reason of a node begins that was stopped on request.
  private static final List<String> STOPPED =
      List.of(InstallError.CANCELLED.id(), EngineError.CANCELLED.id());

  private final NodeStore nodes;
  private final OutcomeStore outcomes;
  private final Deployer deployer;
  private final Phases phases;
  private final PhaseRun run;
  private final Cures cures = new Cures();

  public Deployments(
      NodeStore nodes, OutcomeStore outcomes, Deployer deployer, Phases phases, PhaseRun run) {
    this.nodes = nodes;
    this.outcomes = outcomes;
    this.deployer = deployer;
    this.phases = phases;
    this.run = run;
  }

  /// The phases behind the installation, as they would be run and as they run. Thread-safe.
  public interface PhaseRun {
    /// In the order in which they are run; empty while nodes that they need are missing.
    List<Graph> graphs();

    boolean running();

    /// Of the run that is under way, or was last.
    Pace pace();
  }

  /// @param running whether something is being installed or built
  /// @param percent of all that is ordered
  /// @param remainingSeconds by what like steps took, of installing while anything is installed,
  ///   then of the phases; null where none was done yet
  public record Deployment(
      boolean running,
      int percent,
      @Nullable Long remainingSeconds,
      List<PhaseView> phases,
      List<NodeView> nodes) {}

  /// @param state `waiting`, `running`, `failed`, `done`
  /// @param text what it waits for; empty where nothing
  /// @param done tasks of this phase that are done
  public record PhaseView(
      String phase, String state, String text, int done, int of, List<TaskView> tasks) {}

  /// @param after tasks that must be done before
  public record TaskView(
      String task, String title, String state, List<String> after, List<HostView> hosts) {}

  /// @param detail why it failed; empty where it did not
  public record HostView(String node, String state, String detail) {}

  /// @param percent of its installation and its tasks
  /// @param reason why it stopped, empty where it did not
  /// @param cure what to do about it, where the reason does not say so itself
  /// @param phase whether it stopped in a phase, behind its installation
  /// @param paused whether it was stopped on request
  /// @param leftOut whether the phases go on without it
  public record NodeView(
      UUID id,
      String name,
      String state,
      int percent,
      String stage,
      String reason,
      String cure,
      boolean phase,
      boolean paused,
      boolean leftOut) {}

  public Deployment now() {
    List<Node> members =
        nodes.all().stream()
            .filter(n -> n.assignment() != null && n.state() != NodeState.REMOVED)
            .sorted(Comparator.comparing(Node::name))
            .toList();
    var records = new HashMap<UUID, List<Outcome>>();
    for (Node node : members) {
      Assignment assignment = node.assignment();
      if (assignment != null) {
        records.put(node.id(), outcomes.of(node.id(), assignment.attempt()));
      }
    }
    PhaseView install = install(members, records);
    List<PhaseView> behind = behind(members, records);
    var views = new ArrayList<PhaseView>(List.of(install));
    views.addAll(behind);
    List<NodeView> each = members.stream().map(n -> view(n, behind)).toList();
    return new Deployment(
        members.stream().anyMatch(n -> busy(n.state())),
        each.isEmpty() ? 0 : (int) each.stream().mapToInt(NodeView::percent).average().orElse(0),
        left(members, records),
        views,
        each);
  }

  private static boolean busy(NodeState state) {
    return state == NodeState.PROVISIONING || state == NodeState.DEPLOYING;
  }

  private boolean installed(Node node) {
    return switch (node.state()) {
      case PROVISIONED, DEPLOYING, READY -> true;
      case ERROR -> phases.stopped(node) || Phases.leftOut(node);
      case DISCOVERED, ASSIGNED, PROVISIONING, WIPING, RESCUE, QUARANTINED, ADOPTABLE, REMOVED ->
          false;
    };
  }

  private PhaseView install(List<Node> members, Map<UUID, List<Outcome>> records) {
    var tasks = new LinkedHashMap<String, List<HostView>>();
    records.values().stream()
        .map(list -> list.stream().filter(o -> !o.task().contains("/")).toList())
        .max(Comparator.comparingInt(List::size))
        .orElse(List.of())
        .forEach(o -> tasks.put(o.task(), new ArrayList<>()));
    for (Node node : members) {
      if (node.machineId() != null) {
        continue; // it came with its own system
      }
      var own = new HashMap<String, Outcome>();
      records.getOrDefault(node.id(), List.of()).forEach(o -> own.put(o.task(), o));
      tasks.forEach((task, hosts) -> hosts.add(host(node.name(), own.get(task))));
    }
    List<TaskView> views = new ArrayList<>();
    String before = "";
    for (Map.Entry<String, List<HostView>> task : tasks.entrySet()) {
      views.add(
          new TaskView(
              task.getKey(),
              TITLES.getOrDefault(task.getKey(), task.getKey()),
              state(task.getValue(), false),
              before.isEmpty() ? List.of() : List.of(before),
              task.getValue()));
      before = task.getKey();
    }
    int done = (int) members.stream().filter(this::installed).count();
    boolean failed =
        members.stream().anyMatch(n -> n.state() == NodeState.ERROR && !installed(n) && !paused(n));
    boolean runs = members.stream().anyMatch(n -> n.state() == NodeState.PROVISIONING);
    String state =
        runs
            ? "running"
            : failed ? "failed" : done == members.size() && done > 0 ? "done" : "waiting";
    return new PhaseView(INSTALL, state, "", done, members.size(), views);
  }

  /// Whether that reason is an operator's wish.
  private static boolean onRequest(String reason) {
    return STOPPED.stream().anyMatch(reason::startsWith);
  }

  private static boolean paused(Node node) {
    String reason = node.reason();
    return node.state() == NodeState.ERROR && reason != null && onRequest(reason);
  }

  private static HostView host(String name, @Nullable Outcome outcome) {
    return outcome == null
        ? new HostView(name, "waiting", "")
        : switch (outcome.status()) {
          case STARTED -> new HostView(name, "running", "");
          case DONE -> new HostView(name, "done", "");
          case FAILED ->
              onRequest(outcome.detail())
                  ? new HostView(name, "waiting", "")
                  : new HostView(name, "failed", outcome.detail());
        };
  }

  /// @param any whether one host is enough
  private static String state(List<HostView> hosts, boolean any) {
    if (any && hosts.stream().anyMatch(h -> h.state().equals("done"))) {
      return "done";
    }
    for (String state : List.of("running", "failed")) {
      if (hosts.stream().anyMatch(h -> h.state().equals(state))) {
        return state;
      }
    }
    return !hosts.isEmpty() && hosts.stream().allMatch(h -> h.state().equals("done"))
        ? "done"
        : "waiting";
  }

  /// The phases behind the installation.
  private List<PhaseView> behind(List<Node> members, Map<UUID, List<Outcome>> records) {
    List<Graph> graphs = run.graphs();
    if (graphs.isEmpty()) {
      return members.stream().anyMatch(phases::follow)
          ? List.of(
              new PhaseView(
                  CephPlan.PHASE, "waiting", "its nodes are installed first", 0, 0, List.of()))
          : List.of();
    }
    var byName = new HashMap<String, Map<String, Outcome>>();
    for (Node node : members) {
      var own = new HashMap<String, Outcome>();
      records.getOrDefault(node.id(), List.of()).forEach(o -> own.put(o.task(), o));
      byName.put(node.name(), own);
    }
    boolean runs = run.running();
    Set<String> begun = run.pace().begun();
    var views = new ArrayList<PhaseView>();
    boolean open = false; // whether one before is not done
    for (int i = 0; i < graphs.size(); i++) {
      Graph graph = graphs.get(i);
      List<TaskView> tasks = tasks(graph, byName, runs);
      int done = (int) tasks.stream().filter(t -> t.state().equals("done")).count();
      boolean failed = !runs && members.stream().anyMatch(n -> failedIn(n, graph));
      // A host that was set aside leaves its tasks undone; the phase is over all the same.
      boolean over =
          runs
              ? graphs.subList(i + 1, graphs.size()).stream().anyMatch(g -> isBegun(g, begun))
              : !failed && done == tasks.size();
      String undone = runs ? "running" : failed ? "failed" : "waiting";
      views.add(
          new PhaseView(
              graph.phase(),
              over ? "done" : open ? "waiting" : undone,
              "",
              done,
              tasks.size(),
              tasks));
      open |= !over;
    }
    return views;
  }

  private boolean failedIn(Node node, Graph graph) {
    String stage = node.stage();
    return phases.stopped(node)
        && !paused(node)
        && stage != null
        && stage.startsWith(graph.phase() + "/");
  }

  private static boolean isBegun(Graph graph, Set<String> begun) {
    return graph.tasks().stream().anyMatch(task -> begun.contains(label(graph, task)));
  }

  private static String label(Graph graph, GraphTask task) {
    return Pace.label(graph.phase(), task.name());
  }

  /// @param byName host's name → task's label → outcome
  private List<TaskView> tasks(
      Graph graph, Map<String, Map<String, Outcome>> byName, boolean runs) {
    var views = new ArrayList<TaskView>();
    for (GraphTask task : graph.tasks()) {
      String label = label(graph, task);
      boolean begun = !runs || run.pace().begun().contains(label);
      List<HostView> hosts =
          task.scope().hosts().stream()
              .map(h -> host(h, begun ? byName.getOrDefault(h, Map.of()).get(label) : null))
              .toList();
      boolean once = task.scope() instanceof Scope.Once;
      views.add(
          new TaskView(
              task.name(),
              task.title(),
              state(hosts, once),
              task.after().stream().sorted().toList(),
              once ? hosts.stream().filter(h -> !h.state().equals("waiting")).toList() : hosts));
    }
    return views;
  }

  private NodeView view(Node node, List<PhaseView> behind) {
    int install = installed(node) ? 100 : progress(node);
    int percent = install;
    if (phases.follow(node)) {
      int of = behind.stream().mapToInt(PhaseView::of).sum();
      int done = behind.stream().mapToInt(PhaseView::done).sum();
      int later =
          node.state() == NodeState.READY
              ? 100
              : of > 0 && busy(node.state()) ? done * 100 / of : 0;
      percent = (install + later) / 2;
    }
    String reason = node.reason() == null ? "" : node.reason();
    return new NodeView(
        node.id(),
        node.name(),
        node.state().label(),
        percent,
        node.stage() == null ? "" : node.stage(),
        reason,
        cures.of(reason),
        phases.stopped(node),
        paused(node),
        Phases.leftOut(node));
  }

  private int progress(Node node) {
    Progress progress = deployer.progress(node.id()).orElse(null);
    if (progress == null || progress.of() == 0) {
      return 0;
    }
    Integer part = progress.percent();
    return ((progress.number() - 1) * 100 + (part == null ? 0 : part)) / progress.of();
  }

  private @Nullable Long left(List<Node> members, Map<UUID, List<Outcome>> records) {
    Long installing = remaining(members, records);
    if (installing != null || !run.running()) {
      return installing;
    }
    OptionalLong phases = run.pace().left(run.graphs());
    return phases.isPresent() ? (Long) phases.getAsLong() : null;
  }

  /// What is left of the slowest installation, by the median of what its tasks took elsewhere.
  private @Nullable Long remaining(List<Node> members, Map<UUID, List<Outcome>> records) {
    var took = new LinkedHashMap<String, List<Long>>();
    for (List<Outcome> list : records.values()) {
      Instant before = null;
      for (Outcome outcome :
          list.stream()
              .filter(o -> !o.task().contains("/") && o.status() == Outcome.Status.DONE)
              .sorted(Comparator.comparing(Outcome::at))
              .toList()) {
        if (before != null) {
          took.computeIfAbsent(outcome.task(), t -> new ArrayList<>())
              .add(Duration.between(before, outcome.at()).toSeconds());
        }
        before = outcome.at();
      }
    }
    Long most = null;
    for (Node node : members) {
      if (node.state() != NodeState.PROVISIONING || took.isEmpty()) {
        continue;
      }
      List<String> done =
          records.getOrDefault(node.id(), List.of()).stream()
              .filter(o -> o.status() == Outcome.Status.DONE)
              .map(Outcome::task)
              .toList();
      long left =
          took.entrySet().stream()
              .filter(e -> !done.contains(e.getKey()))
              .mapToLong(e -> Pace.median(e.getValue()))
              .sum();
      most = most == null ? left : Math.max(most, left);
    }
    return most;
  }
}
