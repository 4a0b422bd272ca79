package io.kindling.appliance.deploy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.cluster.Cluster.NodeRule;
import io.kindling.appliance.cluster.RuleIndex;
import io.kindling.appliance.deploy.Planner.Planned;
import io.kindling.appliance.http.Json;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.NodeStore.Changed;
import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Brings the nodes to what the cluster file says: freezes layout and addresses of those not
/// installed yet, refuses to change those that are. Thread-safe: one change at a time.
public final class Assigner {
  private static final String WAITING = "waiting";
  private static final String REPORTS_FROM = "reports-from";

  private final NodeStore nodes;
  private final EventStore events;
  private final Settings settings;
  private final Planner planner;

  public Assigner(NodeStore nodes, EventStore events, Settings settings, Planner planner) {
    this.nodes = nodes;
    this.events = events;
    this.settings = settings;
    this.planner = planner;
  }

  /// What became of one node, or of a rule without a machine.
  ///
  /// @param node the node's name; for a rule without machine what it matches
  /// @param outcome `assigned`, `would-assign`, `released`, `would-release`, `unchanged`,
  ///   `waiting`, `refused`, `impossible`
  /// @param detail in words, with the error's id where it is one
  public record Line(String node, String outcome, String detail) {
    public boolean failed() {
      return outcome.equals("refused") || outcome.equals("impossible");
    }
  }

  /// From now on nodes are laid out by what they report from `now` on: what is known of their disks
  /// is from the past.
  public static void onlyByReportsFromNow(Settings settings, Instant now) {
    settings.put(REPORTS_FROM, now.toString());
  }

  /// True where a node that may be laid out has not reported since then.
  public boolean needsReport(Node node) {
    return node.state() == NodeState.DISCOVERED
        && settings
            .get(REPORTS_FROM)
            .filter(from -> node.reported().isBefore(Instant.parse(from)))
            .isPresent();
  }

  /// Applies the cluster to all nodes.
  ///
  /// @param dry true to say only what would change
  public synchronized List<Line> apply(Cluster cluster, boolean dry) {
    List<Line> lines = new ArrayList<>();
    List<Node> all = nodes.all();
    RuleIndex rules = cluster.rules();
    TakenAddresses taken = TakenAddresses.of(all);
    for (Node node : all) {
      Optional<NodeRule> rule = rules.ruleFor(node);
      if (rule.isPresent()) {
        lines.add(apply(cluster, rule.get(), node, taken, dry));
      } else if (node.state() == NodeState.ASSIGNED) {
        lines.add(release(node, dry));
        taken.free(TakenAddresses.had(node));
      }
    }
    for (NodeRule rule : rules.without(all)) {
      lines.add(
          new Line(
              rule.name().orElse(rule.match().text()), WAITING, "no such machine has reported"));
    }
    return lines;
  }

  /// Applies the cluster to one node that has just reported.
  public synchronized void apply(Cluster cluster, UUID id) {
    nodes
        .find(id)
        .filter(n -> n.state() == NodeState.DISCOVERED || n.machineId() != null)
        .ifPresent(
            n -> cluster.ruleFor(n).ifPresent(rule -> apply(cluster, rule, n, taken(), false)));
  }

  private TakenAddresses taken() {
    return TakenAddresses.of(nodes.all());
  }

  private Line apply(Cluster cluster, NodeRule rule, Node node, TakenAddresses taken, boolean dry) {
    if (node.machineId() != null && node.state() == NodeState.PROVISIONED) {
      return take(cluster, rule, node, dry);
    }
    return switch (node.state()) {
      case DISCOVERED, ASSIGNED -> freeze(cluster, rule, node, 0, taken, dry);
      case PROVISIONING, PROVISIONED, DEPLOYING, READY, ERROR -> compare(cluster, rule, node);
      case WIPING, RESCUE, QUARANTINED, ADOPTABLE, REMOVED ->
          new Line(node.name(), "refused", "the node is " + node.state().label());
    };
  }

  /// A node that nothing was done to yet, and that the file does not speak of any more.
  private Line release(Node node, boolean dry) {
    String detail = "it has no rule any more";
    if (dry) {
      return new Line(node.name(), "would-release", detail);
    }
    nodes.change(
        node.id(),
        n ->
            n.state() == NodeState.ASSIGNED
                ? n.withAssignment(null).withState(NodeState.DISCOVERED, null, null)
                : n);
    events.append(
        node.id(), "node-released", null, node.name() + " is not of the cluster any more");
    return new Line(node.name(), "released", detail);
  }

  /// A new attempt for a node that has been installed before.
  ///
  /// @throws ApplianceException where the layout is impossible
  synchronized Node reassign(Cluster cluster, Node node) {
    NodeRule rule =
        cluster
            .ruleFor(node)
            .orElseThrow(() ->
                new ApplianceException(
                    ApplianceError.FROZEN, "the cluster file has no rule for " + node.name()));
    Assignment before = node.assignment();
    int attempt = before == null ? 1 : before.attempt() + 1;
    Line line = freeze(cluster, rule, node, attempt, taken(), false);
    if (line.failed()) {
      throw new ApplianceException(ApplianceError.LAYOUT_IMPOSSIBLE, line.detail());
    }
    return nodes.find(node.id()).orElseThrow();
  }

  /// Whether a new attempt must see the disks as they are now: volumes are kept, and what is known
  /// of the disks is from before the installation that made them.
  static boolean needsReport(Cluster cluster, Node node) {
    boolean installed = node.state() != NodeState.DISCOVERED && node.state() != NodeState.ASSIGNED;
    return installed
        && node.assignment() != null
        && cluster
            .ruleFor(node)
            .filter(r -> r.disks().stream().anyMatch(d -> !d.keepVolumes().isEmpty()))
            .isPresent();
  }

  /// A new attempt that is laid out by what the machine reports next.
  ///
  /// @param confirmed disks known by place alone may be wiped
  synchronized Node postpone(Cluster cluster, Node node, boolean confirmed) {
    NodeRule rule = cluster.ruleFor(node).orElseThrow();
    settings.put(postponedKey(node.id()), confirmed ? "confirmed" : "unconfirmed");
    settings.put(wishKey(node.id()), wish(cluster, rule));
    nodes.change(
        node.id(),
        n -> {
          Assignment a = Objects.requireNonNull(n.assignment());
          return n.withAssignment(
                  new Assignment(
                      a.attempt() + 1, a.roles(), a.addresses(), a.ksSpaces(), false, null, null))
              .withState(NodeState.PROVISIONING, "report", null);
        });
    events.append(
        node.id(), "node-assigned", null, node.name() + " is laid out by what it reports next");
    return nodes.find(node.id()).orElseThrow();
  }

  /// True while the node's attempt waits for a report.
  boolean postponed(UUID node) {
    return !settings.get(postponedKey(node)).orElse("").isEmpty();
  }

  /// Lays out a postponed attempt, by the report that has just come.
  synchronized Line layOut(Cluster cluster, Node node) {
    NodeRule rule = cluster.ruleFor(node).orElse(null);
    Assignment assignment = node.assignment();
    if (rule == null || assignment == null) {
      return new Line(node.name(), "refused", "the cluster file has no rule for it");
    }
    if (!settings.get(postponedKey(node.id())).orElse("").equals("confirmed")) {
      List<String> disks = knownByPlaceAlone(cluster, node);
      if (!disks.isEmpty()) {
        return new Line(node.name(), "impossible", unconfirmed(disks));
      }
    }
    Line line = freeze(cluster, rule, node, assignment.attempt(), taken(), false);
    if (!line.failed()) {
      settings.put(postponedKey(node.id()), "");
    }
    return line;
  }

  private static String postponedKey(UUID node) {
    return "postponed/" + node;
  }

  static String unconfirmed(List<String> disks) {
    return "%s %s: %s"
        .formatted(
            ApplianceError.UNCONFIRMED.id(),
            String.join(", ", disks),
            ApplianceError.UNCONFIRMED.cure());
  }

  /// Disks that would be wiped and have nothing but their place to be known by; none where the
  /// layout is impossible.
  List<String> knownByPlaceAlone(Cluster cluster, Node node) {
    Facts facts = node.facts();
    NodeRule rule = cluster.ruleFor(node).orElse(null);
    if (facts == null || rule == null || node.machineId() != null) {
      return List.of();
    }
    return switch (planner.plan(node.id(), 1, facts, rule.roles(), rule.disks())) {
      case Planned.Impossible _ -> List.of();
      case Planned.Laid(_, DiskPlan disks) ->
          disks.disks().stream()
              .filter(DiskPlan.PlannedDisk::knownByPlaceAlone)
              .map(DiskPlan.PlannedDisk::id)
              .toList();
    };
  }

  /// A machine with its own system gets roles; all else is as it is.
  private Line take(Cluster cluster, NodeRule rule, Node node, boolean dry) {
    try {
      Assignment made = ExistingNodes.assignment(cluster, rule, node);
      if (made.equals(node.assignment())) {
        return new Line(node.name(), "unchanged", describe(made));
      }
      ExistingNodes.mustBeAlone(node, made, nodes.all());
      if (dry) {
        return new Line(node.name(), "would-assign", describe(made));
      }
      nodes.change(node.id(), n -> n.withAssignment(made).withState(n.state(), null, null));
      settings.put(wishKey(node.id()), wish(cluster, rule));
      events.append(node.id(), "node-assigned", null, node.name() + " is " + describe(made));
      return new Line(node.name(), "assigned", describe(made));
    } catch (ApplianceException e) {
      String text = e.error().id() + " " + e.detail();
      if (!dry && !text.equals(node.reason())) {
        nodes.change(node.id(), n -> n.withState(n.state(), null, text));
        events.append(node.id(), "layout-impossible", e.error().id(), e.detail());
      }
      return new Line(node.name(), "impossible", text);
    }
  }

  private Line compare(Cluster cluster, NodeRule rule, Node node) {
    String frozen = settings.get(wishKey(node.id())).orElse("");
    String wanted = wish(cluster, rule);
    if (frozen.equals(wanted)) {
      return new Line(node.name(), "unchanged", node.state().label());
    }
    if (has(node, rule.roles()) && wasCompute(cluster, rule, frozen)) {
      settings.put(wishKey(node.id()), wanted);
      return new Line(node.name(), "unchanged", "the file knows now that it is no compute");
    }
    return new Line(
        node.name(),
        "refused",
        ApplianceError.FROZEN.id()
            + " it is "
            + node.state().label()
            + " and the file now wants another release, other roles, disks, interfaces or another"
            + " name: "
            + ApplianceError.FROZEN.cure());
  }

  /// @param attempt 0 to keep the node's attempt where it has one
  /// @param taken by all nodes; what comes of this one is in it afterwards
  private Line freeze(
      Cluster cluster, NodeRule rule, Node node, int attempt, TakenAddresses taken, boolean dry) {
    taken.free(TakenAddresses.had(node));
    Line line = frozen(cluster, rule, node, attempt, taken, dry);
    if (line.failed() || line.outcome().equals(WAITING)) {
      taken.give(TakenAddresses.had(node));
    }
    return line;
  }

  /// As [#freeze]; `taken` has this node's addresses afterwards only where it got some.
  private Line frozen(
      Cluster cluster, NodeRule rule, Node node, int attempt, TakenAddresses taken, boolean dry) {
    try {
      Facts facts = node.facts();
      if (facts == null) {
        return new Line(node.name(), WAITING, "the machine has not reported yet");
      }
      if (needsReport(node)) {
        return new Line(
            node.name(), WAITING, "the machine has not reported since this appliance was restored");
      }
      Assignment before = node.assignment();
      int number = attempt > 0 ? attempt : before == null ? next(node) : before.attempt();
      Map<String, String> addresses =
          NodeNetwork.addresses(cluster, rule, TakenAddresses.had(node), taken);
      NodeNetwork.devices(cluster, rule, node, facts, addresses, Optional.empty());
      String name = rule.name().orElse(node.name());
      Optional<Node> holder = nodes.findByName(name);
      if (holder.isPresent() && !holder.get().id().equals(node.id())) {
        return impossible(
            node, ApplianceError.NAME_TAKEN.id(), "the name " + name + " is another node's", dry);
      }
      String wish = wish(cluster, rule);
      if (attempt == 0
          && before != null
          && node.state() == NodeState.ASSIGNED
          && settings.get(wishKey(node.id())).orElse("").equals(wish)
          && before.addresses().equals(addresses)) {
        taken.give(addresses);
        return new Line(node.name(), "unchanged", describe(cluster, before));
      }
      return switch (planner.plan(node.id(), number, facts, rule.roles(), rule.disks())) {
        case Planned.Impossible(String error, String reason) ->
            impossible(node, error, reason, dry);
        case Planned.Laid(String ksSpaces, DiskPlan disks) -> {
          Assignment made =
              new Assignment(
                  number,
                  rule.roles(),
                  addresses,
                  ksSpaces,
                  false,
                  null,
                  disks.espSerial().orElse(null));
          if (dry) {
            taken.give(addresses);
            yield new Line(name, "would-assign", describe(cluster, made));
          }
          Changed changed =
              nodes.change(
                  node.id(),
                  n ->
                      n.withName(name)
                          .withAssignment(made)
                          .withState(NodeState.ASSIGNED, null, null));
          if (changed instanceof Changed.Unknown) {
            yield new Line(node.name(), "refused", "the node has just been removed");
          }
          // After the change: a crash between the two freezes anew, never keeps an old layout.
          settings.put(wishKey(node.id()), wish);
          events.append(node.id(), "node-assigned", null, name + " is " + describe(made));
          taken.give(addresses);
          yield new Line(name, "assigned", describe(cluster, made));
        }
      };
    } catch (ApplianceException e) {
      return impossible(node, e.error().id(), e.detail(), dry);
    }
  }

  /// A node that loses its assignment is installed by an attempt of another number: what was done
  /// in this one stays recorded as done.
  public static void keepAttempt(Settings settings, Node node) {
    Assignment assignment = node.assignment();
    if (assignment != null) {
      settings.put(attemptKey(node.id()), Integer.toString(assignment.attempt()));
    }
  }

  private int next(Node node) {
    return settings.get(attemptKey(node.id())).map(Integer::parseInt).orElse(0) + 1;
  }

  private static String attemptKey(UUID node) {
    return "attempt/" + node;
  }

  /// The node stays where it is, with the reason beside it; others are not held up.
  private Line impossible(Node node, String error, String reason, boolean dry) {
    String text = error + " " + reason;
    if (!dry && !text.equals(node.reason()) && node.state() == NodeState.DISCOVERED) {
      nodes.change(node.id(), n -> n.withState(n.state(), null, text));
      events.append(node.id(), "layout-impossible", error, node.name() + ": " + reason);
    }
    return new Line(node.name(), "impossible", text);
  }

  /// What the rule wants of this node, as text to compare: stays equal while nothing that matters
  /// has changed. Whether the rule wanted what it wants now, and a compute besides.
  private static boolean wasCompute(Cluster cluster, NodeRule rule, String frozen) {
    var roles = new HashSet<>(rule.roles());
    roles.add(Role.COMPUTE);
    boolean was = frozen.equals(wish(cluster, rule, roles));
    roles.remove(Role.BASE); // what is left to a node that has nothing else to do
    return was || frozen.equals(wish(cluster, rule, roles));
  }

  private static boolean has(Node node, Set<Role> roles) {
    Assignment assignment = node.assignment();
    return assignment != null && assignment.roles().equals(roles);
  }

  private static String wish(Cluster cluster, NodeRule rule) {
    return wish(cluster, rule, rule.roles());
  }

  private static String wish(Cluster cluster, NodeRule rule, Set<Role> roles) {
    String wish = wish(rule, roles);
    return cluster.kickstartRelease().map(r -> wish + " " + r.label()).orElse(wish);
  }

  private static String wish(NodeRule rule, Set<Role> roles) {
    return Json.text(
        new Wish(
            rule.name().orElse(null),
            roles.stream().map(Role::label).collect(Collectors.toCollection(TreeSet::new)),
            rule.disks().stream().map(Object::toString).toList(),
            rule.interfaces().stream().map(Object::toString).toList()));
  }

  private record Wish(
      @Nullable String name, Set<String> roles, List<String> disks, List<String> interfaces) {}

  private static String wishKey(UUID node) {
    return "wish/" + node;
  }

  private static String describe(Cluster cluster, Assignment a) {
    String later =
        a.roles().stream()
            .filter(r -> r != Role.BASE)
            .map(Role::label)
            .sorted()
            .collect(Collectors.joining(", "));
    return describe(a)
        + (cluster.kickstartRelease().isEmpty() || later.isEmpty() ? "" : "; " + debians(later));
  }

  /// What a node of the RHEL family does not get.
  static String debians(String roles) {
    return "its release gets the system and the partitions; the services of "
        + roles
        + " are Debian's (`release: debian-13`)";
  }

  private static String describe(Assignment a) {
    return "%s, attempt %d, %s"
        .formatted(
            a.roles().stream().map(Role::label).sorted().collect(Collectors.joining("+")),
            a.attempt(),
            a.addresses().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", ")));
  }
}
