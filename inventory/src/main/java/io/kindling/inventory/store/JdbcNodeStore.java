package io.kindling.inventory.store;

import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.FactsParser;
import io.kindling.inventory.store.internal.NodeRows;
import io.kindling.inventory.store.internal.Rows;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The nodes in the database and, for reading, in memory: a look-up never meets SQL, and takes the
/// same time with 10 nodes as with 10,000.
///
/// There are two views. Writers see what is committed; readers see what is on stable storage, so
/// nothing is announced that a power cut could take back. Thread-safe.
public final class JdbcNodeStore implements NodeStore {
  private final Database database;
  private final NodeRows rows;

  // What is committed; touched only by the database's one writer at a time.
  private final Map<UUID, Node> committed = new HashMap<>();
  private final Map<String, UUID> committedNames = new HashMap<>();
  private final Map<String, UUID> committedMacs = new HashMap<>();

  // What is on stable storage; written under the lock, read without.
  private final ReentrantLock publishing = new ReentrantLock();
  private final Map<UUID, Node> byId = new ConcurrentHashMap<>();
  private final Map<String, UUID> byName = new ConcurrentHashMap<>();
  private final Map<String, UUID> byMac = new ConcurrentHashMap<>();
  private final NavigableMap<String, Node> sorted = new TreeMap<>(); // Only under the lock.
  private volatile @Nullable List<Node> list;

  /// Reads all nodes.
  public JdbcNodeStore(Database database, FactsParser parser) {
    this.database = database;
    this.rows = new NodeRows(parser);
    NodeRows.Loaded loaded = database.read(rows::load);
    if (!loaded.reparsed().isEmpty()) {
      database.<@Nullable Object>durably(connection -> {
        for (Node node : loaded.reparsed()) {
          rows.putFacts(connection, node.id(), Objects.requireNonNull(node.facts(), "reparsed"));
        }
        return null;
      });
    }
    for (Node node : loaded.nodes()) {
      index(node, null, committed, committedNames, committedMacs);
      publish(node);
    }
  }

  @Override
  public List<Node> all() {
    List<Node> all = list;
    if (all != null) {
      return all;
    }
    publishing.lock();
    try {
      all = List.copyOf(sorted.values());
      list = all;
      return all;
    } finally {
      publishing.unlock();
    }
  }

  @Override
  public Optional<Node> find(UUID id) {
    return Optional.ofNullable(byId.get(id));
  }

  @Override
  public Optional<Node> findByName(String name) {
    return Optional.ofNullable(byName.get(name)).map(byId::get);
  }

  @Override
  public Optional<Node> findByMac(String mac) {
    return Optional.ofNullable(byMac.get(mac)).map(byId::get);
  }

  @Override
  public Node add(Node node) {
    Node added = timesAsKept(node);
    database.<@Nullable Object>durably(connection -> {
      if (committed.containsKey(added.id())) {
        throw new IllegalArgumentException("the node " + added.id() + " exists");
      }
      refuseTaken(added);
      rows.put(connection, added, null);
      index(added, null, committed, committedNames, committedMacs);
      return null;
    });
    publish(added);
    return added;
  }

  @Override
  public Changed change(UUID id, UnaryOperator<Node> change) {
    Node changed =
        database.<@Nullable Node>durably(connection -> {
          Node before = committed.get(id);
          if (before == null) {
            return null;
          }
          Node wanted = change.apply(before);
          if (wanted == before) {
            return before;
          }
          Node after = timesAsKept(wanted).withVersion(before.version() + 1);
          if (!after.id().equals(id)) {
            throw new IllegalArgumentException("a node's id is for life");
          }
          refuseTaken(after);
          rows.put(connection, after, before);
          index(after, before, committed, committedNames, committedMacs);
          return after;
        });
    if (changed == null) {
      return new Changed.Unknown(id);
    }
    publish(changed);
    return new Changed.Done(changed);
  }

  @Override
  public Optional<byte[]> document(UUID id) {
    return database.read(connection -> Rows.large(connection, "documents", id));
  }

  @Override
  public void keepDocument(UUID id, byte[] document) {
    if (document.length > FactsParser.MAX_DOCUMENT_BYTES) {
      throw new IllegalArgumentException(document.length + " bytes is no document");
    }
    database.<@Nullable Object>durably(connection -> {
      if (committed.containsKey(id)) {
        Rows.putLarge(connection, "documents", id, -1, document);
      }
      return null;
    });
  }

  private void refuseTaken(Node node) {
    if (node.state() == NodeState.REMOVED) {
      return;
    }
    UUID owner = committedNames.get(node.name());
    if (owner != null && !owner.equals(node.id())) {
      throw new IllegalArgumentException("the name " + node.name() + " is taken");
    }
    for (String mac : node.macs()) {
      UUID holder = committedMacs.get(mac);
      if (holder != null && !holder.equals(node.id())) {
        throw new IllegalArgumentException("the address " + mac + " is another node's");
      }
    }
  }

  /// Two changes can finish their syncs in either order; the later version stays.
  private void publish(Node node) {
    publishing.lock();
    try {
      Node before = byId.get(node.id());
      if (before == null || before.version() < node.version()) {
        index(node, before, byId, byName, byMac);
        if (before != null && sorted.get(before.name()) == before) {
          sorted.remove(before.name());
        }
        if (node.state() != NodeState.REMOVED) {
          sorted.put(node.name(), node);
        }
        list = null;
      }
    } finally {
      publishing.unlock();
    }
  }

  private static void index(
      Node node,
      @Nullable Node before,
      Map<UUID, Node> ids,
      Map<String, UUID> names,
      Map<String, UUID> macs) {
    boolean removed = node.state() == NodeState.REMOVED;
    Set<String> claimed = removed ? Set.of() : node.macs();
    ids.put(node.id(), node); // First: an index must never lead to nothing.
    claimed.forEach(mac -> macs.put(mac, node.id()));
    if (!removed) {
      names.put(node.name(), node.id());
    }
    if (before != null) {
      if (removed || !before.name().equals(node.name())) {
        names.remove(before.name(), node.id());
      }
      for (String mac : before.macs()) {
        if (!claimed.contains(mac)) {
          macs.remove(mac, node.id());
        }
      }
    }
  }

  private static Node timesAsKept(Node n) {
    Facts facts = n.facts();
    return new Node(
        n.id(),
        n.name(),
        n.labels(),
        n.state(),
        n.stage(),
        n.reason(),
        n.macs(),
        n.bootMac(),
        n.uuid(),
        n.assignment(),
        facts,
        Rows.micros(n.discovered()),
        Rows.micros(n.reported()),
        n.version());
  }
}
