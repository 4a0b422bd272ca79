package io.kindling.inventory;

import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Nodes in memory, for tests of what uses a [NodeStore]. Passes the same contract as the real one.
public final class MemoryNodeStore implements NodeStore {
  private final Map<UUID, Node> nodes = new HashMap<>();
  private final Map<UUID, byte[]> documents = new HashMap<>();

  @Override
  public synchronized List<Node> all() {
    return nodes.values().stream()
        .filter(n -> n.state() != NodeState.REMOVED)
        .sorted(Comparator.comparing(Node::name))
        .toList();
  }

  @Override
  public synchronized Optional<Node> find(UUID id) {
    return Optional.ofNullable(nodes.get(id));
  }

  @Override
  public Optional<Node> findByName(String name) {
    return first(n -> n.name().equals(name));
  }

  @Override
  public Optional<Node> findByMac(String mac) {
    return first(n -> n.macs().contains(mac));
  }

  private Optional<Node> first(Predicate<Node> wanted) {
    return all().stream().filter(wanted).findFirst();
  }

  @Override
  public synchronized Node add(Node node) {
    if (nodes.containsKey(node.id())) {
      throw new IllegalArgumentException("exists");
    }
    return put(node);
  }

  @Override
  public synchronized Changed change(UUID id, UnaryOperator<Node> change) {
    Node before = nodes.get(id);
    if (before == null) {
      return new Changed.Unknown(id);
    }
    Node after = change.apply(before);
    if (after == before) {
      return new Changed.Done(before);
    }
    if (!after.id().equals(id)) {
      throw new IllegalArgumentException("a node's id is for life");
    }
    return new Changed.Done(put(after.withVersion(before.version() + 1)));
  }

  private Node put(Node node) {
    if (node.state() != NodeState.REMOVED) {
      for (Node other : all()) {
        if (!other.id().equals(node.id())
            && (other.name().equals(node.name())
                || other.macs().stream().anyMatch(node.macs()::contains))) {
          throw new IllegalArgumentException("the name or an address is another node's");
        }
      }
    }
    Node kept =
        new Node(
            node.id(),
            node.name(),
            node.labels(),
            node.state(),
            node.stage(),
            node.reason(),
            node.macs(),
            node.bootMac(),
            node.uuid(),
            node.assignment(),
            node.facts(),
            node.discovered().truncatedTo(ChronoUnit.MICROS),
            node.reported().truncatedTo(ChronoUnit.MICROS),
            node.version());
    nodes.put(kept.id(), kept);
    return kept;
  }

  @Override
  public synchronized Optional<byte[]> document(UUID id) {
    return Optional.ofNullable(documents.get(id)).map(byte[]::clone);
  }

  @Override
  public synchronized void keepDocument(UUID id, byte[] document) {
    if (nodes.containsKey(id)) {
      documents.put(id, document.clone());
    }
  }
}
