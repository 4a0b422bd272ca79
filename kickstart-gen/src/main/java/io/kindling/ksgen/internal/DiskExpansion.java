package io.kindling.ksgen.internal;

import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.Use;
import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.KsSpaces.Type;
import io.kindling.ksgen.KsSpaces.Volume;
import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The volumes of one disk to its partitions.
final class DiskExpansion {

  private static final Policy.DiskSizes TABLE = Policy.standard().disk();

  private final KsSpaces.Disk disk;
  private final String id;
  private final Ids ids;
  private final Journals journals;
  private final Mirrors mirrors;
  private final Labels labels;
  private final Gaps gaps;
  private final Set<Integer> numbers = new HashSet<>();
  private final List<PlannedPartition> made = new ArrayList<>();
  private int lastNumber;

  DiskExpansion(
      KsSpaces.Disk disk, String id, Ids ids, Journals journals, Mirrors mirrors, Labels labels) {
    this.disk = disk;
    this.id = id;
    this.ids = ids;
    this.journals = journals;
    this.mirrors = mirrors;
    this.labels = labels;
    List<Kept> kept = disk.volumes().stream().filter(Volume::keep).map(Kept::of).toList();
    this.gaps =
        new Gaps(
            new Gaps.Range(TABLE.headMib(), disk.size() - TABLE.tailMib()),
            kept.stream().map(Kept::hull).toList());
    kept.forEach(this::keep);
  }

  /// By their start.
  List<PlannedPartition> expand() {
    boot();
    for (Volume volume : disk.volumes()) {
      if (volume.size() > 0 && !volume.keep()) {
        volume(volume);
      }
    }
    made.sort(Comparator.comparingLong(PlannedPartition::startMib));
    return made;
  }

  private void keep(Kept kept) {
    if (!numbers.add(kept.number())) {
      throw Expansion.bad("Disk " + id + " keeps two partitions " + kept.number() + ".");
    }
    String group = keptGroup(kept);
    Use ceph = Journals.use(kept.type());
    Gaps.Range hull = kept.hull();
    made.add(
        new PlannedPartition(
            kept.number(),
            kept.label(),
            group != null ? Use.PHYSICAL_VOLUME : ceph,
            kept.type(),
            kept.guid(),
            hull.start(),
            hull.size(),
            null,
            null,
            null,
            group,
            kept.extent()));
  }

  private @Nullable String keptGroup(Kept kept) {
    return disk.volumes().stream()
        .filter(v -> v.keep() && v.type() == Type.PV && Kept.of(v).guid().equals(kept.guid()))
        .map(v -> Values.lvmName(Objects.requireNonNull(v.vg())))
        .findFirst()
        .orElse(null);
  }

  private static boolean isSystem(Volume volume) {
    String mount = volume.mountPoint();
    return "/boot".equals(mount)
        || "/".equals(mount)
        || volume.type() == Type.PV && "os".equals(volume.vg());
  }

  private void boot() {
    boolean system =
        disk.volumes().stream().anyMatch(v -> v.size() > 0 && !v.keep() && isSystem(v));
    if (!system && !made.isEmpty() && gaps.largest() < TABLE.biosBootMib()) {
      return; // what is kept leaves no room; the machine starts from its system disk
    }
    add("bios", Use.BIOS_BOOT, GptTypes.BIOS_BOOT, TABLE.biosBootMib(), null, null, null);
    if (!system) {
      return;
    }
    long boot =
        disk.volumes().stream().filter(v -> v.type() == Type.BOOT).mapToLong(Volume::size).sum();
    long esp = boot - TABLE.biosBootMib();
    if (esp < GptTypes.LEAST_ESP_MIB) {
      throw new LayoutException(
          LayoutError.DOES_NOT_FIT,
          "Disk %s: `boot` needs %d MiB for BIOS boot and ESP, it is %d MiB short."
              .formatted(
                  id, TABLE.biosBootMib() + GptTypes.LEAST_ESP_MIB, GptTypes.LEAST_ESP_MIB - esp));
    }
    boolean member =
        disk.volumes().stream().anyMatch(v -> "/boot".equals(v.mountPoint()) && mirrors.has(v));
    if (member) {
      UUID guid = add(Mirrors.ESP, Use.ESP_MEMBER, GptTypes.ESP, esp, null, null, null);
      mirrors.join(Mirrors.ESP, guid, esp);
    } else {
      // Only one can be mounted: the first.
      boolean first = !mirrors.hasEsp() && labels.isNew(Mirrors.ESP);
      add(Mirrors.ESP, Use.ESP, GptTypes.ESP, esp, first ? "/boot/efi" : null, "vfat", null);
    }
  }

  private void volume(Volume volume) {
    if (mirrors.has(volume)) {
      String name = volume.type() == Type.PV ? volume.vg() : volume.name();
      UUID guid =
          add(
              name == null ? "data" : name,
              Use.RAID_MEMBER,
              GptTypes.LINUX_RAID,
              volume.size(),
              null,
              null,
              null);
      mirrors.join(volume, guid, volume.size());
      return;
    }
    switch (volume.type()) {
      case BOOT, LVM_META_POOL -> {
        // made by boot(); only a number for Fuel's user interface
      }
      case PV -> {
        String group = Values.lvmName(Objects.requireNonNull(volume.vg()));
        add(group, Use.PHYSICAL_VOLUME, GptTypes.LVM, volume.size(), null, null, group);
      }
      case RAID, PARTITION -> partition(volume);
      case LV -> throw Expansion.bad("Disk " + id + " holds an `lv`.");
    }
  }

  private void partition(Volume volume) {
    String name = volume.name() == null ? "data" : volume.name();
    switch (Journals.use(volume)) {
      case CEPH_JOURNAL -> journal(volume, name);
      case CEPH_OSD -> add(name, Use.CEPH_OSD, GptTypes.CEPH_OSD, volume.size(), null, null, null);
      default -> {
        String fs = Values.fileSystem(volume.fileSystemOrNull());
        UUID given = Kept.guid(volume.partitionGuid());
        UUID type = given != null ? given : "swap".equals(fs) ? GptTypes.SWAP : GptTypes.LINUX;
        Use use = fs == null ? Use.OTHER : fs.equals("swap") ? Use.SWAP : Use.FILE_SYSTEM;
        String mount = use == Use.SWAP ? "swap" : Values.mount(volume.mountPoint());
        add(name, use, type, volume.size(), mount, fs, null);
      }
    }
  }

  private void journal(Volume volume, String name) {
    Journals.Slots slots = journals.of(volume);
    int all = slots.assigned() + slots.spare();
    if (all == 0) {
      return;
    }
    long size = volume.size() / all;
    if (size < 1) {
      throw new LayoutException(
          LayoutError.DOES_NOT_FIT,
          "Disk %s: %d journals in %d MiB are %d MiB short."
              .formatted(id, all, volume.size(), all - volume.size()));
    }
    long start = place(volume.size()); // what is left over lies at its end
    for (int i = 0; i < all; i++) {
      boolean spare = i >= slots.assigned();
      put(
          spare ? Journals.SPARE : name,
          spare ? Use.CEPH_JOURNAL_SPARE : Use.CEPH_JOURNAL,
          GptTypes.CEPH_JOURNAL,
          start + i * size,
          size,
          null,
          null,
          null);
    }
  }

  private long place(long size) {
    OptionalLong start = gaps.take(size);
    if (start.isEmpty()) {
      throw new LayoutException(
          LayoutError.DOES_NOT_FIT,
          "Disk %s (%d MiB) is %d MiB short.".formatted(id, disk.size(), size - gaps.largest()));
    }
    return start.getAsLong();
  }

  private UUID add(
      String volume,
      Use use,
      UUID type,
      long size,
      @Nullable String mount,
      @Nullable String fileSystem,
      @Nullable String group) {
    return put(volume, use, type, place(size), size, mount, fileSystem, group);
  }

  private UUID put(
      String volume,
      Use use,
      UUID type,
      long start,
      long size,
      @Nullable String mount,
      @Nullable String fileSystem,
      @Nullable String group) {
    do {
      lastNumber++;
    } while (!numbers.add(lastNumber));
    if (lastNumber > Expansion.MAX_PARTITIONS) {
      throw new LayoutException(LayoutError.TOO_MANY_PARTITIONS, "Disk " + id + ".");
    }
    UUID content = ids.of(id, Ids.FILE_SYSTEM + lastNumber);
    UUID guid = ids.of(id, lastNumber);
    made.add(
        new PlannedPartition(
            lastNumber,
            labels.next(volume),
            use,
            type,
            guid,
            start,
            size,
            mount,
            fileSystem,
            fileSystem == null
                ? null
                : fileSystem.equals("vfat") ? Ids.fatSerial(content) : content.toString(),
            group,
            null));
    return guid;
  }
}
