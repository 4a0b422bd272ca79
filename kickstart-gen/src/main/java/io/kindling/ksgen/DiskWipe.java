package io.kindling.ksgen;

import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.internal.Values;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/// Disks that are to hold nothing at all: a plan of these disks without any partition, so its
/// script, run with `--until=blank`, clears them and touches no other. Pure; safe from any thread.
public final class DiskWipe {
  private DiskWipe() {}

  /// @param ids of the disks, as `node show` has them
  /// @param guids makes the disk GUIDs by which an interrupted run knows what it has done; never
  ///   those of an installation, whose finished disks would pass for wiped
  /// @throws LayoutException KSG-001 for no disk at all, KSG-004 and KSG-005 for an id that is not
  ///   of one disk, KSG-105 for one that cannot be written
  public static DiskPlan plan(UUID node, Facts facts, Set<String> ids, Supplier<UUID> guids) {
    if (ids.isEmpty()) {
      throw new LayoutException(LayoutError.NO_DISK, "The order names none.");
    }
    var disks = new ArrayList<PlannedDisk>();
    for (String id : ids) {
      Facts.Disk disk = find(facts, id);
      var links = new LinkedHashSet<String>();
      links.add(Values.link(disk.bestLink()));
      disk.links().forEach(link -> links.add(Values.link(link)));
      disks.add(
          new PlannedDisk(
              Values.text("a disk's ID", disk.id()),
              Values.text("a disk's name", disk.name()),
              List.copyOf(links),
              disk.sizeBytes(),
              disk.model(),
              disk.serial(),
              guids.get(),
              false,
              List.of()));
    }
    return new DiskPlan(node, 0, disks, List.of(), List.of(), Map.of());
  }

  private static Facts.Disk find(Facts facts, String id) {
    List<Facts.Disk> found = facts.disks().stream().filter(d -> d.id().equals(id)).toList();
    if (found.isEmpty()) {
      throw new LayoutException(LayoutError.UNKNOWN_DISK, "`" + id + "`.");
    }
    if (found.size() > 1) {
      throw new LayoutException(LayoutError.AMBIGUOUS_DISK, "`" + id + "`.");
    }
    Facts.Disk disk = found.getFirst();
    if (disk.readOnly() || disk.sizeBytes() == 0) {
      throw new LayoutException(
          LayoutError.CHECK_READ_ONLY, "`" + id + "` (" + disk.name() + ") cannot be written.");
    }
    return disk;
  }
}
