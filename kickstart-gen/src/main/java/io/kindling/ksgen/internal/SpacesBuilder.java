package io.kindling.ksgen.internal;

import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.KsSpaces.Type;
import io.kindling.ksgen.KsSpaces.Volume;
import io.kindling.ksgen.internal.Selection.Chosen;
import java.util.ArrayList;
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

  KsSpaces build(Chosen system, Map<Chosen, Map<String, Long>> sizes) {
    var spaces = new ArrayList<KsSpaces.Space>();
    long os = 0;
    for (var entry : sizes.entrySet()) {
      Chosen chosen = entry.getKey();
      spaces.add(disk(chosen, chosen == system, entry.getValue()));
      os += entry.getValue().getOrDefault("os", 0L);
    }
    spaces.add(group(os - policy.disk().lvmMetaMib()));
    return new KsSpaces(spaces);
  }

  private KsSpaces.Disk disk(Chosen chosen, boolean system, Map<String, Long> sizes) {
    Policy.DiskSizes table = policy.disk();
    var volumes = new ArrayList<Volume>();
    long service = 0;
    if (!sizes.isEmpty()) {
      long boot = table.biosBootMib() + (system ? table.espMib() : 0);
      volumes.add(volume(Type.BOOT, boot, null, "none", null, null, null, null, Map.of()));
      service += boot;
      if (system) {
        volumes.add(
            volume(
                Type.PARTITION,
                table.bootMib(),
                "Boot",
                "/boot",
                "ext4",
                null,
                null,
                null,
                Map.of()));
        service += table.bootMib();
      }
    }
    for (Policy.VolumeRow row : policy.volumes()) {
      Long size = sizes.get(row.id());
      if (size == null) {
        continue;
      }
      if (row.type().equals("vg")) {
        volumes.add(
            volume(
                Type.PV, size, null, "none", null, null, row.id(), table.lvmMetaMib(), Map.of()));
      } else {
        Map<String, @Nullable Object> own =
            row.id().equals("cephjournal") && chosen.spare > 0
                ? Map.of("spare", chosen.spare)
                : Map.of();
        volumes.add(
            volume(
                Type.PARTITION,
                size,
                row.id(),
                "none",
                "none",
                row.partitionGuid(),
                null,
                null,
                own));
      }
    }
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

  private KsSpaces.Group group(long size) {
    long swap = swap(size);
    long root = Math.min(size / EXTENT_MIB * EXTENT_MIB - swap, policy.root().maximumMib());
    Policy.VolumeRow row = policy.require("os");
    return new KsSpaces.Group(
        row.id(),
        row.label(),
        row.minimumMib(),
        "min",
        List.of(
            volume(Type.LV, root, "root", "/", "ext4", null, null, null, Map.of()),
            volume(Type.LV, swap, "swap", "swap", "swap", null, null, null, Map.of())),
        Map.of());
  }

  /// Fuel's table (RHEL's): twice the memory up to 2 GiB, as much up to 8, half up to 64, else 4
  /// GiB; but never more than an eighth of the group, so that small disks keep their root.
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
    return Math.max(EXTENT_MIB, Math.min(wanted, most) / EXTENT_MIB * EXTENT_MIB);
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
