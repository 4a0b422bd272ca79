package io.kindling.ksgen;

import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.KsSpaces.Type;
import io.kindling.ksgen.KsSpaces.Volume;
import io.kindling.ksgen.internal.Policy;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One drive that wholly becomes an OSD, beside whatever else the machine has: the plan names no
/// other disk, so its script touches none. Pure; safe from any thread.
public final class OsdDrive {
  private OsdDrive() {}

  /// @param number the ids come from it; another one for each plan of the same disk
  /// @throws LayoutException KSG-007 and others where the drive is too small
  public static DiskPlan plan(UUID node, int number, Facts facts, Facts.Disk disk) {
    Policy policy = Policy.standard();
    Policy.DiskSizes table = policy.disk();
    Policy.VolumeRow row = policy.require("ceph");
    long boot = table.biosBootMib();
    long size = disk.sizeMib() - table.headMib() - table.tailMib() - boot;
    if (size < row.minimumMib()) {
      throw new LayoutException(
          LayoutError.DOES_NOT_FIT,
          "Disk %s has %d MiB for an OSD, it is %d MiB short."
              .formatted(disk.id(), Math.max(0, size), row.minimumMib() - size));
    }
    var space =
        new KsSpaces.Disk(
            disk.bestLink(),
            disk.name(),
            disk.sizeMib(),
            size,
            disk.links(),
            List.of(
                volume(Type.BOOT, boot, null, null),
                volume(Type.PARTITION, size, row.id(), row.partitionGuid())),
            false,
            Map.of());
    return Expand.expand(new KsSpaces(List.of(space)), node, number, facts);
  }

  private static Volume volume(Type type, long size, @Nullable String name, @Nullable String guid) {
    return new Volume(
        type, size, name, "none", "none", guid, null, null, false, Map.of(), Map.of());
  }
}
