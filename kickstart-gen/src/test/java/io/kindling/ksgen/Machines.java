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

  /// A drive that udev says nothing of.
  static Facts.Disk bare(String name, long mib) {
    return with(disk(name, mib), name, name, List.of(), null, null, List.of());
  }

  /// A drive with a GPT.
  static Facts.Disk holding(Facts.Disk d, Facts.Content... contents) {
    return with(
        d,
        d.id(),
        d.bestLink(),
        d.links(),
        "gpt",
        "aaaaaaaa-0000-4000-8000-00000000000a",
        List.of(contents));
  }

  static Facts.Disk with(
      Facts.Disk d,
      String id,
      String bestLink,
      List<String> links,
      @Nullable String tableType,
      @Nullable String tableUuid,
      List<Facts.Content> contents) {
    return new Facts.Disk(
        d.name(),
        id,
        bestLink,
        links,
        links.isEmpty() ? null : d.byPath(),
        d.model(),
        d.serial(),
        d.wwn(),
        d.sizeBytes(),
        d.logicalSectorBytes(),
        d.physicalSectorBytes(),
        d.media(),
        d.bus(),
        d.removable(),
        d.readOnly(),
        tableType,
        tableUuid,
        contents);
  }

  /// A partition as lsblk tells it.
  static Facts.Content part(
      String name, int number, long startBytes, long bytes, String type, String label) {
    return new Facts.Content(
        name,
        "part",
        number,
        startBytes,
        bytes,
        type,
        label,
        "bbbbbbbb-0000-4000-8000-0000" + String.format("%08x", (name + label).hashCode()),
        null,
        null,
        null);
  }
}
