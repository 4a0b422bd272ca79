package io.kindling.appliance.api;

import io.kindling.appliance.api.NodeQuery.NodeKey;
import io.kindling.appliance.api.NodeQuery.Sort;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.Presence;
import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Finds, sorts and pages nodes, from memory: no document is parsed and no layout computed, so that
/// 10,000 nodes take milliseconds. Thread-safe.
public final class NodeListing {
  private final NodeStore nodes;
  private final Presence presence;

  /// What free text is looked for in, of the nodes as they were when somebody last looked.
  private final Map<UUID, Text> texts = new ConcurrentHashMap<>();

  private record Text(Node of, String text) {}

  public NodeListing(NodeStore nodes, Presence presence) {
    this.nodes = nodes;
    this.presence = presence;
  }

  /// A page.
  ///
  /// @param total all nodes there are
  /// @param matching those that the query finds, on all pages
  /// @param counts all nodes by state, whatever the query
  /// @param next where the next page begins; empty where this is the last one
  public record Page(
      List<Node> nodes,
      int total,
      int matching,
      Map<NodeState, Integer> counts,
      Optional<NodeKey> next) {
    public Page {
      nodes = List.copyOf(nodes);
    }
  }

  private record Found(Node node, NodeKey key) {}

  public Page find(NodeQuery query) {
    List<Node> all = nodes.all();
    if (texts.size() > all.size()) {
      texts.clear(); // some are of nodes that are gone
    }
    if (texts.isEmpty() && query.words().isEmpty()) {
      // Who looks at the list is about to search it.
      Thread.startVirtualThread(() -> all.forEach(this::searched));
    }
    var counts = new EnumMap<NodeState, Integer>(NodeState.class);
    var found = new ArrayList<Found>();
    for (Node node : all) {
      counts.merge(node.state(), 1, Integer::sum);
      if (matches(node, query)) {
        found.add(new Found(node, key(node, query.sort())));
      }
    }
    Comparator<NodeKey> order = Comparator.naturalOrder();
    if (query.descending()) {
      order = order.reversed();
    }
    Comparator<NodeKey> ordered = order;
    found.sort((a, b) -> ordered.compare(a.key(), b.key()));
    int matching = found.size();
    List<Found> rest =
        query
            .after()
            .map(after -> found.stream().filter(f -> ordered.compare(f.key(), after) > 0).toList())
            .orElse(found);
    boolean more = query.limit() > 0 && rest.size() > query.limit();
    List<Found> page = more ? rest.subList(0, query.limit()) : rest;
    return new Page(
        page.stream().map(Found::node).toList(),
        all.size(),
        matching,
        counts,
        more ? Optional.of(page.getLast().key()) : Optional.empty());
  }

  private boolean matches(Node node, NodeQuery query) {
    Assignment assignment = node.assignment();
    boolean role =
        query.roles().isEmpty()
            || (assignment != null
                && assignment.roles().stream().anyMatch(query.roles()::contains));
    if (!role
        || (!query.states().isEmpty() && !query.states().contains(node.state()))
        || !node.labels().containsAll(query.labels())) {
      return false;
    }
    if (query.words().isEmpty()) {
      return true;
    }
    String text = searched(node);
    return query.words().stream().allMatch(text::contains);
  }

  private String searched(Node node) {
    Text kept = texts.get(node.id());
    if (kept == null || kept.of() != node) {
      kept = new Text(node, text(node));
      texts.put(node.id(), kept);
    }
    return kept.text();
  }

  /// What free text is looked for in, lower case.
  private static String text(Node node) {
    var text = new StringBuilder(1024);
    add(text, node.name());
    add(text, node.state().label());
    add(text, node.reason());
    node.labels().forEach(label -> add(text, label));
    node.macs().forEach(mac -> add(text, mac));
    Assignment assignment = node.assignment();
    if (assignment != null) {
      assignment.roles().forEach(role -> add(text, role.label()));
      assignment.addresses().values().forEach(address -> add(text, address));
    }
    Facts facts = node.facts();
    if (facts != null) {
      add(text, facts.system().vendor());
      add(text, facts.system().product());
      add(text, facts.system().serial());
      add(text, facts.system().uuid());
      add(text, facts.system().firmwareVersion());
      add(text, facts.agent().firmware().name());
      add(text, facts.cpu().model());
      add(text, facts.bmcAddress());
      for (Facts.Disk disk : facts.disks()) {
        add(text, disk.id());
        add(text, disk.model());
        add(text, disk.serial());
      }
      for (Facts.Nic nic : facts.nics()) {
        add(text, nic.mac());
        nic.addresses().forEach(address -> add(text, address));
        Facts.Neighbour far = nic.neighbour();
        if (far != null) {
          add(text, far.system());
          add(text, far.port());
        }
      }
    }
    return text.toString().toLowerCase(Locale.ROOT);
  }

  private static void add(StringBuilder to, @Nullable String text) {
    if (text != null) {
      to.append(text).append('\n');
    }
  }

  private NodeKey key(Node node, Sort sort) {
    Facts facts = node.facts();
    long number = 0;
    String text = "";
    switch (sort) {
      case NAME -> {} // The key's last part.
      case STATE -> number = node.state().ordinal();
      case ROLES -> text = roles(node);
      case MODEL -> text = facts == null ? "" : model(facts).toLowerCase(Locale.ROOT);
      case CPUS -> number = facts == null ? 0 : facts.cpu().threads();
      case MEMORY -> number = facts == null ? 0 : facts.memoryBytes();
      case DISKS -> number = facts == null ? 0 : diskBytes(facts);
      case NICS -> number = facts == null ? 0 : facts.nics().size();
      case FIRMWARE ->
          text =
              facts == null ? "" : Objects.requireNonNullElse(facts.system().firmwareVersion(), "");
      case SEEN ->
          number = presence.lastSeen(node.id()).map(Instant::toEpochMilli).orElse(Long.MIN_VALUE);
      case DISCOVERED -> number = node.discovered().toEpochMilli();
    }
    return new NodeKey(number, text, node.name());
  }

  private static String roles(Node node) {
    Assignment assignment = node.assignment();
    return assignment == null
        ? ""
        : String.join(",", assignment.roles().stream().map(Role::label).sorted().toList());
  }

  /// Vendor and product.
  static String model(Facts facts) {
    String vendor = Objects.requireNonNullElse(facts.system().vendor(), "");
    return (vendor + " " + Objects.requireNonNullElse(facts.system().product(), "")).strip();
  }

  static long diskBytes(Facts facts) {
    return facts.disks().stream().mapToLong(Facts.Disk::sizeBytes).sum();
  }
}
