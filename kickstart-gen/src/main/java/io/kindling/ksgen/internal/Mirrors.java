package io.kindling.ksgen.internal;

import io.kindling.ksgen.DiskPlan.RaidArray;
import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.KsSpaces.Type;
import io.kindling.ksgen.KsSpaces.Volume;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The RAID1 arrays of an allocation: a `raid` volume that several disks have, a `pv` marked as
/// mirrored, and the ESP where /boot is an array. Confined to one expansion.
final class Mirrors {

  /// The mirrored EFI system partition.
  static final String ESP = "esp";

  private static final Policy.DiskSizes TABLE = Policy.standard().disk();

  /// An array under way.
  private static final class Array {
    final List<UUID> members = new ArrayList<>();
    long sizeMib = Long.MAX_VALUE;
    final boolean boot;
    final @Nullable String mount;
    final @Nullable String fileSystem;
    final @Nullable String group;

    Array(
        boolean boot, @Nullable String mount, @Nullable String fileSystem, @Nullable String group) {
      this.boot = boot;
      this.mount = mount;
      this.fileSystem = fileSystem;
      this.group = group;
    }
  }

  private final Map<String, Array> arrays = new LinkedHashMap<>();
  private final Ids ids;

  Mirrors(List<KsSpaces.Disk> disks, Ids ids) {
    this.ids = ids;
    Map<String, Integer> counts = new HashMap<>();
    var first = new LinkedHashMap<String, Volume>();
    for (KsSpaces.Disk disk : disks) {
      var here = new HashSet<String>();
      for (Volume volume : disk.volumes()) {
        String name = name(volume);
        if (name != null) {
          if (!here.add(name)) {
            throw Expansion.bad(
                "Disk " + disk.id() + " has two members of the array " + name + ".");
          }
          counts.merge(name, 1, Integer::sum);
          first.putIfAbsent(name, volume);
        }
      }
    }
    first.forEach((name, volume) -> {
      int members = counts.getOrDefault(name, 0);
      if (members > 1) {
        if ("/boot".equals(volume.mountPoint())) {
          put(ESP, new Array(true, "/boot/efi", "vfat", null));
        }
        put(name, array(volume));
      } else if (volume.type() == Type.PV) {
        throw Expansion.bad("`" + volume.vg() + "` is mirrored on one disk only.");
      }
    });
  }

  private void put(String name, Array array) {
    if (arrays.put(name, array) != null) {
      throw Expansion.bad("Two arrays have the name " + name + ".");
    }
  }

  private static Array array(Volume volume) {
    if (volume.type() == Type.PV) {
      return new Array(false, null, null, Values.lvmName(String.valueOf(volume.vg())));
    }
    String mount = volume.mountPoint();
    String fileSystem = Values.fileSystem(volume.fileSystemOrNull());
    return new Array(
        "/boot".equals(mount),
        "swap".equals(fileSystem) ? "swap" : Values.mount(mount),
        fileSystem,
        null);
  }

  /// The name of the array that the volume would be a member of, null where of none.
  private static @Nullable String name(Volume volume) {
    if (volume.size() <= 0 || volume.keep()) {
      return null;
    }
    if (volume.type() == Type.RAID) {
      return Labels.word(volume.name() == null ? "data" : volume.name());
    }
    return volume.type() == Type.PV && Boolean.TRUE.equals(volume.kindling().get("mirror"))
        ? Labels.word(String.valueOf(volume.vg()))
        : null;
  }

  boolean has(Volume volume) {
    String name = name(volume);
    return name != null && arrays.containsKey(name);
  }

  boolean hasEsp() {
    return arrays.containsKey(ESP);
  }

  void join(Volume volume, UUID partition, long sizeMib) {
    join(String.valueOf(name(volume)), partition, sizeMib);
  }

  void join(String array, UUID partition, long sizeMib) {
    Array joined = arrays.get(array);
    if (joined != null) {
      joined.members.add(partition);
      // Metadata 1.0 and its bitmap take some KiB of the end.
      long usable = joined.boot ? sizeMib - 1 : sizeMib - TABLE.raidMetaMib();
      joined.sizeMib = Math.min(joined.sizeMib, usable);
    }
  }

  /// @throws io.kindling.ksgen.LayoutException KSG-016, KSG-017
  List<RaidArray> arrays() {
    var made = new ArrayList<RaidArray>();
    arrays.forEach((name, array) -> {
      if (array.sizeMib < 1) {
        throw Expansion.bad("The members of the array " + name + " are too small.");
      }
      UUID content = ids.of("md/" + name, Ids.FILE_SYSTEM);
      made.add(
          new RaidArray(
              name,
              ids.of("md/" + name, Ids.DISK),
              "raid1",
              array.boot ? "1.0" : "1.2",
              array.members,
              array.sizeMib,
              array.mount,
              array.fileSystem,
              array.fileSystem == null
                  ? null
                  : array.fileSystem.equals("vfat") ? Ids.fatSerial(content) : content.toString(),
              array.group));
    });
    return made;
  }
}
