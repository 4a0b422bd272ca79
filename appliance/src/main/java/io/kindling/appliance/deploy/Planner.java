package io.kindling.appliance.deploy;

import io.kindling.appliance.cluster.Cluster.DiskWish;
import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// From hardware and roles to partitions. Pure and thread-safe.
public interface Planner {

  /// Lays the machine's disks out.
  Planned plan(UUID node, int attempt, Facts facts, Set<Role> roles, List<DiskWish> wishes);

  /// The partitions of an allocation made earlier.
  Planned expand(UUID node, int attempt, Facts facts, String ksSpaces);

  /// The partition script of a plan.
  String script(DiskPlan plan);

  /// What came of it.
  sealed interface Planned {
    /// @param ksSpaces the allocation, JSON
    record Laid(String ksSpaces, DiskPlan disks) implements Planned {}

    /// @param error the error's id (`KSG-…`)
    record Impossible(String error, String reason) implements Planned {}
  }
}
