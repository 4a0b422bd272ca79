package io.kindling.ksgen;

import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.internal.Expansion;
import java.util.UUID;

/// An allocation to exactly the partitions the script makes. Pure; safe from any thread.
///
/// Every partitioned disk begins with a 1 MiB BIOS boot partition; the system's disks (those with
/// /boot, / or a physical volume of `os`) have an ESP after it. Partitions follow one another on 1
/// MiB boundaries in the order of the allocation; the first and the last MiB of a disk stay free
/// for the two GPTs. Where volumes are kept, the disk keeps its table and new partitions go into
/// the first gap with room. A `cephjournal` volume becomes one partition for each OSD assigned to
/// it, all of one size; spare slots are made and left free. A `raid` volume that several disks
/// have, and a `pv` marked `mirror`, are arrays; where /boot is one, so is the ESP. Untouched and
/// kept disks are not in the plan.
public final class Expand {

  private Expand() {}

  /// @param facts the machine as it is now: gives exact sizes, models and serial numbers
  /// @throws LayoutException KSG-011 to KSG-022
  public static DiskPlan expand(KsSpaces spaces, UUID nodeId, int attempt, Facts facts) {
    return Expansion.of(spaces, nodeId, attempt, facts);
  }
}
