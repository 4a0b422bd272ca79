package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Facts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// `lsblk --json -O -b` with udev's properties: the drives of a machine.
///
/// A dead drive stays, with size 0; so do RAID volumes that call themselves removable, and USB
/// drives with bus `usb`: whether a drive is installed to is the layout's decision.
public final class Disks {
  private static final int MAX_DISKS = 2_000;
  private static final int MAX_CONTENTS = 1_000;
  private static final int MAX_DEPTH = 16;

  /// A drive under way: its links can still change.
  private record Found(Facts.Disk disk, boolean multipath) {}

  private Disks() {}

  /// @param loops true where loop devices count as drives
  public static List<Facts.Disk> of(
      Reader lsblk, Reader udev, boolean loops, Reader.Warnings warnings) {
    List<Reader> devices = lsblk.objects("blockdevices");
    Map<String, List<Reader>> byParent = new HashMap<>();
    for (Reader device : devices) {
      // A flat list (lsblk --list) tells the tree by pkname.
      String parent = device.has("pkname") ? device.text("pkname") : null;
      if (parent != null) {
        byParent.computeIfAbsent(parent, k -> new ArrayList<>()).add(device);
      }
    }
    var found = new ArrayList<Found>();
    var names = new HashSet<String>();
    for (Reader device : devices) {
      String kernel = device.text("kname");
      String name = kernel == null ? device.text("name") : kernel;
      String type = device.text("type");
      if (name == null || type == null) {
        continue;
      }
      boolean drive = DiskNames.isDrive(type, name) || (loops && DiskNames.isLoop(type, name));
      if (!drive || !names.add(name)) {
        continue;
      }
      if (isNobodysMultipathNode(device)) {
        continue;
      }
      if (found.size() == MAX_DISKS) {
        warnings.add("$.raw.lsblk", "more than " + MAX_DISKS + " drives");
        break;
      }
      found.add(read(device, name, properties(udev, name), byParent));
    }
    return distinct(multipathOnce(found), warnings);
  }

  /// The kernel shows an NVMe namespace's single paths (`nvme0c0n1`) as hidden devices.
  private static boolean isNobodysMultipathNode(Reader device) {
    String name = device.text("name");
    return name != null && name.matches("nvme\\d+c\\d+n\\d+");
  }

  private static Reader properties(Reader udev, String name) {
    return udev.object(udev.has(name) ? name : name.replace('/', '!'));
  }

  private static Found read(
      Reader device, String name, Reader udev, Map<String, List<Reader>> byParent) {
    List<String> links = DiskNames.links(udev.longText("DEVLINKS"), device);
    String idLink = device.text("id-link"); // util-linux 2.40
    if (links.isEmpty() && idLink != null) {
      links = DiskNames.links("/dev/disk/by-id/" + idLink, device);
    }
    String transport = transport(device, udev, name);
    var contents = new ArrayList<Facts.Content>();
    if (device.has("fstype")) {
      contents.add(content(device, name, "disk")); // A file system or volume on the bare drive.
    }
    boolean multipath = contents(device, name, byParent, contents, 0);
    var disk =
        new Facts.Disk(
            name,
            name,
            name,
            links,
            links.stream().filter(l -> l.startsWith("disk/by-path/")).findFirst().orElse(null),
            or(device.text("model"), spaced(udev.text("ID_MODEL"))),
            or(device.text("serial"), udev.text("ID_SERIAL_SHORT")),
            or(device.text("wwn"), or(udev.text("ID_WWN_WITH_EXTENSION"), udev.text("ID_WWN"))),
            device.number("size", 0),
            device.count("log-sec", 512),
            device.count("phy-sec", device.count("log-sec", 512)),
            media(device, udev, name, transport),
            transport,
            device.flag("rm", false),
            device.flag("ro", false),
            or(device.text("pttype"), udev.text("ID_PART_TABLE_TYPE")),
            contents);
    return new Found(disk, multipath);
  }

  /// Adds what is on the device; true where one of its holders is a multipath map.
  private static boolean contents(
      Reader device,
      String name,
      Map<String, List<Reader>> byParent,
      List<Facts.Content> to,
      int depth) {
    if (depth == MAX_DEPTH) {
      device.warn("children", "nested more than " + MAX_DEPTH + " deep");
      return false;
    }
    List<Reader> children =
        device.has("children")
            ? device.objects("children")
            : byParent.getOrDefault(name, List.of());
    boolean multipath = false;
    for (Reader child : children) {
      String childName = child.text("name");
      String type = child.text("type");
      if (childName == null || type == null) {
        child.warn("name", "no name or no type");
        continue;
      }
      if (type.equals("mpath")) {
        multipath = true; // The same drive again; what is on it is below.
      } else if (to.size() < MAX_CONTENTS) {
        to.add(content(child, childName, type));
      } else {
        child.warn("name", "more than " + MAX_CONTENTS + " partitions and volumes on one drive");
        return multipath;
      }
      String kernel = child.text("kname");
      multipath |= contents(child, kernel == null ? childName : kernel, byParent, to, depth + 1);
    }
    return multipath;
  }

  private static Facts.Content content(Reader device, String name, String type) {
    String mount = device.text("mountpoint");
    if (mount == null && device.has("mountpoints")) {
      mount = device.longTexts("mountpoints").stream().map(Reader::clean).findFirst().orElse(null);
    }
    return new Facts.Content(
        name,
        type,
        device.number("size", 0),
        device.text("parttype"),
        device.text("partlabel"),
        device.text("partuuid"),
        device.text("fstype"),
        mount);
  }

  private static String transport(Reader device, Reader udev, String name) {
    String transport = device.text("tran");
    if (transport != null) {
      return transport.toLowerCase(Locale.ROOT);
    }
    // lsblk names no transport for these (before util-linux 2.40 for virtio either).
    if (name.startsWith("vd")) {
      return "virtio";
    }
    if (name.startsWith("nvme")) {
      return "nvme";
    }
    if (name.startsWith("mmcblk")) {
      return "mmc";
    }
    if (name.startsWith("cciss")) {
      return "cciss";
    }
    String bus = udev.text("ID_BUS");
    return bus == null ? "unknown" : bus.toLowerCase(Locale.ROOT);
  }

  private static Facts.Media media(Reader device, Reader udev, String name, String transport) {
    if (transport.equals("nvme") || name.startsWith("nvme")) {
      return Facts.Media.NVME;
    }
    boolean turns = udev.number("ID_ATA_ROTATION_RATE_RPM", 1) > 0;
    return device.flag("rota", turns) ? Facts.Media.HDD : Facts.Media.SSD;
  }

  /// The paths of a multipath drive are one drive: that of the first path, with all their links.
  private static List<Facts.Disk> multipathOnce(List<Found> found) {
    var disks = new LinkedHashMap<String, Facts.Disk>();
    for (Found one : found) {
      String wwn = one.disk().wwn();
      String key = one.multipath() && wwn != null ? "wwn " + wwn : "name " + one.disk().name();
      disks.merge(key, one.disk(), Disks::withLinksOf);
    }
    return List.copyOf(disks.values());
  }

  private static Facts.Disk withLinksOf(Facts.Disk disk, Facts.Disk other) {
    var links = new TreeSet<>(disk.links());
    links.addAll(other.links());
    return named(disk, List.copyOf(links));
  }

  /// A link that two drives claim names neither: some models give every drive one WWN.
  private static List<Facts.Disk> distinct(List<Facts.Disk> disks, Reader.Warnings warnings) {
    var once = new HashSet<String>();
    Set<String> shared = new HashSet<>();
    for (Facts.Disk disk : disks) {
      for (String link : disk.links()) {
        if (!once.add(link)) {
          shared.add(link);
          warnings.add("$.raw.udev", "two drives have the link " + link);
        }
      }
    }
    return disks.stream()
        .map(d -> named(d, d.links().stream().filter(l -> !shared.contains(l)).toList()))
        .toList();
  }

  private static Facts.Disk named(Facts.Disk d, List<String> links) {
    String best = DiskNames.best(links);
    String link = best == null ? d.name() : best;
    String byPath =
        links.stream().filter(l -> l.startsWith("disk/by-path/")).findFirst().orElse(null);
    return new Facts.Disk(
        d.name(),
        DiskNames.lastPart(link),
        link,
        links,
        byPath,
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
        d.tableType(),
        d.contents());
  }

  private static @Nullable String spaced(@Nullable String model) {
    return model == null ? null : model.replace('_', ' ').strip();
  }

  private static @Nullable String or(@Nullable String first, @Nullable String second) {
    return first == null ? second : first;
  }
}
