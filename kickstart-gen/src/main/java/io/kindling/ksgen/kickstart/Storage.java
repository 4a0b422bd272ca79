package io.kindling.ksgen.kickstart;

import io.kindling.inventory.facts.Facts.Firmware;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.DiskPlan.LogicalVolume;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.RaidArray;
import io.kindling.ksgen.DiskPlan.Use;
import io.kindling.ksgen.DiskPlan.VolumeGroup;
import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import io.kindling.ksgen.internal.KickstartFilters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A plan's system volumes as kickstart commands. Only partitions that exist already are named; the
/// script finds their devices. Ceph's partitions are in none of them. Pure.
final class Storage {

  /// A command; with a partition's number it is about that partition of that disk (from 1).
  record Step(int disk, int number, String words) {}

  private static final int NONE = 0;
  private static final String ESP = "/boot/efi";

  private final DiskPlan plan;
  private final Firmware firmware;
  private final List<Step> steps = new ArrayList<>();
  private final Map<UUID, String> members = new HashMap<>();
  private final Map<String, List<String>> physical = new HashMap<>();

  private Storage(DiskPlan plan, Firmware firmware) {
    this.plan = plan;
    this.firmware = firmware;
  }

  /// `part` before `raid` before `volgroup` before `logvol`.
  static List<Step> steps(DiskPlan plan, Firmware firmware) {
    var storage = new Storage(plan, firmware);
    for (int i = 0; i < plan.disks().size(); i++) {
      for (PlannedPartition p : plan.disks().get(i).partitions()) {
        storage.partition(i + 1, p);
      }
    }
    plan.arrays().forEach(storage::array);
    plan.groups().forEach(storage::group);
    return List.copyOf(storage.steps);
  }

  /// Indexes, from 1, of the disks that Anaconda is to see.
  static List<Integer> systemDisks(DiskPlan plan) {
    return indexes(plan, p -> system(p) && (!p.keep() || mounted(plan, p)));
  }

  /// Index of the disk that the boot loader belongs to; a mirror's other disks get it as well.
  static int bootDisk(DiskPlan plan) {
    for (String mount : new String[] {"/boot", "/"}) {
      List<UUID> under =
          plan.arrays().stream()
              .filter(a -> mount.equals(a.mount()))
              .flatMap(a -> a.members().stream())
              .toList();
      List<Integer> found = indexes(plan, p -> mount.equals(p.mount()) || under.contains(p.guid()));
      if (!found.isEmpty()) {
        return found.getFirst();
      }
    }
    return systemDisks(plan).stream()
        .findFirst()
        .orElseThrow(
            () -> new LayoutException(LayoutError.KICKSTART_VALUE, "No disk holds the system."));
  }

  private static List<Integer> indexes(
      DiskPlan plan, java.util.function.Predicate<PlannedPartition> is) {
    var found = new ArrayList<Integer>();
    for (int i = 0; i < plan.disks().size(); i++) {
      PlannedDisk disk = plan.disks().get(i);
      if (disk.partitions().stream().anyMatch(is)) {
        found.add(i + 1);
      }
    }
    return found;
  }

  private static boolean system(PlannedPartition p) {
    return switch (p.use()) {
      case ESP, ESP_MEMBER, RAID_MEMBER, PHYSICAL_VOLUME, SWAP -> true;
      case FILE_SYSTEM -> p.mount() != null;
      case BIOS_BOOT, CEPH_OSD, CEPH_JOURNAL, CEPH_JOURNAL_SPARE, OTHER -> false;
    };
  }

  /// True where something that is kept is mounted from this partition.
  private static boolean mounted(DiskPlan plan, PlannedPartition p) {
    return p.mount() != null
        || mounted(plan, p.volumeGroup())
        || plan.arrays().stream()
            .filter(a -> a.members().contains(p.guid()))
            .anyMatch(a -> a.mount() != null || mounted(plan, a.volumeGroup()));
  }

  private static boolean mounted(DiskPlan plan, @Nullable String group) {
    return plan.groups().stream()
        .filter(g -> g.name().equals(group))
        .flatMap(g -> g.volumes().stream())
        .anyMatch(v -> v.mount() != null);
  }

  private void partition(int disk, PlannedPartition p) {
    switch (p.use()) {
      case BIOS_BOOT, CEPH_OSD, CEPH_JOURNAL, CEPH_JOURNAL_SPARE, OTHER -> {
        // BIOS boot partitions are found by their flag; the others are none of Anaconda's
      }
      case ESP, FILE_SYSTEM, SWAP -> {
        String mount = p.mount();
        if (mount != null && bootable(mount)) {
          String what =
              p.keep() ? " --noformat" : fileSystem(mount, p.fileSystem(), p.fileSystemId());
          steps.add(new Step(disk, p.number(), "part " + word(mount) + what));
        }
      }
      case ESP_MEMBER, RAID_MEMBER -> {
        if (!p.keep() && !(p.use() == Use.ESP_MEMBER && firmware == Firmware.BIOS)) {
          String name = "raid." + (members.size() + 1);
          members.put(p.guid(), name);
          steps.add(new Step(disk, p.number(), "part " + name));
        }
      }
      case PHYSICAL_VOLUME -> {
        if (!p.keep()) {
          String name = physical(Objects.requireNonNull(p.volumeGroup()));
          steps.add(new Step(disk, p.number(), "part " + name));
        }
      }
    }
  }

  private void array(RaidArray array) {
    String mount = array.mount();
    boolean kept = array.members().stream().anyMatch(this::isKept);
    String target =
        array.volumeGroup() != null ? physical(array.volumeGroup()) : mount == null ? "" : mount;
    if (target.isEmpty() || !bootable(target)) {
      return;
    }
    var words = new StringBuilder("raid ").append(word(target));
    // Blivet takes no group whose name a device has (new_vg: "name is already in use").
    String name = array.volumeGroup() == null ? array.name() : "pv-" + array.name();
    words.append(" --device=").append(word(name));
    if (kept) {
      if (array.volumeGroup() != null) {
        return; // its group is used as it is
      }
      line(words.append(" --useexisting --noformat").toString());
      return;
    }
    words.append(" --level=").append(word(array.level().toUpperCase(java.util.Locale.ROOT)));
    if (mount != null) {
      words.append(fileSystem(mount, array.fileSystem(), array.fileSystemId()));
    }
    for (UUID member : array.members()) {
      words.append(' ').append(Objects.requireNonNull(members.get(member)));
    }
    line(words.toString());
  }

  private boolean isKept(UUID guid) {
    return plan.disks().stream()
        .flatMap(d -> d.partitions().stream())
        .anyMatch(p -> p.guid().equals(guid) && p.keep());
  }

  private void group(VolumeGroup group) {
    if (group.keep() && !mounted(plan, group.name())) {
      return;
    }
    String name = word(group.name());
    if (group.keep()) {
      line("volgroup " + name + " --useexisting --noformat");
    } else {
      line(
          Stream.concat(
                  Stream.of("volgroup", name, "--pesize=4096"),
                  physical.getOrDefault(group.name(), List.of()).stream())
              .collect(java.util.stream.Collectors.joining(" ")));
    }
    for (LogicalVolume volume : group.volumes()) {
      volume(name, group.keep(), volume);
    }
  }

  private void volume(String group, boolean keep, LogicalVolume volume) {
    String mount = volume.mount();
    var words = new StringBuilder("logvol ").append(word(mount == null ? "none" : mount));
    words.append(" --vgname=").append(group).append(" --name=").append(word(volume.name()));
    if (keep) {
      if (mount == null) {
        return; // nothing of it is mounted
      }
      line(words.append(" --useexisting --noformat").toString());
      return;
    }
    words.append(" --size=").append(volume.sizeMib());
    if (mount != null) {
      words.append(fileSystem(mount, volume.fileSystem(), volume.fileSystemId()));
    }
    line(words.toString());
  }

  /// An ESP exists for Anaconda only where firmware is UEFI.
  private boolean bootable(String mount) {
    return firmware == Firmware.UEFI || !mount.equals(ESP);
  }

  /// Type and, as far as Anaconda can hand it on (not for swap), the planned id.
  private static String fileSystem(String mount, @Nullable String type, @Nullable String id) {
    if (type == null) {
      return "";
    }
    String options =
        id == null
            ? ""
            : switch (type) {
              case "ext2", "ext3", "ext4" -> "-U " + id;
              case "xfs" -> "-m uuid=" + id;
              case "vfat" -> "-F 32 -i " + id.replace("-", "");
              default -> "";
            };
    return " --fstype="
        + word(mount.equals(ESP) ? "efi" : type)
        + (options.isEmpty() ? "" : " --mkfsoptions=" + word(options));
  }

  private String physical(String group) {
    int number = physical.values().stream().mapToInt(List::size).sum() + 1;
    String name = "pv." + number;
    physical.computeIfAbsent(group, g -> new ArrayList<>()).add(name);
    return name;
  }

  private void line(String words) {
    steps.add(new Step(NONE, NONE, words));
  }

  private static String word(String text) {
    try {
      return KickstartFilters.quote(text);
    } catch (IllegalArgumentException e) {
      throw new LayoutException(LayoutError.KICKSTART_VALUE, String.valueOf(e.getMessage()));
    }
  }
}
