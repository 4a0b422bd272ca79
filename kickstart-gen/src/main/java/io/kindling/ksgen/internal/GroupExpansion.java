package io.kindling.ksgen.internal;

import io.kindling.ksgen.DiskPlan.LogicalVolume;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.RaidArray;
import io.kindling.ksgen.DiskPlan.VolumeGroup;
import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.KsSpaces.Volume;
import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Volume groups and what is in them.
///
/// A kept group's file systems have the ids of the attempt that made them, which its partitions'
/// PARTUUIDs tell; one that another installation made is kept, but not mounted.
record GroupExpansion(KsSpaces spaces, Ids ids, UUID node, int attempt) {

  private static final long EXTENT_MIB = 4;

  /// LVM's own data take 1 MiB at the start (data alignment).
  private static long extents(long sizeMib) {
    return (sizeMib - 1) / EXTENT_MIB;
  }

  /// What lies under a group.
  private static final class Under {
    long extents;
    int made;
    int kept;
    @Nullable Ids keptIds;
  }

  List<VolumeGroup> expand(List<PlannedDisk> disks, List<RaidArray> arrays) {
    Map<String, Under> found = new LinkedHashMap<>();
    for (PlannedDisk disk : disks) {
      for (PlannedPartition p : disk.partitions()) {
        if (p.volumeGroup() != null) {
          Under under = found.computeIfAbsent(p.volumeGroup(), _ -> new Under());
          under.extents += extents(p.sizeMib());
          if (p.keep()) {
            under.kept++;
            under.keptIds = madeIn(disk.id(), p);
          } else {
            under.made++;
          }
        }
      }
    }
    for (RaidArray array : arrays) {
      if (array.volumeGroup() != null) {
        Under under = found.computeIfAbsent(array.volumeGroup(), _ -> new Under());
        under.extents += extents(array.sizeMib());
        under.made++;
      }
    }
    var groups = new ArrayList<VolumeGroup>();
    for (KsSpaces.Group group : spaces.groups()) {
      Under under = found.remove(group.id());
      if (under != null) { // Fuel lists every group of the roles, also those with no room given.
        groups.add(group(group, under));
      }
    }
    if (!found.isEmpty()) {
      throw Expansion.bad("No volume group has the id " + found.keySet().iterator().next() + ".");
    }
    return groups;
  }

  /// The ids of the attempt that made the partition; null where another node did.
  private @Nullable Ids madeIn(String disk, PlannedPartition partition) {
    return IntStream.rangeClosed(1, attempt)
        .map(i -> attempt + 1 - i)
        .mapToObj(i -> new Ids(node, i))
        .filter(i -> i.of(disk, partition.number()).equals(partition.guid()))
        .findFirst()
        .orElse(null);
  }

  private VolumeGroup group(KsSpaces.Group group, Under under) {
    if (under.kept > 0 && under.made > 0) {
      throw Expansion.bad("Group " + group.id() + " is kept on one disk and made on another.");
    }
    boolean keep = under.kept > 0;
    Ids made = keep ? under.keptIds : ids;
    var volumes = new ArrayList<LogicalVolume>();
    var names = new HashSet<String>();
    long needed = 0;
    int number = 0;
    for (Volume volume : group.volumes()) {
      if (volume.keep()) {
        throw new LayoutException(
            LayoutError.NOT_YET,
            "`keep` on a logical volume of " + group.id() + "; keep its physical volumes.");
      }
      if (volume.size() <= 0) {
        continue;
      }
      number++;
      String name = Values.lvmName(Objects.requireNonNull(volume.name()));
      if (!names.add(name)) {
        throw Expansion.bad("Group " + group.id() + " has two volumes `" + name + "`.");
      }
      needed += (volume.size() + EXTENT_MIB - 1) / EXTENT_MIB;
      String fs = Values.fileSystem(volume.fileSystemOrNull());
      String mount =
          "swap".equals(fs) ? "swap" : fs == null ? null : Values.mount(volume.mountPoint());
      volumes.add(
          new LogicalVolume(
              name,
              volume.size(),
              mount,
              fs,
              fs == null || made == null
                  ? null
                  : made.of("vg/" + group.id(), Ids.FILE_SYSTEM + number).toString()));
    }
    if (needed > under.extents && !keep) {
      throw new LayoutException(
          LayoutError.DOES_NOT_FIT,
          "Volume group %s is %d MiB short."
              .formatted(group.id(), (needed - under.extents) * EXTENT_MIB));
    }
    return new VolumeGroup(Values.lvmName(group.id()), keep, volumes);
  }
}
