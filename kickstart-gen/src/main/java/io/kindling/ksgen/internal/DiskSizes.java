package io.kindling.ksgen.internal;

import io.kindling.inventory.facts.Facts.Disk;
import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import io.kindling.ksgen.VolumeSize;
import io.kindling.ksgen.internal.Selection.Chosen;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/// How large the volumes of each disk become, MiB, with what LVM and RAID take of them.
final class DiskSizes {

  private final Policy policy;
  private final List<Chosen> systems;

  /// Volumes of which each disk of the system has a copy.
  private final Set<String> mirrored;

  /// How many journals a disk is to hold at least, spare ones counted.
  private final ToIntFunction<Chosen> slots;

  DiskSizes(Policy policy, List<Chosen> systems, ToIntFunction<Chosen> slots) {
    this.policy = policy;
    this.slots = slots;
    this.systems = systems;
    this.mirrored =
        systems.size() < 2
            ? Set.of()
            : policy.volumes().stream()
                .filter(Policy.VolumeRow::isGroup)
                .map(Policy.VolumeRow::id)
                .filter(v -> systems.stream().allMatch(s -> s.use.containsKey(v)))
                .collect(Collectors.toUnmodifiableSet());
  }

  /// Volume → size for each disk, in the order of the disks; empty for those left alone.
  Map<Chosen, Map<String, Long>> of(List<Chosen> chosen) {
    Map<String, Long> copies = copies();
    var sizes = new LinkedHashMap<Chosen, Map<String, Long>>();
    for (Chosen one : chosen) {
      sizes.put(
          one, one.touched() ? allocate(one, systems.contains(one) ? copies : Map.of()) : Map.of());
    }
    return sizes;
  }

  /// What every disk of the mirror has room for.
  private Map<String, Long> copies() {
    var least = new HashMap<String, Long>();
    if (!mirrored.isEmpty()) {
      for (Chosen system : systems) {
        Map<String, Long> sizes = allocate(system, Map.of());
        for (String volume : mirrored) {
          least.merge(volume, Objects.requireNonNull(sizes.get(volume)), Math::min);
        }
      }
    }
    return least;
  }

  private long room(Chosen one, boolean system) {
    Policy.DiskSizes table = policy.disk();
    long ours = system ? table.espMib() + table.bootMib() : 0;
    if (one.kept.isEmpty()) {
      // Below zero where the disk has not even room for a table: that is short too.
      return one.disk.sizeMib() - table.headMib() - table.tailMib() - table.biosBootMib() - ours;
    }
    var gaps =
        new Gaps(
            new Gaps.Range(table.headMib(), one.disk.sizeMib() - table.tailMib()),
            one.kept.stream().map(Kept::hull).toList());
    gaps.take(table.biosBootMib());
    // One gap holds all that is new, so that it does not depend on the order of the volumes.
    return gaps.largest() - ours;
  }

  /// Fixed sizes first, then equal shares of what is left; the last share takes the remainder.
  ///
  /// @param fixed sizes of mirrored volumes
  private Map<String, Long> allocate(Chosen one, Map<String, Long> fixed) {
    boolean system = systems.contains(one);
    Disk disk = one.disk;
    long left = room(one, system);
    var sizes = new LinkedHashMap<String, Long>();
    long least = 0;
    var shares = new ArrayList<String>();
    for (String volume : policy.volumeIds()) {
      VolumeSize wanted = one.use.get(volume);
      if (wanted == null) {
        continue;
      }
      long minimum = minimum(one, volume);
      Long copy = fixed.get(volume);
      if (copy != null) {
        sizes.put(volume, copy);
        least += copy;
        continue;
      }
      switch (wanted) {
        case VolumeSize.Mib(long mib) -> {
          long size = mib + meta(volume);
          if (size < minimum) {
            throw given(disk, volume, mib, minimum - meta(volume));
          }
          sizes.put(volume, size);
          least += size;
        }
        case VolumeSize.All _, VolumeSize.Mirror _ -> {
          sizes.put(volume, 0L); // keeps the table's order
          shares.add(volume);
          least += minimum;
        }
      }
    }
    if (least > left) {
      throw tooSmall(
          disk,
          sizes.keySet().stream()
                  .map(v -> v.equals(Allocation.JOURNAL) ? slots.applyAsInt(one) + " journals" : v)
                  .collect(Collectors.joining(" and "))
              + (system ? " with /boot and ESP" : "")
              + (one.kept.isEmpty() ? "" : " beside what is kept"),
          least - left);
    }
    long rest = left - sizes.values().stream().mapToLong(Long::longValue).sum();
    if (shares.contains(Allocation.OS) && shares.size() > 1) {
      long os = sharedSystem(one, rest, shares);
      sizes.put(Allocation.OS, os);
      rest -= os;
      shares.remove(Allocation.OS);
    }
    share(one, sizes, shares, rest);
    return sizes;
  }

  private void share(Chosen one, Map<String, Long> sizes, List<String> shares, long rest) {
    // Who needs more than an equal share gets its minimum first.
    var open = new ArrayList<>(shares);
    boolean again = true;
    while (again) {
      again = false;
      for (String volume : List.copyOf(open)) {
        long minimum = minimum(one, volume);
        if (minimum > rest / open.size() && open.size() > 1) {
          sizes.put(volume, minimum);
          rest -= minimum;
          open.remove(volume);
          again = true;
          break;
        }
      }
    }
    for (int i = 0; i < open.size(); i++) {
      long size = i == open.size() - 1 ? rest : rest / (open.size() - i);
      sizes.put(open.get(i), size);
      rest -= size;
    }
  }

  /// What the system takes of a disk that it shares with volumes that also want all.
  private long sharedSystem(Chosen one, long rest, List<String> shares) {
    Policy.Root root = policy.root();
    long wanted =
        Math.clamp(
            one.disk.sizeMib() * root.sharePercent() / 100,
            root.sharedLeastMib(),
            root.sharedMostMib());
    long others =
        shares.stream().filter(v -> !v.equals(Allocation.OS)).mapToLong(v -> minimum(one, v)).sum();
    long size = Math.min(wanted + meta(Allocation.OS), rest / 2);
    return Math.min(Math.max(size, minimum(one, Allocation.OS)), rest - others);
  }

  private long meta(String volume) {
    return policy.require(volume).isGroup()
        ? policy.disk().lvmMetaMib() + (mirrored.contains(volume) ? policy.disk().raidMetaMib() : 0)
        : 0;
  }

  private long minimum(Chosen one, String volume) {
    long least = policy.require(volume).minimumMib();
    return volume.equals(Allocation.JOURNAL) ? least * slots.applyAsInt(one) : least + meta(volume);
  }

  /// A rule's size, not the disk's, is too small.
  static LayoutException given(Disk disk, String volume, long mib, long needed) {
    return new LayoutException(
        LayoutError.VOLUME_TOO_SMALL,
        "Disk %s (%s): `%s: %d` is %d MiB short of the %d that it needs."
            .formatted(disk.id(), disk.name(), volume, mib, needed - mib, needed));
  }

  static LayoutException tooSmall(Disk disk, String what, long shortfall) {
    return new LayoutException(
        LayoutError.DISK_TOO_SMALL,
        "Disk %s (%s, %d MiB) is %d MiB short: %s."
            .formatted(disk.id(), disk.name(), disk.sizeMib(), shortfall, what));
  }
}
