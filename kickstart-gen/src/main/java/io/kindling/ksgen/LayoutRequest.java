package io.kindling.ksgen;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// What a layout is made of. The same request gives the same layout, byte for byte.
///
/// @param rules cluster.yaml's `disks:` and the CLI's `--disk`, in their order
public record LayoutRequest(
    UUID nodeId, int attempt, Facts facts, Set<Role> roles, List<DiskRule> rules) {
  public LayoutRequest {
    roles = Set.copyOf(roles);
    rules = List.copyOf(rules);
  }
}
