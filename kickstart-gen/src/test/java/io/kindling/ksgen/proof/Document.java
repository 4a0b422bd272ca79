package io.kindling.ksgen.proof;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A discovery document's drives, read from lsblk's and udev's own words and nothing else: a second
/// opinion to the product's parser, which it does not use.
record Document(List<Drive> drives) {

  /// @param paths kernel names: one, or those of a multipath map's paths
  /// @param links links relative to /dev that lead to this drive and to no other
  /// @param place its by-path link, or empty
  /// @param table the GPT's own id, or empty
  /// @param parts its partitions
  record Drive(
      List<String> paths,
      Set<String> links,
      String place,
      long bytes,
      int sector,
      boolean turns,
      boolean removable,
      boolean readOnly,
      String bus,
      String model,
      String serial,
      String table,
      List<Part> parts) {

    String name() {
      return paths.getFirst();
    }

    boolean isUsb() {
      return bus.equals("usb");
    }

    boolean dead() {
      return bytes < 1 << 20; // nothing is laid out in parts of a MiB
    }

    /// What may hold a system or an OSD without anybody saying so.
    boolean eligible() {
      return !isUsb() && !readOnly && !dead();
    }

    boolean isNvme() {
      return bus.equals("nvme") || name().startsWith("nvme");
    }

    String media() {
      return isNvme() ? "nvme" : turns ? "hdd" : "ssd";
    }

    boolean called(String name) {
      return paths.contains(name)
          || name().endsWith("!" + name) // `cciss!c0d0` is /dev/cciss/c0d0
          || links.contains(name)
          || links.stream().anyMatch(l -> l.substring(l.lastIndexOf('/') + 1).equals(name));
    }
  }

  /// @param start byte at which it begins
  record Part(long number, long start, long bytes, String type, String label, String uuid) {}

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// Whole devices that lsblk calls `disk` and that are no drives of the machine.
  private static final Pattern NO_DRIVE =
      Pattern.compile(
          "(loop|ram|zram|fd|sr|md|dm-|nbd|rbd|drbd|bcache|zd|mtdblock)\\d.*"
              + "|mmcblk\\d+(boot\\d+|rpmb|gp\\d+)|nvme\\d+c\\d+n\\d+");

  /// The kernel's names of disks have at most 31 characters (genhd.h, DISK_NAME_LEN).
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.!-]{0,30}");

  static Document of(byte[] document) {
    return of(JSON.readTree(document));
  }

  static Document of(JsonNode document) {
    JsonNode raw = document.path("raw");
    var byMap = new LinkedHashMap<String, List<JsonNode>>();
    for (JsonNode device : raw.path("lsblk").path("blockdevices")) {
      String name = kernelName(device);
      if (!device.path("type").asString("").equals("disk")
          || !NAME.matcher(name).matches()
          || NO_DRIVE.matcher(name).matches()) {
        continue;
      }
      String map = multipath(device);
      byMap
          .computeIfAbsent(map == null ? "drive " + name : map, _ -> new ArrayList<>())
          .add(device);
    }
    var owners = new LinkedHashMap<String, Set<String>>();
    byMap.forEach((map, paths) -> {
      for (JsonNode path : paths) {
        for (String link : links(raw.path("udev").path(kernelName(path)))) {
          owners.computeIfAbsent(link, _ -> new HashSet<>()).add(map);
        }
      }
    });
    var drives = new ArrayList<Drive>();
    byMap.forEach((map, paths) -> drives.add(drive(raw.path("udev"), map, paths, owners)));
    return new Document(List.copyOf(drives));
  }

  private static Drive drive(
      JsonNode udev, String map, List<JsonNode> paths, Map<String, Set<String>> owners) {
    var links = new TreeSet<String>();
    var places = new TreeSet<String>(NATURAL);
    for (JsonNode path : paths) {
      for (String link : links(udev.path(kernelName(path)))) {
        if (owners.getOrDefault(link, Set.of()).size() == 1) {
          links.add(link);
          if (link.startsWith("disk/by-path/")) {
            places.add(link);
          }
        }
      }
    }
    JsonNode first = paths.getFirst();
    JsonNode properties = udev.path(kernelName(first));
    String name = kernelName(first);
    String bus = first.path("tran").asString("");
    if (bus.isEmpty()) {
      bus =
          name.startsWith("nvme")
              ? "nvme"
              : name.startsWith("vd")
                  ? "virtio"
                  : name.startsWith("cciss")
                      ? "cciss"
                      : properties.path("ID_BUS").asString("unknown");
    }
    return new Drive(
        paths.stream().map(Document::kernelName).toList(),
        links,
        places.isEmpty() ? "" : places.getFirst(),
        number(first.path("size")),
        (int) Math.max(512, number(first.path("log-sec"))),
        flag(first.path("rota")),
        flag(first.path("rm")),
        flag(first.path("ro")),
        bus.toLowerCase(Locale.ROOT),
        first.path("model").asString(""),
        first.path("serial").asString(""),
        first.path("ptuuid").asString("").toLowerCase(Locale.ROOT),
        parts(first));
  }

  private static String kernelName(JsonNode device) {
    return device.path("kname").asString(device.path("name").asString(""));
  }

  private static String multipath(JsonNode device) {
    for (JsonNode child : device.path("children")) {
      if (child.path("type").asString("").equals("mpath")) {
        return "map " + child.path("name").asString("");
      }
    }
    return null;
  }

  private static List<Part> parts(JsonNode device) {
    var parts = new ArrayList<Part>();
    for (JsonNode child : device.path("children")) {
      if (child.path("type").asString("").equals("part") && child.has("start")) {
        parts.add(
            new Part(
                number(child.path("partn")),
                number(child.path("start")) * 512, // sysfs counts so, whatever the drive's sectors
                number(child.path("size")),
                child.path("parttype").asString(""),
                child.path("partlabel").asString(""),
                child.path("partuuid").asString("")));
      }
    }
    return List.copyOf(parts);
  }

  private static Set<String> links(JsonNode properties) {
    var links = new LinkedHashSet<String>();
    for (String link : properties.path("DEVLINKS").asString("").split(" ")) {
      if (link.matches("/dev/disk/by-(id|path)/[A-Za-z0-9#+.:=@_%,~\\\\-]+")
          && !link.matches("/dev/disk/by-id/(lvm-pv-uuid|dm|md)-.*")) {
        links.add(link.substring("/dev/".length()));
      }
    }
    return links;
  }

  private static long number(JsonNode node) {
    return node.isNumber() ? node.asLong() : Long.parseLong(node.asString("0").strip());
  }

  private static boolean flag(JsonNode node) {
    return node.isBoolean() ? node.asBoolean() : node.asString("0").equals("1");
  }

  /// Numbers by their value: decimal, but hexadecimal after `0x` and in a PCI address, whose fields
  /// have fixed widths. So `ata-2` comes before `ata-10`, and `pci-0000:0a:` before `pci-0000:10:`.
  static final Comparator<String> NATURAL = Comparator.comparing(Document::sortable);

  private static final Pattern NUMBER =
      Pattern.compile("pci-[0-9a-f]+:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-9a-f]|0x([0-9a-f]+)|([0-9]+)");

  private static String sortable(String link) {
    return NUMBER
        .matcher(link)
        .replaceAll(m ->
            m.group(1) != null
                ? "0x" + "0".repeat(Math.max(0, 32 - m.group(1).length())) + m.group(1)
                : m.group(2) != null
                    ? "0".repeat(Math.max(0, 32 - m.group(2).length())) + m.group(2)
                    : m.group());
  }
}
