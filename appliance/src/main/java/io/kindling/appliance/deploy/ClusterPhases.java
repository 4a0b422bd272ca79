package io.kindling.appliance.deploy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.deploy.CephModels.Member;
import io.kindling.appliance.deploy.Deployer.Line;
import io.kindling.appliance.tls.ServiceCertificates;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.Role;
import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.ceph.CephPlan;
import io.kindling.postinstall.check.HostNotes;
import io.kindling.postinstall.engine.Engine;
import io.kindling.postinstall.engine.Engine.Mode;
import io.kindling.postinstall.engine.Finding;
import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.RunListener;
import io.kindling.postinstall.engine.RunReport;
import io.kindling.postinstall.openstack.Firewall;
import io.kindling.postinstall.openstack.FirewallPlan;
import io.kindling.postinstall.openstack.OpenStackModel;
import io.kindling.postinstall.openstack.OpenStackPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the phases over the installed nodes: the firewall's, Ceph's, OpenStack's. One run at a
/// time; an order while one runs joins it. Thread-safe.
public final class ClusterPhases implements Phases, Deployments.PhaseRun, AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(ClusterPhases.class);
  private static final Set<Role> CEPH =
      Set.of(Role.CEPH_MON, Role.CEPH_OSD, Role.CEPH_RGW, Role.CONTROLLER);

  private static final Set<Role> OPENSTACK = Set.of(Role.COMPUTE, Role.CINDER_LVM);

  private static final List<String> PHASES =
      List.of(FirewallPlan.PHASE, CephPlan.PHASE, OpenStackPlan.PHASE);

  private final NodeStore nodes;
  private final EventStore events;
  private final ClusterBook clusters;
  private final InstallPlans plans;
  private final NodeOsds osds;
  private final CephSecrets secrets;
  private final OpenStackSecrets openstack;
  private final ServiceCertificates certificates;
  private final ServiceCertificates peers;
  private final Engine engine;
  private final OneRun turn;
  private final Pace pace;
  private final ExecutorService threads;
  private @Nullable Future<?> running;
  private Cancellation stop = new Cancellation(); // of the last run
  private volatile boolean closing;

  public ClusterPhases(
      NodeStore nodes,
      EventStore events,
      ClusterBook clusters,
      InstallPlans plans,
      NodeOsds osds,
      CephSecrets secrets,
      OpenStackSecrets openstack,
      ServiceCertificates certificates,
      ServiceCertificates peers,
      Engine engine,
      OneRun turn,
      Pace pace,
      ExecutorService threads) {
    this.nodes = nodes;
    this.events = events;
    this.clusters = clusters;
    this.plans = plans;
    this.osds = osds;
    this.secrets = secrets;
    this.openstack = openstack;
    this.certificates = certificates;
    this.peers = peers;
    this.engine = engine;
    this.turn = turn;
    this.pace = pace;
    this.threads = threads;
  }

  @Override
  public boolean follow(Node node) {
    return members().stream().anyMatch(m -> m.id().equals(node.id()));
  }

  @Override
  public boolean serves(Node node) {
    return hasRole(node, guests());
  }

  @Override
  public boolean stopped(Node node) {
    String stage = node.stage();
    return node.state() == NodeState.ERROR
        && stage != null
        && PHASES.stream().anyMatch(stage::startsWith);
  }

  @Override
  public Optional<String> needs(Node node) {
    List<Member> without =
        members().stream().map(m -> m.id().equals(node.id()) ? m.spared() : m).toList();
    Optional<Modelled> modelled = modelled(without);
    String awaited =
        modelled.map(m -> awaited(without, m.model())).orElse("a monitor and a host with OSDs");
    return awaited.isEmpty()
        ? Optional.empty()
        : Optional.of(CephPlan.PHASE + " would wait for " + awaited);
  }

  @Override
  public List<Line> pause() {
    Cancellation request;
    synchronized (this) {
      if (!running()) {
        return List.of();
      }
      request = stop;
    }
    request.cancel();
    return lines(members(), "stopping", CephPlan.PHASE);
  }

  @Override
  public synchronized List<Line> begin() {
    Optional<Modelled> modelled = modelled();
    if (modelled.isEmpty() || closing) {
      return List.of();
    }
    CephModel model = modelled.get().model();
    List<Member> members = members();
    if (running()) {
      return lines(members, "running", CephPlan.PHASE + ": its phases run");
    }
    String awaited = awaited(members, model);
    if (!awaited.isEmpty()) {
      return lines(members, "waiting", CephPlan.PHASE + " waits for " + awaited);
    }
    if (!turn.take(CephPlan.PHASE)) {
      return lines(members, "running", turn.holder().orElse("something else") + " comes first");
    }
    model.nodes().stream()
        .flatMap(node -> nodes.find(node.host().node()).stream())
        .filter(node -> node.assignment() != null)
        .forEach(osds::freeze);
    model.nodes().forEach(node -> state(node, NodeState.DEPLOYING, CephPlan.PHASE, null));
    List<String> warnings = modelled.get().warnings();
    List<Graph> graphs = graphs(modelled.get());
    pace.begins();
    var request = new Cancellation();
    stop = request;
    running = threads.submit(() -> run(model, graphs, warnings, request));
    return lines(members, "started", names(graphs) + warned(warnings));
  }

  /// What a run would change, as text for people.
  ///
  /// @throws InterruptedException when the appliance ends meanwhile
  public String look() throws InterruptedException {
    Optional<Modelled> modelled = modelled();
    if (modelled.isEmpty()) {
      return "no phases: a Ceph cluster needs nodes with role ceph-osd, and one with ceph-mon or"
          + " controller\n";
    }
    CephModel model = modelled.get().model();
    var text = new StringBuilder();
    modelled.get().warnings().forEach(w -> text.append("warning: ").append(w).append('\n'));
    String awaited = awaited(members(), model);
    if (!awaited.isEmpty()) {
      return text.append(CephPlan.PHASE + " waits for ").append(awaited).append('\n').toString();
    }
    for (Graph graph : graphs(modelled.get())) {
      RunReport report =
          engine.run(
              graph,
              model.nodes().stream().map(CephModel.Node::host).toList(),
              Mode.LOOK,
              RunListener.SILENT,
              new Cancellation());
      text.append(PhaseText.of(report));
    }
    return text.toString();
  }

  /// What each host of the cluster says of itself, by its name; nothing where there is no cluster.
  ///
  /// @throws InterruptedException when the appliance ends meanwhile
  public Map<String, String> notes(HostNotes hosts) throws InterruptedException {
    var said = new TreeMap<String, String>();
    Optional<Modelled> modelled = modelled();
    if (modelled.isPresent()) {
      CephModel model = modelled.get().model();
      for (CephModel.Node node : model.nodes()) {
        said.put(node.name(), hosts.of(model, node));
      }
    }
    return said;
  }

  /// What stands while no phase runs.
  record Settled(CephModel ceph, Optional<OpenStackModel> openstack, Optional<Firewall> firewall) {}

  /// The cluster that is to be, while no phase runs.
  ///
  /// @throws ApplianceException where there is none, or its phases run just now
  synchronized Settled settled() {
    if (running()) {
      throw new ApplianceException(ApplianceError.BUSY, CephPlan.PHASE + ": its phases run");
    }
    return modelled()
        .map(modelled -> new Settled(modelled.model(), modelled.openstack(), modelled.firewall()))
        .orElseThrow(
            () -> new ApplianceException(ApplianceError.NO_CLUSTER, "no Ceph cluster to look at"));
  }

  /// In the order in which they are run; each needs those before it.
  private static List<Graph> graphs(Modelled modelled) {
    CephModel ceph = modelled.model();
    var graphs = new ArrayList<Graph>();
    modelled.firewall().map(f -> FirewallPlan.of(f, ceph.packages())).ifPresent(graphs::add);
    graphs.add(CephPlan.of(ceph));
    modelled.openstack().map(OpenStackPlan::of).ifPresent(graphs::add);
    return graphs;
  }

  private static String names(List<Graph> graphs) {
    return graphs.stream().map(Graph::phase).collect(Collectors.joining(", "));
  }

  private void run(
      CephModel model, List<Graph> graphs, List<String> warnings, Cancellation request) {
    try {
      events.append(null, "phase-started", null, names(graphs) + warned(warnings));
      var reports = new ArrayList<RunReport>();
      for (Graph graph : graphs) {
        RunReport report =
            engine.run(
                graph,
                model.nodes().stream().map(CephModel.Node::host).toList(),
                Mode.APPLY,
                new Progress(model),
                request);
        reports.add(report);
        if (!report.good()) {
          break;
        }
      }
      pace.ends();
      finish(model, names(graphs), reports);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // shutting down: the states say deploying, and it is
    } catch (RuntimeException e) {
      logger.error("{} in phase {}", ApplianceError.INTERNAL.id(), CephPlan.PHASE, e);
      String reason = ApplianceError.INTERNAL.id() + " " + e.getMessage();
      model.nodes().forEach(node -> state(node, NodeState.ERROR, CephPlan.PHASE, reason));
      events.append(null, "phase-failed", ApplianceError.INTERNAL.id(), String.valueOf(reason));
    } finally {
      turn.done();
    }
  }

  private void finish(CephModel model, String phases, List<RunReport> reports) {
    if (closing) {
      return; // it goes on after the next start
    }
    var troubles = new TreeMap<String, Trouble>();
    reports.forEach(report ->
        report
            .setAside()
            .forEach(
                (host, finding) -> troubles.putIfAbsent(host, Trouble.of(report, host, finding))));
    Optional<Trouble> stopped =
        reports.stream().flatMap(report -> Trouble.stopping(report).stream()).findFirst();
    for (CephModel.Node node : model.nodes()) {
      Trouble why = troubles.get(node.name());
      if (why == null) {
        why = stopped.orElse(null);
      }
      if (why == null) {
        state(node, NodeState.READY, null, null);
      } else {
        state(node, NodeState.ERROR, why.task(), why.finding().text());
      }
    }
    if (stopped.isPresent()) {
      Finding finding = stopped.get().finding();
      events.append(
          null, "phase-failed", finding.error(), stopped.get().task() + ": " + finding.text());
    } else {
      int changes = reports.stream().mapToInt(RunReport::changes).sum();
      events.append(
          null,
          "phase-done",
          null,
          "%s: %s%s"
              .formatted(
                  phases,
                  changes == 0 ? "nothing changed" : changes + " changes",
                  troubles.isEmpty()
                      ? ""
                      : ", set aside: " + String.join(", ", troubles.keySet())));
    }
  }

  /// Why a host, or a whole phase, did not come to a good end.
  ///
  /// @param task with its phase: `ceph/osds`
  private record Trouble(String task, Finding finding) {

    /// Why that host was set aside.
    static Trouble of(RunReport report, String host, Finding finding) {
      String task =
          report.tasks().stream()
              .filter(t ->
                  t.hosts().stream().anyMatch(h -> h.host().equals(host) && h.finding() == finding))
              .map(t -> report.phase() + "/" + t.task())
              .findFirst()
              .or(() -> stopping(report).map(Trouble::task))
              .orElse("");
      return new Trouble(task, finding);
    }

    /// Why the phase did not go on; empty where it did.
    static Optional<Trouble> stopping(RunReport report) {
      for (RunReport.TaskReport task : report.tasks()) {
        Finding finding = task.finding();
        if (finding != null) {
          return Optional.of(new Trouble(report.phase() + "/" + task.task(), finding));
        }
      }
      return Optional.empty();
    }
  }

  private void state(
      CephModel.Node node, NodeState state, @Nullable String stage, @Nullable String reason) {
    nodes.change(node.host().node(), n -> n.withState(state, stage, reason));
  }

  /// Which nodes must be installed first; empty where none.
  private static String awaited(List<Member> members, CephModel model) {
    List<String> monitors = CephModels.monitors(members);
    var missing =
        members.stream()
            .filter(m -> !m.installed())
            .filter(m -> m.busy() || monitors.contains(m.name()))
            .map(Member::name)
            .collect(Collectors.joining(", "));
    long hosts = model.with(CephModel.Part.OSD).size();
    boolean few =
        hosts == 0
            || (model.redundancy().domain() == io.kindling.postinstall.ceph.Redundancy.Domain.HOST
                && hosts < model.redundancy().size());
    return missing.isEmpty() && few ? "more hosts with OSDs" : missing;
  }

  /// The cluster as it is to be, of the nodes that are installed.
  public Optional<CephModel> model() {
    return modelled().map(Modelled::model);
  }

  /// OpenStack as it is to be on that cluster.
  public Optional<OpenStackModel> openstack() {
    return modelled().flatMap(Modelled::openstack);
  }

  @Override
  public List<Graph> graphs() {
    List<Member> members = members();
    return modelled(members)
        .filter(modelled -> awaited(members, modelled.model()).isEmpty())
        .map(ClusterPhases::graphs)
        .orElse(List.of());
  }

  @Override
  public synchronized boolean running() {
    Future<?> now = running;
    return now != null && !now.isDone();
  }

  @Override
  public Pace pace() {
    return pace;
  }

  private Optional<Modelled> modelled() {
    return modelled(members());
  }

  private Optional<Modelled> modelled(List<Member> members) {
    Cluster cluster = clusters.applied().map(ClusterBook.Applied::cluster).orElse(null);
    return cluster == null ? Optional.empty() : modelled(cluster, members);
  }

  private Optional<Modelled> modelled(Cluster cluster, List<Member> members) {
    return CephModels.of(cluster, members, secrets, plans.ntp(cluster), plans.packages())
        .map(ceph -> {
          var warnings = new ArrayList<>(ceph.warnings());
          var model =
              OpenStackModels.of(
                  cluster,
                  members,
                  ceph.model(),
                  secrets,
                  openstack,
                  certificates,
                  peers,
                  warnings);
          var firewall =
              model.map(services ->
                  FirewallModels.of(cluster, members, ceph.model(), services, plans.appliance()));
          return new Modelled(ceph.model(), model, firewall, warnings);
        });
  }

  /// What is to be, and what an operator should know about it.
  private record Modelled(
      CephModel model,
      Optional<OpenStackModel> openstack,
      Optional<Firewall> firewall,
      List<String> warnings) {}

  private boolean guests() {
    return clusters.applied().flatMap(applied -> applied.cluster().openstack()).isPresent();
  }

  private static boolean hasRole(Node node, boolean guests) {
    Assignment assignment = node.assignment();
    return assignment != null
        && node.state() != NodeState.REMOVED
        && assignment.roles().stream()
            .anyMatch(r -> CEPH.contains(r) || guests && OPENSTACK.contains(r));
  }

  private List<Member> members() {
    var members = new ArrayList<Member>();
    boolean guests = guests();
    for (Node node : nodes.all()) {
      Assignment assignment = node.assignment();
      if (assignment == null || !hasRole(node, guests)) {
        continue;
      }
      boolean installed = assignment.onDisk() && assignment.hostKey() != null && isUp(node);
      boolean busy = node.state() == NodeState.ASSIGNED || node.state() == NodeState.PROVISIONING;
      try {
        members.add(
            new Member(
                node.id(),
                node.name(),
                node.labels(),
                assignment,
                installed,
                busy,
                assignment.roles().contains(Role.CEPH_OSD) ? osds.of(node) : List.of()));
      } catch (ApplianceException e) {
        logger.warn("{} {}: {} is left out", e.error().id(), e.detail(), node.name());
      }
    }
    return members;
  }

  /// A node whose installation failed is not; one that failed in a phase is.
  private boolean isUp(Node node) {
    return switch (node.state()) {
      case PROVISIONED, DEPLOYING, READY -> true;
      case ERROR -> stopped(node);
      case DISCOVERED, ASSIGNED, PROVISIONING, WIPING, RESCUE, QUARANTINED, ADOPTABLE, REMOVED ->
          false;
    };
  }

  private static List<Line> lines(List<Member> members, String outcome, String detail) {
    Function<Member, Line> line = m -> new Line(m.name(), outcome, detail);
    return members.stream().map(line).toList();
  }

  private static String warned(List<String> warnings) {
    return warnings.isEmpty() ? "" : "; warning: " + String.join("; warning: ", warnings);
  }

  /// Shows in the nodes' stage and in the events how far it is.
  private final class Progress extends TaskEvents {
    private final CephModel model;

    Progress(CephModel model) {
      super(events);
      this.model = model;
    }

    @Override
    public void taskStarted(String phase, GraphTask task, int number, int of) {
      pace.begins(Pace.label(phase, task.name()));
      super.taskStarted(phase, task, number, of);
      for (CephModel.Node node : model.nodes()) {
        if (task.scope().hosts().contains(node.name())) {
          state(node, NodeState.DEPLOYING, phase + "/" + task.name(), null);
        }
      }
    }

    @Override
    public void taskEnded(String phase, RunReport.TaskReport task) {
      pace.ends(Pace.label(phase, task.task()), task);
    }

    @Override
    public void hostEnded(String phase, String task, RunReport.HostReport host) {
      Finding finding = host.finding();
      if (finding != null && !closing) {
        events.append(
            nodes.findByName(host.host()).map(Node::id).orElse(null),
            "task-failed",
            finding.error(),
            "%s/%s on %s: %s".formatted(phase, task, host.host(), finding.text()));
      }
    }
  }

  @Override
  public synchronized void close() {
    closing = true;
    Future<?> now = running;
    if (now != null) {
      now.cancel(true);
    }
  }
}
