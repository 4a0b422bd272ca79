package io.kindling.ksgen.proof;

import io.kindling.inventory.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Machines, roles and rules out of a seed: the same seed gives the same trial for ever.
///
/// Shelves of drives as servers have them (ports of the board, HBAs with and without expanders,
/// RAID controllers' LUNs, NVMe, virtio, a SAN by two paths, USB), with the oddities of real
/// reports: dead and read-only drives, missing, equal and placeholder serials and WWNs, LUNs that
/// call themselves removable, 4096-byte sectors, text for sizes and flags, old contents of every
/// kind, and text that would run in a shell.
final class Generator {

  /// Text as it must never run or get lost.
  static final List<String> HOSTILE =
      List.of(
          "it's",
          "$(touch pwned)",
          "`touch pwned`",
          "a\"b",
          "{{ 7 * 7 }}",
          "{% raw %}",
          "{# x #}",
          "\\",
          "a\\nb",
          "a;b&c|d>e<f",
          "é\u202e日本",
          "-n",
          "a  b",
          "*",
          "#",
          "'; touch pwned; '",
          "${IFS}touch${IFS}pwned",
          "|| touch pwned",
          "%s%n",
          "!!",
          "~root",
          "'\"'\"'",
          "\nEND\ntouch pwned\n",
          "tab\there",
          "a".repeat(200));

  private enum Shelf {
    ATA,
    HBA,
    EXPANDER,
    MEGARAID,
    HPSA,
    CCISS,
    NVME,
    VIRTIO,
    SAN,
    USB,
    MMC
  }

  private final SplittableRandom random;
  private final ObjectNode lsblk = Trial.JSON.createObjectNode();
  private final ArrayNode devices = lsblk.putArray("blockdevices");
  private final ObjectNode udev = Trial.JSON.createObjectNode();
  private final List<List<String>> names = new ArrayList<>();
  private int scsi;
  private int nvme;
  private int virtio;
  private int cciss;
  private int maps;
  private final boolean oldLsblk;
  private final boolean odd;

  private Generator(long seed) {
    random = new SplittableRandom(seed);
    oldLsblk = oneIn(6);
    odd = oneIn(3);
  }

  static Trial trial(long seed) {
    return new Generator(seed).trial();
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private Trial trial() {
    int wanted =
        switch (random.nextInt(100)) {
          case 0 -> 0;
          case 1, 2, 3, 4, 5, 6, 7, 8, 9 -> 1;
          case 10 -> oneIn(40) ? 1000 : random.nextInt(60, 200);
          case 11, 12, 13, 14, 15 -> random.nextInt(14, 60);
          default -> random.nextInt(2, 14);
        };
    while (names.size() < wanted) {
      shelf(wanted - names.size());
    }
    others();
    ObjectNode document = Trial.JSON.createObjectNode();
    document.put("version", 1);
    document.putObject("agent").put("version", "1.0").put("firmware", oneIn(2) ? "uefi" : "bios");
    ObjectNode raw = document.putObject("raw");
    raw.set("lsblk", lsblk);
    raw.set("udev", udev);
    long kib = random.nextLong(500_000, 2_000_000_000L);
    raw.put("meminfo", "MemTotal:       " + kib + " kB\nMemFree:        1 kB\n");
    Set<Role> roles = roles();
    return new Trial(document, roles, rules(roles));
  }

  private Set<Role> roles() {
    if (oneIn(4)) {
      return Set.of(Role.BASE);
    }
    if (!oneIn(3)) {
      return oneIn(2) ? Set.of(Role.CEPH_OSD) : Set.of(Role.BASE, Role.CEPH_OSD);
    }
    var roles = new LinkedHashSet<Role>();
    int count = random.nextInt(1, 5);
    for (int i = 0; i < count; i++) {
      roles.add(any(List.of(Role.values())));
    }
    return roles;
  }

  // ---- Drives
  // --------------------------------------------------------------------------------------

  private void shelf(int room) {
    Shelf shelf = Shelf.values()[random.nextInt(Shelf.values().length)];
    int most =
        switch (shelf) {
          case MMC -> 1;
          case USB -> 2;
          case ATA -> 8;
          default -> room > 100 ? room : 24;
        };
    int count = random.nextInt(1, Math.min(room, most) + 1);
    long size = size();
    String model = model();
    int sector = oneIn(5) ? 4096 : 512;
    String pci = "pci-0000:%02x:%02x.0".formatted(random.nextInt(256), random.nextInt(32));
    for (int i = 0; i < count; i++) {
      long bytes = oneIn(8) ? size() : size;
      if (oneIn(40)) {
        bytes = 0;
      }
      bytes = bytes / sector * sector;
      drive(shelf, i, pci, bytes, sector, oneIn(10) ? model() : model);
    }
  }

  private void drive(Shelf shelf, int slot, String pci, long bytes, int sector, String model) {
    boolean turns = !oneIn(3) && shelf != Shelf.NVME;
    String serial = serial();
    long wwn = 0x5000c50000000000L + random.nextLong(1L << 40);
    String wide = oneIn(8) ? null : "0x%016x".formatted(wwn);
    if (odd && shelf != Shelf.SAN && oneIn(6)) {
      wide = oneIn(2) ? "0x0000000000000000" : "0x5000000000000001";
      serial = "S%08X".formatted(random.nextInt()); // all equal would be two paths of one drive
    }
    String udevModel = model.replaceAll("[^A-Za-z0-9#+.:=@_-]+", "_");
    String udevSerial = serial.replaceAll("[^A-Za-z0-9#+.:=@_-]+", "_");
    udevSerial = udevSerial.substring(0, Math.min(udevSerial.length(), 60));
    var links = new ArrayList<String>();
    String name;
    String bus;
    switch (shelf) {
      case NVME -> {
        name = "nvme" + nvme++ + "n1";
        bus = "nvme";
        links.add("by-path/" + pci + "-nvme-" + (slot + 1));
        links.add("by-id/nvme-" + udevModel + "_" + udevSerial);
        if (wide != null) {
          links.add("by-id/nvme-eui." + wide.substring(2));
        }
      }
      case VIRTIO -> {
        name = "vd" + letters(virtio++);
        bus = "virtio";
        links.add("by-path/" + pci.replace(".0", "." + slot));
        links.add("by-path/virtio-" + pci.replace(".0", "." + slot));
        if (!serial.isEmpty()) {
          links.add("by-id/virtio-" + udevSerial);
        }
        wide = null;
      }
      case CCISS -> {
        name = "cciss!c0d" + cciss++;
        bus = null;
        links.add("by-path/" + pci + "-cciss-disk" + slot);
        if (wide != null) {
          links.add("by-id/cciss-3" + wide.substring(2));
          links.add("by-id/wwn-" + wide);
        }
      }
      case MMC -> {
        name = "mmcblk0";
        bus = null;
        links.add("by-path/platform-soc-mmc");
        links.add("by-id/mmc-" + udevModel + "_" + udevSerial);
        if (names.contains(List.of(name))) {
          return;
        }
      }
      case USB -> {
        name = "sd" + letters(scsi++);
        bus = "usb";
        links.add("by-path/" + pci + "-usb-0:" + slot + ":1.0-scsi-0:0:0:0");
        links.add("by-id/usb-" + udevModel + "_" + udevSerial + "-0:0");
        wide = null;
      }
      default -> {
        name = "sd" + letters(scsi++);
        bus = shelf == Shelf.ATA ? "sata" : shelf == Shelf.SAN ? "fc" : oneIn(4) ? null : "sas";
        String target =
            switch (shelf) {
              case ATA -> "-ata-" + (slot + 1);
              case HBA -> "-sas-phy" + slot + "-lun-0";
              case EXPANDER -> "-sas-exp0x500304800000007f-phy" + slot + "-lun-0";
              case MEGARAID -> "-scsi-0:2:" + slot + ":0";
              case HPSA -> "-scsi-0:1:0:" + slot;
              default -> "-fc-0x5006016000000000-lun-" + slot;
            };
        links.add("by-path/" + pci + target);
        if (wide != null) {
          links.add("by-id/wwn-" + wide);
          links.add("by-id/scsi-3" + wide.substring(2));
        }
        if (shelf == Shelf.SAN && wide == null) {
          links.add("by-id/scsi-1IET_" + udevSerial + "_" + scsi); // a T10 vendor id
        }
        if (shelf == Shelf.ATA) {
          links.add("by-path/" + pci + target + ".0");
          links.add("by-id/ata-" + udevModel + "_" + udevSerial);
        }
      }
    }
    if (oneIn(20)) {
      links.removeIf(l -> l.startsWith("by-path/"));
    }
    if (oneIn(40) && shelf != Shelf.SAN) {
      links.clear();
    }
    boolean removable = shelf == Shelf.USB || (shelf == Shelf.MEGARAID && oneIn(3));
    ObjectNode device = device(name, bus, bytes, sector, model, serial, wide);
    flag(device, "rota", turns);
    flag(device, "rm", removable);
    flag(device, "ro", oneIn(50));
    properties(name, bus, links);
    contents(device, name, bytes);
    devices.add(device);
    names.add(List.of(name));
    if (shelf == Shelf.SAN && bytes > 0) {
      secondPath(device, links, pci);
    }
  }

  private void secondPath(ObjectNode first, List<String> links, String pci) {
    String map = "mpath" + letters(maps++);
    first.remove("children");
    ArrayNode children = first.putArray("children");
    ObjectNode node = children.addObject();
    node.put("name", map).put("kname", "dm-" + (maps + 100)).put("type", "mpath");
    node.set("size", first.get("size"));
    ObjectNode second = first.deepCopy();
    String name = "sd" + letters(scsi++);
    second.put("name", name).put("kname", name);
    devices.add(second);
    var others = new ArrayList<String>();
    for (String link : links) {
      others.add(link.startsWith("by-path/") ? link.replace(pci, "pci-0000:ff:1f.7") : link);
    }
    properties(name, "fc", others);
  }

  private ObjectNode device(
      String name, String bus, long bytes, int sector, String model, String serial, String wwn) {
    ObjectNode device = Trial.JSON.createObjectNode();
    device.put("name", name.replace('!', '/')).put("kname", name).put("type", "disk");
    if (oldLsblk) {
      device.put("size", Long.toString(bytes)).put("log-sec", Integer.toString(sector));
    } else {
      device.put("size", bytes).put("log-sec", sector).put("phy-sec", 4096);
    }
    device.put("tran", bus).put("model", model.isEmpty() ? null : model);
    device.put("serial", serial.isEmpty() ? null : serial).put("wwn", wwn);
    return device;
  }

  private void flag(ObjectNode device, String key, boolean value) {
    if (oldLsblk) {
      device.put(key, value ? "1" : "0");
    } else {
      device.put(key, value);
    }
  }

  private void properties(String name, String bus, List<String> links) {
    ObjectNode properties = udev.putObject(name);
    properties.put("DEVNAME", "/dev/" + name.replace('!', '/'));
    if ("usb".equals(bus)) {
      properties.put("ID_BUS", "usb");
    }
    var words = new ArrayList<String>();
    links.forEach(l -> words.add("/dev/disk/" + l));
    words.add("/dev/disk/by-diskseq/" + names.size());
    properties.put("DEVLINKS", String.join(" ", words));
  }

  /// What an earlier life has left on a drive.
  private void contents(ObjectNode device, String name, long bytes) {
    if (bytes == 0 || !oneIn(3)) {
      return;
    }
    String kind =
        any(List.of("LVM2_member", "linux_raid_member", "zfs_member", "ceph_bluestore", "bcache"));
    if (oneIn(3)) {
      device.put("fstype", kind);
      return;
    }
    boolean gpt = !oneIn(3);
    device.put("pttype", gpt ? "gpt" : "dos");
    if (gpt) {
      device.put("ptuuid", uuid());
    }
    ArrayNode children = device.putArray("children");
    int count = random.nextInt(1, 8);
    long room = bytes / 512 - 4096;
    boolean small = device.path("log-sec").asString("").equals("512");
    long at = small && oneIn(4) ? 34 : 2048; // the first usable sector, as old tools have it
    for (int i = 1; i <= count && room > 65536; i++) {
      long length = (room / count - random.nextInt(4096, 9000)) / 8 * 8;
      String part = name + (Character.isDigit(name.charAt(name.length() - 1)) ? "p" : "") + i;
      ObjectNode child = children.addObject();
      child.put("name", part).put("kname", part).put("type", "part").put("size", length * 512);
      child.put("start", at).put("partn", i).put("partuuid", uuid());
      String label = oneIn(4) ? any(HOSTILE) : "kindling-ceph-" + i;
      child.put("partlabel", label.length() > 36 ? label.substring(0, 36) : label);
      child.put("parttype", oneIn(3) ? Judge.OSD : Judge.LINUX);
      child.put("fstype", oneIn(2) ? kind : "ext4");
      if (oneIn(6)) {
        child.put("mountpoint", "/mnt/" + any(HOSTILE));
      }
      if (oneIn(4)) {
        ObjectNode on = child.putArray("children").addObject();
        on.put("name", oneIn(2) ? "md127" : "vg0-" + any(HOSTILE).strip() + "x");
        on.put("type", oneIn(2) ? "raid1" : "lvm").put("size", length * 512);
      }
      at += length + random.nextInt(3) * 2048;
    }
  }

  private String uuid() {
    return new UUID(random.nextLong(), random.nextLong()).toString();
  }

  /// What is no drive to install to, whatever lsblk calls it.
  private void others() {
    if (oneIn(2)) {
      ObjectNode cd = device("sr0", "sata", 4L << 30, 2048, "DVD-ROM", "", null);
      devices.add(cd.put("type", "rom"));
    }
    for (String name : List.of("loop0", "zram0", "fd0", "md127", "nbd0")) {
      if (oneIn(8)) {
        devices.add(device(name, null, 40L << 30, 512, "", "", null));
      }
    }
  }

  private static String letters(int index) {
    String last = String.valueOf((char) ('a' + index % 26));
    return index < 26 ? last : letters(index / 26 - 1) + last;
  }

  private long size() {
    return switch (random.nextInt(12)) {
      case 0 -> random.nextLong(1L << 32);
      case 1 -> random.nextLong(4L << 30, 12L << 30);
      case 2 -> random.nextLong(2L << 40, 30L << 40);
      case 3 -> any(List.of(2L << 40, 16L << 40, (16L << 40) + (4 << 20), 30L << 40));
      case 4, 5 -> any(List.of(480103981056L, 960197124096L, 4000787030016L, 20000588955648L));
      default -> random.nextLong(20L << 30, 4L << 40);
    };
  }

  private String serial() {
    if (odd && oneIn(3)) {
      return any(List.of("", "0", "0123456789ABCDEF", "00000000000000000000", any(HOSTILE)));
    }
    return "S%08X".formatted(random.nextInt());
  }

  private String model() {
    return odd && oneIn(3)
        ? any(HOSTILE)
        : any(List.of("ST4000NM0033-9ZM", "PERC H730P Mini", "SAMSUNG MZQLB960HAJR-00007", ""));
  }

  // ---- Rules
  // ---------------------------------------------------------------------------------------

  private List<Map<String, Object>> rules(Set<Role> roles) {
    var rules = new ArrayList<Map<String, Object>>();
    if (names.isEmpty() || oneIn(3)) {
      return rules;
    }
    var named = new LinkedHashSet<String>();
    for (int i = random.nextInt(4); i > 0; i--) {
      String name = any(names).getFirst();
      if (named.add(name)) {
        rules.add(byId(name, roles));
      }
    }
    if (oneIn(3)) {
      rules.add(bySelector(roles));
    }
    if (oneIn(8)) {
      mirror(rules);
    }
    return rules;
  }

  private void mirror(List<Map<String, Object>> rules) {
    if (oneIn(3)) {
      var rule = new LinkedHashMap<String, Object>();
      rule.put("media", any(List.of("nvme", "ssd", "hdd")));
      rule.put("count", 2);
      rule.put("use", Map.of("os", "mirror"));
      rules.add(rule);
      return;
    }
    rules.clear();
    for (List<String> name : new LinkedHashSet<>(Arrays.asList(any(names), any(names)))) {
      var rule = new LinkedHashMap<String, Object>();
      rule.put("id", name.getFirst());
      rule.put("use", Map.of("os", "mirror"));
      rules.add(rule);
    }
  }

  /// Keeps partitions of a drive that has some, by one of their names; other drives wholly.
  private Object keep(String name) {
    for (JsonNode device : devices) {
      JsonNode parts = device.path("children");
      if (device.path("kname").asString("").equals(name)
          && device.path("pttype").asString("").equals("gpt")
          && !parts.isEmpty()
          && !oneIn(4)) {
        JsonNode part = parts.get(random.nextInt(parts.size()));
        return List.of(
            oneIn(3) ? "ceph" : part.path(oneIn(2) ? "partlabel" : "partuuid").asString("x"));
      }
    }
    return true;
  }

  private Map<String, Object> byId(String name, Set<Role> roles) {
    var rule = new LinkedHashMap<String, Object>();
    String[] links = udev.path(name).path("DEVLINKS").asString("").split(" ");
    String link = links[random.nextInt(links.length)];
    rule.put(
        "id",
        link.contains("by-diskseq") || oneIn(3)
            ? name
            : oneIn(2) ? link.substring(5) : link.substring(link.lastIndexOf('/') + 1));
    Object size = oneIn(2) ? "all" : (Object) random.nextLong(1, 60_000);
    boolean osd = roles.contains(Role.CEPH_OSD);
    switch (random.nextInt(osd ? 7 : 3)) {
      case 0 -> {
        rule.put("keep", keep(name));
        if (rule.get("keep") instanceof List && oneIn(2)) {
          rule.put("use", Map.of("os", "all"));
        }
      }
      case 1 -> rule.put("use", Map.of("os", size));
      case 2 -> rule.put("use", Map.of());
      case 3 -> rule.put("use", Map.of("ceph", size));
      case 4 -> {
        var both = new LinkedHashMap<String, Object>();
        both.put("os", random.nextLong(6_000, 60_000));
        both.put("ceph", "all");
        rule.put("use", both);
      }
      default -> {
        rule.put("use", Map.of("cephjournal", size));
        if (oneIn(3)) {
          rule.put("spare", random.nextInt(1, 4));
        }
      }
    }
    return rule;
  }

  private Map<String, Object> bySelector(Set<Role> roles) {
    var rule = new LinkedHashMap<String, Object>();
    rule.put("media", any(List.of("nvme", "ssd", "hdd")));
    if (oneIn(2)) {
      rule.put("count", random.nextInt(1, 3));
    }
    if (roles.contains(Role.CEPH_OSD) && !oneIn(4)) {
      rule.put("use", Map.of("cephjournal", "all"));
    } else {
      rule.put("keep", true);
    }
    return rule;
  }
}
