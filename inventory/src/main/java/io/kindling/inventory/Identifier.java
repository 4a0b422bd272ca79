package io.kindling.inventory;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Tells whose report it is. Pure decisions over the store's present state; changes nothing.
final class Identifier {
  private final NodeStore nodes;

  Identifier(NodeStore nodes) {
    this.nodes = nodes;
  }

  Identification identify(Evidence evidence) {
    Map<UUID, Node> owners = new LinkedHashMap<>();
    for (String mac : new TreeSet<>(evidence.macs())) {
      nodes.findByMac(mac).ifPresent(owner -> owners.put(owner.id(), owner));
    }
    String uuid = evidence.uuid();
    List<Node> namesakes =
        uuid == null ? List.of() : nodes.all().stream().filter(n -> says(n, uuid)).toList();
    Node byUuid = // At most one: what is shared no longer counts.
        namesakes.stream()
            .filter(n -> uuid != null && uuid.equals(n.uuid()))
            .findFirst()
            .orElse(null);

    if (evidence.macs().isEmpty()) {
      return withoutMacs(evidence, byUuid, namesakes);
    }
    if (owners.isEmpty()) {
      if (byUuid != null && byUuid.macs().isEmpty()) {
        return new Identification.Known(byUuid, evidence, List.of());
      }
      return new Identification.New(evidence, namesakes);
    }
    if (owners.size() == 1) {
      Node owner = owners.values().iterator().next();
      if (byUuid == null || byUuid.id().equals(owner.id())) {
        List<Node> others = namesakes.stream().filter(n -> !n.id().equals(owner.id())).toList();
        return new Identification.Known(owner, evidence, others);
      }
      owners.put(byUuid.id(), byUuid); // One node's NIC in the machine with another's UUID.
    }
    return new Identification.Conflict(
        reporter(evidence, owners, byUuid), reason(evidence, owners));
  }

  private static Identification withoutMacs(
      Evidence evidence, @Nullable Node byUuid, List<Node> namesakes) {
    if (evidence.uuid() == null) {
      return new Identification.Nobody("no PCI or virtio NIC, no usable system UUID");
    }
    if (byUuid != null) {
      return new Identification.Known(byUuid, evidence, List.of());
    }
    return namesakes.isEmpty()
        ? new Identification.New(evidence, List.of())
        : new Identification.Nobody("no PCI or virtio NIC, and several machines have its UUID");
  }

  /// Also nodes that lost their UUID as evidence because another has it: it stays shared.
  private static boolean says(Node node, String uuid) {
    return uuid.equals(node.uuid())
        || (node.facts() != null && uuid.equals(node.facts().system().uuid()));
  }

  private static Node reporter(Evidence evidence, Map<UUID, Node> owners, @Nullable Node byUuid) {
    if (byUuid != null) {
      return byUuid;
    }
    Node best = owners.values().iterator().next();
    for (Node owner : owners.values()) {
      String boot = evidence.bootMac();
      if (boot != null && evidence.macs().contains(boot) && owner.macs().contains(boot)) {
        return owner;
      }
      if (common(owner, evidence) > common(best, evidence)) {
        best = owner;
      }
    }
    return best;
  }

  private static long common(Node owner, Evidence evidence) {
    return owner.macs().stream().filter(evidence.macs()::contains).count();
  }

  private static String reason(Evidence evidence, Map<UUID, Node> owners) {
    var parts = new TreeSet<String>();
    for (Node owner : owners.values()) {
      Set<String> shared = new TreeSet<>(owner.macs());
      shared.retainAll(evidence.macs());
      parts.add(
          owner.name() + " by " + (shared.isEmpty() ? "its UUID" : String.join(", ", shared)));
    }
    return "evidence of " + String.join(" and of ", parts);
  }
}
