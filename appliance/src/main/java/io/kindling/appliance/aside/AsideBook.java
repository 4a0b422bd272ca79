package io.kindling.appliance.aside;

import io.kindling.appliance.deploy.Settings;
import io.kindling.appliance.http.Json;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What was ordered for nodes that are aside, and what they were before: on stable storage. It
/// counts only while the node's state says that it is aside. Thread-safe.
final class AsideBook {
  private final Settings settings;

  AsideBook(Settings settings) {
    this.settings = settings;
  }

  /// @param state what the node was, and is again where nothing becomes of it
  /// @param keys whom a rescue lets in
  /// @param disks those to be wiped, as they were when it was ordered
  record Aside(
      NodeState state,
      @Nullable String stage,
      @Nullable String reason,
      List<String> keys,
      List<PlannedDisk> disks) {
    Aside {
      keys = List.copyOf(keys);
      disks = List.copyOf(disks);
    }

    /// The node back in its former place.
    Node restored(Node node) {
      return node.withState(state, stage, reason);
    }
  }

  Optional<Aside> of(UUID node) {
    return settings
        .get(key(node))
        .filter(text -> !text.isEmpty())
        .map(text -> Json.read(text.getBytes(StandardCharsets.UTF_8), Aside.class));
  }

  void keep(UUID node, Aside aside) {
    settings.put(key(node), Json.text(aside));
  }

  void forget(UUID node) {
    settings.put(key(node), "");
  }

  private static String key(UUID node) {
    return "aside/" + node;
  }
}
