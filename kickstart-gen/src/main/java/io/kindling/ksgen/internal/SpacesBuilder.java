package io.kindling.ksgen.internal;

import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.KsSpaces.Type;
import io.kindling.ksgen.KsSpaces.Volume;
import io.kindling.ksgen.internal.Selection.Chosen;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Sizes to ks_spaces, as Fuel wrote it. Disks stand in drive order, untouched ones with no
/// volumes.
final class SpacesBuilder {

  private static final long EXTENT_MIB = 4;

  private final Policy policy;
  private final Facts facts;

  SpacesBuilder(Policy policy, Facts facts) {
    this.policy = policy;
    this.facts = facts;
  }

  KsSpaces build(List<Chosen> systems, Map<Chosen, Map<String, Long>> sizes) {
    var spaces = new ArrayList<KsSpaces.Space>();
    var groups = new LinkedHashMap<String, Long>();
    sizes.forEach((chosen, volumes) -> {
      spaces.add(disk(chosen, systems, volumes));
      volumes.forEach((volume, size) -> addTo(groups, volume, size, mirrored(volume, systems)));
      for (Kept kept : chosen.kept) {
        Volume volume = kept.toVolume(policy);
        if (volume.vg() != null) {
          addTo(groups, volume.vg(), volume.size(), false);
        }
      }
    });
    for (Policy.VolumeRow row : policy.volumes()) {
      Long size = groups.get(row.id());
      if (size != null) {
        spaces.add(group(row, size));
      }
    }
    return new KsSpaces(spaces);
  }

  /// Copies count once, and less the array's metadata.
  private void addTo(Map<String, Long> groups, String volume, long size, boolean mirrored) {
    if (policy.require(volume).isGroup()) {
      if (mirrored) {
        groups.put(volume, size - policy.disk().raidMetaMib() - policy.disk().lvmMetaMib());
      } else {
        groups.merge(volume, size - policy.disk().lvmMetaMib(), Long::sum);
      }
    }
  }

  private boolean mirrored(String volume, List<Chosen> systems) {
    return systems.size() > 1
        && policy.require(volume).isGroup()
        && systems.stream().allMatch(s -> s.use.containsKey(volume));
  }

  private KsSpaces.Disk disk(Chosen chosen, List<Chosen> systems, Map<String, Long> sizes) {
    Policy.DiskSizes table = policy.disk();
    boolean system = systems.contains(chosen);
    var volumes = new ArrayList<Volume>();
    long service = 0;
    if (chosen.touched()) {
      long boot = table.biosBootMib() + (system ? table.espMib() : 0);
      volumes.add(volume(Type.BOOT, boot, null, "none", null, null, null, null, Map.of()));
      service += boot;
    }
    if (system) {
      Type type = systems.size() > 1 ? Type.RAID : Type.PARTITION;
      volumes.add(
          volume(type, table.bootMib(), "Boot", "/boot", "ext4", null, null, null, Map.of()));
      service += table.bootMib();
    }
    chosen.kept.forEach(kept -> volumes.add(kept.toVolume(policy)));
    sizes.forEach((id, size) -> {
      Policy.VolumeRow row = policy.require(id);
      volumes.add(
          row.isGroup()
              ? pv(row, size, mirrored(id, systems))
              : partition(row, size, id.equals(Allocation.JOURNAL) ? chosen.spare : 0));
    });
    Facts.Disk disk = chosen.disk;
    return new KsSpaces.Disk(
        disk.bestLink(),
        disk.name(),
        disk.sizeMib(),
        Math.max(0, disk.sizeMib() - table.headMib() - table.tailMib() - service),
        disk.links(),
        volumes,
        chosen.keep,
        Map.of());
  }

  private Volume pv(Policy.VolumeRow row, long size, boolean mirrored) {
    Map<String, @Nullable Object> own = mirrored ? Map.of("mirror", true) : Map.of();
    return volume(
        Type.PV, size, null, "none", null, null, row.id(), policy.disk().lvmMetaMib(), own);
  }

  private static Volume partition(Policy.VolumeRow row, long size, int spare) {
    Map<String, @Nullable Object> own = spare > 0 ? Map.of("spare", spare) : Map.of();
    return volume(
        Type.PARTITION, size, row.id(), "none", "none", row.partitionGuid(), null, null, own);
  }

  private KsSpaces.Group group(Policy.VolumeRow row, long size) {
    var volumes = new ArrayList<Volume>();
    Policy.Filling filling = row.volume();
    if (row.id().equals(Allocation.OS)) {
      long swap = swap(size);
      long root = Math.min(whole(size) - swap, policy.root().maximumMib());
      volumes.add(logical("root", root, "/", "ext4"));
      volumes.add(logical("swap", swap, "swap", "swap"));
    } else if (filling != null) {
      volumes.add(logical(filling.name(), whole(size), filling.mount(), filling.fileSystem()));
    }
    return new KsSpaces.Group(row.id(), row.label(), row.minimumMib(), "min", volumes, Map.of());
  }

  private static Volume logical(String name, long size, String mount, String fileSystem) {
    return volume(Type.LV, size, name, mount, fileSystem, null, null, null, Map.of());
  }

  /// LVM gives whole extents.
  private static long whole(long size) {
    return size / EXTENT_MIB * EXTENT_MIB;
  }

  /// Fuel's table (RHEL's): twice the memory up to 2 GiB, as much up to 8, half up to 64, else 4
  /// GiB; but never more than a ninth of the group, so that of its minimum root has 4 GiB.
  private long swap(long group) {
    long memory = facts.memoryBytes() >> 20;
    long wanted;
    if (memory <= 0) {
      wanted = 2048; // not told
    } else if (memory <= 2048) {
      wanted = 2 * memory;
    } else if (memory <= 8192) {
      wanted = memory;
    } else if (memory <= 65536) {
      wanted = memory / 2;
    } else {
      wanted = 4096;
    }
    long most = Math.min(policy.swap().mostMib(), group / policy.swap().volumeShare());
    return Math.max(EXTENT_MIB, whole(Math.min(wanted, most)));
  }

  private static Volume volume(
      Type type,
      long size,
      @Nullable String name,
      String mount,
      @Nullable String fileSystem,
      @Nullable String guid,
      @Nullable String vg,
      @Nullable Long meta,
      Map<String, @Nullable Object> kindling) {
    return new Volume(
        type, size, name, mount, fileSystem, guid, vg, meta, false, kindling, Map.of());
  }
}
