package io.kindling.ksgen;

import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Facts.Media;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Machines for tests.
final class Machines {

  private Machines() {}

  static Facts of(Facts.Disk... disks) {
    return of(4096, List.of(disks));
  }

  static Facts of(long memoryMib, List<Facts.Disk> disks) {
    return new Facts(
        new Facts.Agent("1.0", Facts.Firmware.UEFI, false, "52:54:00:00:00:01"),
        new Facts.SystemInfo("QEMU", "Standard PC", null, null, null),
        new Facts.Cpu("cpu", "x86_64", 1, 2),
        memoryMib << 20,
        disks,
        List.of(),
        List.of());
  }

  static Facts.Disk disk(String name, long mib) {
    return disk(name, mib, Media.HDD);
  }

  static Facts.Disk disk(String name, long mib, Media media) {
    return disk(name, mib << 20, media, "scsi", false, false, "0:0:0:" + (name.charAt(2) - 'a'));
  }

  static Facts.Disk disk(
      String name,
      long bytes,
      Media media,
      String bus,
      boolean removable,
      boolean readOnly,
      @Nullable String place) {
    String wwn = "disk/by-id/wwn-0x5000c500" + String.format("%08x", name.hashCode());
    var links = new ArrayList<String>();
    links.add(wwn);
    String path = place == null ? null : "disk/by-path/pci-0000:00:1f.2-scsi-" + place;
    if (path != null) {
      links.add(path);
    }
    return new Facts.Disk(
        name,
        wwn.substring("disk/by-id/".length()),
        wwn,
        links,
        path,
        "QEMU HARDDISK",
        "serial-" + name,
        "0x5000c500",
        bytes,
        512,
        512,
        media,
        bus,
        removable,
        readOnly,
        null,
        null,
        List.of());
  }
}
