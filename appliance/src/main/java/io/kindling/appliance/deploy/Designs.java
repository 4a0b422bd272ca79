package io.kindling.appliance.deploy;

import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.cluster.Cluster.NodeRule;
import io.kindling.appliance.cluster.RuleIndex;
import io.kindling.appliance.deploy.Planner.Planned;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.RoleVolumes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What the cluster file comes to, for whoever designs it: who has which roles, what each disk is
/// for, and what is missing. Changes nothing. Thread-safe.
public final class Designs {
  private final NodeStore nodes;
  private final ClusterBook clusters;
  private final Planner planner;

  /// A layout is computed anew only where its node or its rule has changed.
  private final Map<UUID, Kept> kept = new ConcurrentHashMap<>();

  /// The whole is put together anew only where one of them, or the file, has changed.
  private volatile @Nullable Last last;

  private record Kept(long version, @Nullable NodeRule rule, NodeDesign design) {}

  private record Seen(UUID id, long version) {}

  private record Last(ClusterBook.@Nullable Applied applied, List<Seen> nodes, Design design) {}

  public Designs(NodeStore nodes, ClusterBook clusters, Planner planner) {
    this.nodes = nodes;
    this.clusters = clusters;
    this.planner = planner;
  }

  /// @param applied whether there is a cluster file
  /// @param waiting rules that no machine answers to
  public record Design(
      boolean applied,
      String name,
      String release,
      Cluster.@Nullable Storage storage,
      List<NodeDesign> nodes,
      List<String> waiting,
      List<DesignNotes.Note> notes) {
    /// The same with these nodes alone.
    public Design showing(List<NodeDesign> some) {
      return new Design(applied, name, release, storage, some, waiting, notes);
    }
  }

  /// @param editable whether its roles and disks can be changed without installing it anew
  /// @param rule which entry of the file decides about it; empty where none does
  /// @param error why it cannot have the layout, empty where it can
  /// @param volumes what its roles bring along
  /// @param disks in drive order
  /// @param alike other machines with the same disks and roles that can be changed
  public record NodeDesign(
      UUID id,
      String name,
      String state,
      boolean editable,
      List<String> roles,
      String rule,
      String error,
      List<RoleVolumes.Kind> volumes,
      List<DiskDesign> disks,
      List<String> alike) {
    NodeDesign alike(List<String> names) {
      return new NodeDesign(id, name, state, editable, roles, rule, error, volumes, disks, names);
    }

    /// Disks on which something is lost.
    public long erased() {
      return disks.stream().filter(DiskDesign::erased).count();
    }

    /// How many OSDs it will have.
    int osds() {
      return (int)
          disks.stream()
              .flatMap(d -> d.volumes().stream())
              .filter(v -> v.volume().equals("ceph"))
              .count();
    }
  }

  /// @param erased whether something on it is lost
  /// @param lost what
  /// @param untouched it is never written to, because a rule says so
  /// @param keep what of it is kept
  /// @param spare journal slots left free
  /// @param serviceMib boot records, ESP, /boot
  /// @param serves names of the disks whose OSDs have their journals here
  /// @param journal name of the disk with this one's journal, empty where none
  public record DiskDesign(
      String id,
      String name,
      String model,
      String media,
      long sizeMib,
      boolean erased,
      List<String> lost,
      boolean untouched,
      List<String> keep,
      int spare,
      long serviceMib,
      List<VolumeDesign> volumes,
      List<String> serves,
      String journal) {}

  /// @param sizeMib as a rule says it, without LVM's and RAID's own
  public record VolumeDesign(String volume, long sizeMib, boolean mirror) {}

  /// All nodes with their roles; their disks too.
  public Design now() {
    ClusterBook.Applied applied = clusters.applied().orElse(null);
    List<Node> all = nodes.all().stream().filter(n -> n.state() != NodeState.REMOVED).toList();
    List<Seen> seen = all.stream().map(n -> new Seen(n.id(), n.version())).toList();
    Last before = last;
    if (before != null
        && Objects.equals(before.applied(), applied)
        && before.nodes().equals(seen)) {
      return before.design();
    }
    Design design = of(applied == null ? null : applied.cluster(), all);
    last = new Last(applied, seen, design);
    return design;
  }

  private Design of(@Nullable Cluster cluster, List<Node> all) {
    RuleIndex rules = cluster == null ? null : cluster.rules();
    List<NodeDesign> designs =
        all.parallelStream()
            .map(node -> design(rules == null ? null : rules.ruleFor(node).orElse(null), node))
            .sorted(Comparator.comparing(NodeDesign::name))
            .toList();
    List<String> waiting =
        rules == null
            ? List.of()
            : rules.without(all).stream().map(r -> r.name().orElse(r.match().text())).toList();
    return new Design(
        cluster != null,
        cluster == null ? "" : cluster.name(),
        cluster == null ? "" : cluster.release(),
        cluster == null ? null : cluster.storage(),
        designs,
        waiting,
        DesignNotes.of(cluster, designs));
  }

  /// Begins to compute what the next look at it needs; at thousands of nodes that takes seconds.
  public void prepare() {
    Thread.startVirtualThread(this::now);
  }

  /// One node, with the machines like it.
  public Optional<NodeDesign> of(Node node) {
    Design design = now();
    return design.nodes().stream()
        .filter(n -> n.id().equals(node.id()))
        .findFirst()
        .map(own -> own.alike(alike(own, design.nodes())));
  }

  private static List<String> alike(NodeDesign own, List<NodeDesign> all) {
    return all.stream()
        .filter(n -> !n.id().equals(own.id()) && n.editable() && n.roles().equals(own.roles()))
        .filter(n -> !own.disks().isEmpty() && kinds(n).equals(kinds(own)))
        .map(NodeDesign::name)
        .toList();
  }

  private static List<String> kinds(NodeDesign node) {
    return node.disks().stream().map(d -> d.media() + " " + d.sizeMib() + " " + d.model()).toList();
  }

  /// The entries of `disks:` that give `to` what `from` has, disk by disk in drive order.
  ///
  /// @return empty where the machines' disks are not alike
  public static Optional<List<Map<String, Object>>> copy(
      List<Map<String, Object>> rules, NodeDesign from, NodeDesign to) {
    if (!kinds(from).equals(kinds(to))) {
      return Optional.empty();
    }
    var ids = new java.util.HashMap<String, String>();
    for (int i = 0; i < from.disks().size(); i++) {
      ids.put(from.disks().get(i).id(), to.disks().get(i).id());
    }
    var copied = new ArrayList<Map<String, Object>>();
    for (Map<String, Object> rule : rules) {
      var copy = new java.util.LinkedHashMap<>(rule);
      Object id = rule.get("id");
      if (id != null) {
        String other = ids.get(id.toString());
        if (other == null) {
          return Optional.empty();
        }
        copy.put("id", other);
      }
      copied.add(copy);
    }
    return Optional.of(copied);
  }

  private NodeDesign design(@Nullable NodeRule rule, Node node) {
    Kept before = kept.get(node.id());
    if (before != null
        && before.version() == node.version()
        && Objects.equals(before.rule(), rule)) {
      return before.design();
    }
    NodeDesign made = made(rule, node);
    kept.put(node.id(), new Kept(node.version(), rule, made));
    return made;
  }

  private NodeDesign made(@Nullable NodeRule rule, Node node) {
    boolean blank = node.state() == NodeState.DISCOVERED || node.state() == NodeState.ASSIGNED;
    Assignment assignment = node.assignment();
    Facts facts = node.facts();
    Set<Role> roles =
        rule != null && blank
            ? rule.roles()
            : assignment == null || blank && rule == null ? Set.of() : assignment.roles();
    String error = "";
    List<DiskDesign> disks = List.of();
    if (facts != null && node.machineId() == null) {
      Planned planned =
          blank && rule != null
              ? planner.plan(
                  node.id(),
                  assignment == null ? 1 : assignment.attempt(),
                  facts,
                  rule.roles(),
                  rule.disks())
              : blank || assignment == null
                  ? null
                  : planner.expand(node.id(), assignment.attempt(), facts, assignment.ksSpaces());
      switch (planned) {
        case null -> disks = DiskDesigns.unplanned(facts);
        case Planned.Laid laid -> disks = DiskDesigns.of(laid, facts, blank);
        case Planned.Impossible(String id, String reason) -> {
          error = id + " " + reason;
          disks = DiskDesigns.unplanned(facts);
        }
      }
    }
    String reason = node.reason();
    if (error.isEmpty() && blank && rule != null && reason != null) {
      error = reason;
    }
    return new NodeDesign(
        node.id(),
        node.name(),
        node.state().label(),
        blank || node.machineId() != null && node.state() == NodeState.PROVISIONED,
        roles.stream().sorted().map(Role::label).toList(),
        rule == null ? "" : rule.match().text(),
        error,
        RoleVolumes.of(roles),
        disks,
        List.of());
  }
}
