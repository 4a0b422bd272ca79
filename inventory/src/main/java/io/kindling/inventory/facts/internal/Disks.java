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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `lsblk --json -O -b` with udev's properties: the drives of a machine.
///
/// A dead drive stays, with size 0; so do RAID volumes that call themselves removable, and USB
/// drives with bus `usb`: whether a drive is installed to is the layout's decision.
public final class Disks {
  private static final int MAX_DISKS = 2_000;
  private static final int MAX_CONTENTS = 1_000;
  private static final int MAX_DEPTH = 16;
  private static final String BY_PATH = "disk/by-path/";
  private static final Pattern NO_NAME = Pattern.compile("(0x|naa\\.|eui\\.)?(0+|[fF]+)");
  private static final Pattern PARTITION = Pattern.compile(".*?([0-9]{1,3})");

  /// A drive under way: its links can still change.
  ///
  /// @param map the multipath map that holds it
  private record Found(Facts.Disk disk, @Nullable String map) {}

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
    String map = contents(device, name, byParent, contents, 0);
    var disk =
        new Facts.Disk(
            name,
            name,
            name,
            links,
            links.stream().filter(l -> l.startsWith(BY_PATH)).findFirst().orElse(null),
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
            or(device.text("ptuuid"), udev.text("ID_PART_TABLE_UUID")),
            contents);
    return new Found(disk, map);
  }

  /// Adds what is on the device; the name of the multipath map that is one of its holders, or null.
  private static @Nullable String contents(
      Reader device,
      String name,
      Map<String, List<Reader>> byParent,
      List<Facts.Content> to,
      int depth) {
    if (depth == MAX_DEPTH) {
      device.warn("children", "nested more than " + MAX_DEPTH + " deep");
      return null;
    }
    List<Reader> children =
        device.has("children")
            ? device.objects("children")
            : byParent.getOrDefault(name, List.of());
    String map = null;
    for (Reader child : children) {
      String childName = child.text("name");
      String type = child.text("type");
      if (childName == null || type == null) {
        child.warn("name", "no name or no type");
        continue;
      }
      if (type.equals("mpath")) {
        map = childName; // The same drive again; what is on it is below.
      } else if (to.size() < MAX_CONTENTS) {
        to.add(content(child, childName, type));
      } else {
        child.warn("name", "more than " + MAX_CONTENTS + " partitions and volumes on one drive");
        return map;
      }
      String kernel = child.text("kname");
      String below = contents(child, kernel == null ? childName : kernel, byParent, to, depth + 1);
      map = or(map, below);
    }
    return map;
  }

  private static Facts.Content content(Reader device, String name, String type) {
    String mount = device.text("mountpoint");
    if (mount == null && device.has("mountpoints")) {
      mount = device.longTexts("mountpoints").stream().map(Reader::clean).findFirst().orElse(null);
    }
    boolean partition = type.equals("part");
    return new Facts.Content(
        name,
        type,
        partition ? number(device, name) : null,
        // sysfs counts in sectors of 512 bytes, whatever the drive's are.
        partition && device.has("start") ? (Long) (device.number("start", 0) * 512) : null,
        device.number("size", 0),
        device.text("parttype"),
        device.text("partlabel"),
        device.text("partuuid"),
        device.text("fstype"),
        device.text("uuid"),
        mount);
  }

  /// util-linux before 2.39 does not tell it; the kernel's name does.
  private static @Nullable Integer number(Reader device, String name) {
    if (device.has("partn")) {
      return device.count("partn", 0);
    }
    Matcher digits = PARTITION.matcher(name);
    return digits.matches() ? (Integer) Integer.parseInt(digits.group(1)) : null;
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

  /// The paths of one drive are one drive, that of the first path: where a multipath map holds
  /// them, or, without one, where WWN, serial number and size are the same. The others' by-id links
  /// are its links too; by-path links lead to single paths, so they only place it.
  private static List<Facts.Disk> multipathOnce(List<Found> found) {
    var disks = new LinkedHashMap<String, Facts.Disk>();
    for (Found one : found) {
      Facts.Disk disk = one.disk();
      String key = "name " + disk.name();
      if (one.map() != null) {
        key = "map " + one.map(); // Some targets have no WWN.
      } else if (isName(disk.wwn()) && disk.serial() != null && disk.sizeBytes() > 0) {
        key = "drive " + disk.wwn() + " " + disk.serial() + " " + disk.sizeBytes();
      }
      disks.merge(key, disk, Disks::withLinksOf);
    }
    return List.copyOf(disks.values());
  }

  /// Digits all 0 or all f stand for no name: two drives may have them.
  private static boolean isName(@Nullable String wwn) {
    return wwn != null && !NO_NAME.matcher(wwn).matches();
  }

  private static Facts.Disk withLinksOf(Facts.Disk disk, Facts.Disk other) {
    var links = new TreeSet<>(disk.links());
    links.addAll(other.links());
    links.removeIf(l -> l.startsWith(BY_PATH));
    return named(disk, List.copyOf(links), disk.byPath());
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
        .map(
            d -> named(d, d.links().stream().filter(l -> !shared.contains(l)).toList(), d.byPath()))
        .toList();
  }

  private static Facts.Disk named(Facts.Disk d, List<String> links, @Nullable String byPath) {
    String best = DiskNames.best(links);
    return new Facts.Disk(
        d.name(),
        best == null ? d.name() : DiskNames.lastPart(best),
        best == null ? d.name().replace('!', '/') : best, // `cciss!c0d0` is /dev/cciss/c0d0
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
        d.tableUuid(),
        d.contents());
  }

  private static @Nullable String spaced(@Nullable String model) {
    return model == null ? null : model.replace('_', ' ').strip();
  }

  private static @Nullable String or(@Nullable String first, @Nullable String second) {
    return first == null ? second : first;
  }
}
