package io.kindling.inventory;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

/// The nodes, on stable storage. Every change is durable when its method returns.
///
/// A removed node is found by its id only: its name and addresses are free for others, so that the
/// machine, if it comes back, is a new one. Thread-safe. Broken storage is a [StoreException].
public interface NodeStore {

  /// All nodes but removed ones, by name.
  List<Node> all();

  /// The node of that id.
  Optional<Node> find(UUID id);

  /// The node of that name (exact).
  Optional<Node> findByName(String name);

  /// The node that one of these permanent addresses identifies.
  Optional<Node> findByMac(String mac);

  /// Adds a node; its id, name and addresses must be new (else an [IllegalArgumentException]).
  /// Instants are kept to the microsecond.
  Node add(Node node);

  /// Applies the change to the stored node in one transaction and counts its version up.
  ///
  /// The change must be quick and without effects of its own. Where it returns the very node it was
  /// given, nothing is changed; where it throws, nothing is and the exception comes out. Another
  /// id, or a name or address of another node, is an [IllegalArgumentException].
  Changed change(UUID id, UnaryOperator<Node> change);

  /// The raw document of the node's last report, as it came; may be slow.
  Optional<byte[]> document(UUID id);

  /// Keeps the raw document of the node's last report; of an unknown node, nothing is kept.
  void keepDocument(UUID id, byte[] document);

  /// What became of a change.
  sealed interface Changed {
    record Done(Node node) implements Changed {}

    record Unknown(UUID id) implements Changed {}
  }
}
