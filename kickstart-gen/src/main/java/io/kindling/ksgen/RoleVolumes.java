package io.kindling.ksgen;

import io.kindling.inventory.Role;
import io.kindling.ksgen.internal.Policy;
import java.util.List;
import java.util.Set;

/// Which volumes roles bring along. Pure.
public final class RoleVolumes {

  private RoleVolumes() {}

  /// @param id as cluster files call it: `cephjournal`
  /// @param label for people
  /// @param minimumMib on one disk; of a journal for each OSD
  /// @param general it lies with the system unless a rule says otherwise
  public record Kind(String id, String label, long minimumMib, boolean general) {}

  /// The volumes of those roles, in the table's order; none where there is no role.
  public static List<Kind> of(Set<Role> roles) {
    if (roles.isEmpty()) {
      return List.of();
    }
    Policy policy = Policy.standard();
    Set<String> wanted = policy.placements(roles).keySet();
    return policy.volumes().stream()
        .filter(row -> wanted.contains(row.id()))
        .map(row ->
            new Kind(
                row.id(),
                row.label() == null ? row.id() : row.label(),
                row.minimumMib(),
                row.general()))
        .toList();
  }
}
