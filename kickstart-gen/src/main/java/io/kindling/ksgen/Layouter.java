package io.kindling.ksgen;

import io.kindling.ksgen.internal.Allocation;

/// Facts, roles and rules to an allocation. Pure; safe from any thread.
///
/// Without rules the general volumes (boot records, ESP, /boot, the volume groups of the roles) go
/// to the first drive: first by by-path, else by ID, among drives that are neither USB nor
/// read-only nor dead. Every other drive goes wholly to the first volume of the table that wants
/// full disks (an OSD, else Cinder's group), else it stays untouched. The root file system takes
/// what is left of its drive, at most 16 TiB; where it shares the rest with other volumes it is 20
/// % of the drive within 15 to 50 GiB as in Fuel. The volume table and the role map are
/// `policy.json`.
public final class Layouter {

  private Layouter() {}

  /// @throws LayoutException KSG-001 to KSG-023, naming the disk and the shortfall in MiB
  public static KsSpaces layout(LayoutRequest request) {
    return Allocation.of(request);
  }
}
