package io.kindling.appliance.console;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// A rack in the middle of its installation, with all that the console can show.
final class FixtureModel implements ConsoleModel {

  static final Instant NOW = Instant.parse("2026-11-23T21:00:00Z");
  static final String HOSTILE = "<script>alert(1)</script>\"'`$(id){{ 7*7 }}\u001b[31m\u202e";

  private final List<Map<String, Object>> nodes = new ArrayList<>();
  private final List<Map<String, Object>> events = new ArrayList<>();
  private Optional<Map<String, Object>> networks = Optional.empty();

  static FixtureModel rack() {
    var model = new FixtureModel();
    model.nodes.add(
        model.storage(
            1, "provisioning", Map.of("task", "image", "number", 4, "of", 8, "percent", 62)));
    model.nodes.add(model.storage(2, "provisioned", Map.of()));
    Map<String, Object> failed = model.storage(3, "error", Map.of());
    failed.put("stage", "check-disks");
    failed.put(
        "reason",
        "INS-004: disk wwn-0x5000c500a1b2c3d4 has 32 GiB, the plan was made for 16 GiB; nothing was"
            + " changed on any disk");
    failed.put("lastSeen", NOW.minusSeconds(340).toString());
    model.nodes.add(failed);
    Map<String, Object> blank = model.storage(4, "discovered", Map.of());
    blank.put("roles", List.of());
    blank.put("addresses", Map.of());
    for (Object disk : (List<?>) blank.get("disks")) {
      @SuppressWarnings("unchecked")
      var map = (Map<String, Object>) disk;
      map.put("planned", List.of());
    }
    model.nodes.add(blank);
    model.networks = Optional.of(verified("storage-7"));
    long sequence = 0;
    model.event(++sequence, 300, 1, "boot-stage", null, "asked for an address (UEFI x64)");
    model.event(++sequence, 280, 1, "node-discovered", null, "reported 4 disks, 2 NICs, 64 GiB");
    model.event(
        ++sequence, 90, 3, "task-failed", "INS-004", "disk wwn-0x5000c500a1b2c3d4 is another disk");
    model.event(++sequence, 12, 1, "task-started", null, "image (4 of 8)");
    model.event(++sequence, 4, 0, "cluster-applied", null, "3 nodes assigned");
    return model;
  }

  private static Map<String, Object> verified(String text) {
    Map<String, Object> port =
        Map.of("node", text, "nic", text, "mac", text, "at", text, "address", text);
    return Map.of(
        "good",
        false,
        "at",
        NOW.minusSeconds(60).toString(),
        "ageSeconds",
        60,
        "seconds",
        9,
        "networks",
        List.of(
            Map.of(
                "network",
                text,
                "vlan",
                101,
                "mtu",
                9000,
                "ports",
                List.of(port, port),
                "rows",
                List.of(".s", "x."))),
        "faults",
        List.of(
            Map.of(
                "network",
                text,
                "ports",
                List.of(text),
                "finding",
                Map.of("error", "NET-007", "summary", text, "seen", text, "cure", text))));
  }

  @Override
  public Optional<Map<String, Object>> networks() {
    return networks;
  }

  static FixtureModel empty() {
    return new FixtureModel();
  }

  /// One node, each of its texts hostile.
  static FixtureModel hostile() {
    var model = new FixtureModel();
    Map<String, Object> node =
        model.storage(1, "error", Map.of("task", HOSTILE, "number", 1, "of", 2));
    for (String key :
        List.of(
            "name",
            "stage",
            "reason",
            "vendor",
            "product",
            "serial",
            "uuid",
            "onDisk",
            "hostKey",
            "firmware",
            "bootMac")) {
      node.put(key, HOSTILE);
    }
    for (String key : List.of("labels", "roles", "macs")) {
      node.put(key, List.of(HOSTILE));
    }
    node.put("cpu", Map.of("model", HOSTILE, "sockets", 1, "threads", 2));
    Map<String, Object> summary = summary(HOSTILE);
    for (String key : List.of("vendor", "model", "serial", "cpuModel", "firmwareVersion")) {
      summary.put(key, HOSTILE);
    }
    node.put("summary", summary);
    node.put("addresses", Map.of(HOSTILE, HOSTILE));
    node.put("boot", Map.of("stage", HOSTILE, "at", HOSTILE));
    node.put(
        "nics",
        List.of(
            Map.of(
                "name", HOSTILE, "mac", HOSTILE, "linkUp", true, "addresses", List.of(HOSTILE))));
    node.put(
        "disks",
        List.of(
            Map.of(
                "id",
                HOSTILE,
                "name",
                HOSTILE,
                "model",
                HOSTILE,
                "serial",
                HOSTILE,
                "media",
                HOSTILE,
                "bus",
                HOSTILE,
                "sizeBytes",
                1L << 34,
                "contents",
                List.of(
                    Map.of(
                        "name",
                        HOSTILE,
                        "type",
                        "part",
                        "sizeBytes",
                        1L << 33,
                        "partitionType",
                        HOSTILE,
                        "partitionLabel",
                        HOSTILE,
                        "fileSystem",
                        HOSTILE)),
                "planned",
                List.of(Map.of("label", HOSTILE, "use", HOSTILE, "sizeMib", 100)))));
    model.nodes.add(node);
    model.nodes.add(new LinkedHashMap<>(Map.of("id", "b", "state", HOSTILE)));
    model.event(1, 3, 1, HOSTILE, HOSTILE, HOSTILE);
    model.networks = Optional.of(verified(HOSTILE));
    model.events.getFirst().put("nodeName", HOSTILE);
    return model;
  }

  private void event(long sequence, long ago, int node, String kind, String error, String text) {
    var event = new LinkedHashMap<String, Object>();
    event.put("sequence", sequence);
    event.put("at", NOW.minusSeconds(ago).toString());
    event.put("node", node == 0 ? null : id(node));
    event.put("nodeName", node == 0 ? null : "node-" + node);
    event.put("kind", kind);
    event.put("error", error);
    event.put("text", text);
    events.add(event);
  }

  private static String id(int number) {
    return "0f7f3a52-7d1c-4b0e-9a41-00000000000" + number;
  }

  private Map<String, Object> storage(int number, String state, Map<String, Object> progress) {
    var node = new LinkedHashMap<String, Object>();
    node.put("id", id(number));
    node.put("name", "node-" + number);
    node.put("state", state);
    node.put("stage", null);
    node.put("reason", null);
    node.put("labels", List.of("rack-a", "storage"));
    node.put("roles", List.of("base", "ceph-osd"));
    node.put("attempt", 1);
    node.put("macs", List.of("52:54:00:00:00:0" + number));
    node.put("bootMac", "52:54:00:00:00:0" + number);
    node.put("uuid", "4c4c4544-0044-4810-8031-b4c04f33333" + number);
    node.put("vendor", "Dell Inc.");
    node.put("product", "PowerEdge R640");
    node.put("serial", "8D1K3X" + number);
    node.put("firmware", number % 2 == 0 ? "uefi" : "bios");
    node.put("secureBoot", number == 2);
    node.put(
        "cpu",
        Map.of("model", "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz", "sockets", 2, "threads", 80));
    node.put("memoryBytes", 192L << 30);
    node.put(
        "disks",
        List.of(
            osDisk(),
            journal(),
            data("sdb", "wwn-0x5000c500a1b2c3d4"),
            data("sdc", "wwn-0x5000c500a1b2c3d5")));
    node.put(
        "nics",
        List.of(
            Map.of(
                "name",
                "eno1",
                "mac",
                "52:54:00:00:00:0" + number,
                "linkUp",
                true,
                "addresses",
                List.of("10.20.0.10" + number + "/24", "fe80::5054:ff:fe00:1/64")),
            Map.of(
                "name",
                "eno2",
                "mac",
                "52:54:00:00:01:0" + number,
                "linkUp",
                false,
                "addresses",
                List.of())));
    node.put("addresses", Map.of("management", "10.20.0.1" + number + "/24"));
    node.put("onDisk", null);
    node.put(
        "hostKey",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE0Y0n5QWk2mF6y0mJkqz3v3yZ1u5Yd7y3yqX1lq0cN5");
    node.put("boot", Map.of("stage", "agent", "at", NOW.minusSeconds(200).toString()));
    node.put("progress", progress.isEmpty() ? null : progress);
    node.put(
        "summary", summary(number == 2 ? "1 DIMM less than its siblings: 11, they have 12" : ""));
    node.put("lastSeen", NOW.minusSeconds(6).toString());
    node.put("discovered", NOW.minusSeconds(280).toString());
    node.put("reported", NOW.minusSeconds(280).toString());
    node.put("version", 7);
    return node;
  }

  private static Map<String, Object> summary(String hint) {
    var summary = new LinkedHashMap<String, Object>();
    summary.put("vendor", "Dell Inc.");
    summary.put("model", "PowerEdge R640");
    summary.put("cpus", 80);
    summary.put("memoryMib", 192 << 10);
    summary.put("memoryModules", 12);
    summary.put("disks", 4);
    summary.put("diskBytes", 17_480_000_000_000L);
    summary.put("nics", 2);
    summary.put("nicSpeedMbps", 25_000);
    summary.put("firmware", "uefi");
    summary.put("firmwareVersion", "2.15.1");
    summary.put("hints", hint.isEmpty() ? List.of() : List.of(hint));
    summary.put(
        "ailments",
        hint.isEmpty() ? List.of() : List.of(Map.of("failing", true, "text", "sdb: it fails")));
    return summary;
  }

  private static Map<String, Object> osDisk() {
    var disk =
        disk(
            "sda",
            "wwn-0x5002538e40a1b2c3",
            "SAMSUNG MZ7LH480HAHQ",
            "S45PNA0M",
            "SSD",
            "sata",
            480L * 1000 * 1000 * 1000);
    disk.put(
        "contents",
        List.of(
            content(
                "sda1", 512L << 20, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "EFI System", "vfat"),
            content("sda2", 200L << 30, "0fc63daf-8483-4772-8e79-3d69d8477de4", "", "ext4"),
            content("sda3", 16L << 30, "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f", "", "swap")));
    disk.put(
        "planned",
        List.of(
            Map.of("label", "kindling-boot-1", "use", "BIOS_BOOT", "sizeMib", 1),
            Map.of("label", "kindling-esp-2", "use", "ESP", "sizeMib", 512),
            Map.of("label", "kindling-boot-3", "use", "FILE_SYSTEM", "sizeMib", 1024),
            Map.of("label", "kindling-os-4", "use", "PHYSICAL_VOLUME", "sizeMib", 455_000)));
    return disk;
  }

  private static Map<String, Object> journal() {
    var disk =
        disk(
            "nvme0n1",
            "nvme-eui.0025388b710116a1",
            "INTEL SSDPE2KX010T8",
            "BTLJ8",
            "NVME",
            "nvme",
            1000L * 1000 * 1000 * 1000);
    disk.put(
        "planned",
        List.of(
            Map.of("label", "kindling-boot-1", "use", "BIOS_BOOT", "sizeMib", 1),
            Map.of("label", "kindling-cephjournal-2", "use", "CEPH_JOURNAL", "sizeMib", 240_000),
            Map.of("label", "kindling-cephjournal-3", "use", "CEPH_JOURNAL", "sizeMib", 240_000)));
    return disk;
  }

  private static Map<String, Object> data(String name, String id) {
    var disk =
        disk(
            name,
            id,
            "ST8000NM0055-1RM112",
            "ZA1" + name,
            "HDD",
            "sas",
            8L * 1000 * 1000 * 1000 * 1000);
    disk.put(
        "contents",
        List.of(
            content(
                name + "1",
                7_900L * 1000 * 1000 * 1000,
                "e6d6d379-f507-44c2-a23c-238f2a3df928",
                "",
                "LVM2_member")));
    disk.put(
        "planned",
        List.of(
            Map.of("label", "kindling-boot-1", "use", "BIOS_BOOT", "sizeMib", 1),
            Map.of("label", "kindling-ceph-2", "use", "CEPH_OSD", "sizeMib", 7_600_000)));
    return disk;
  }

  private static Map<String, Object> disk(
      String name, String id, String model, String serial, String media, String bus, long size) {
    var disk = new LinkedHashMap<String, Object>();
    disk.put("id", id);
    disk.put("name", name);
    disk.put("model", model);
    disk.put("serial", serial);
    disk.put("media", media);
    disk.put("bus", bus);
    disk.put("sizeBytes", size);
    disk.put("contents", List.of());
    disk.put("planned", List.of());
    return disk;
  }

  private static Map<String, Object> content(
      String name, long size, String type, String label, String fileSystem) {
    return Map.of(
        "name",
        name,
        "type",
        "part",
        "sizeBytes",
        size,
        "partitionType",
        type,
        "partitionLabel",
        label,
        "fileSystem",
        fileSystem);
  }

  /// All of them, whatever is asked for: what a query finds is told by the API's tests.
  @Override
  public Listed nodes(Map<String, ? extends Collection<String>> query, int length) {
    var counts = new LinkedHashMap<String, Integer>();
    nodes.forEach(n -> counts.merge(String.valueOf(n.get("state")), 1, Integer::sum));
    return new Listed(nodes, nodes.size(), nodes.size(), counts, Optional.of("page two"));
  }

  @Override
  public List<UUID> found(Map<String, ? extends Collection<String>> query) {
    return List.of();
  }

  @Override
  public Optional<Map<String, Object>> hardware(String idOrName) {
    boolean hostile = events.size() == 1;
    return Optional.of(
        Map.of(
            "memory",
            List.of(
                Map.of("slot", hostile ? HOSTILE : "A1", "sizeBytes", 32L << 30, "type", "DDR4")),
            "emptyMemorySlots",
            12,
            "disks",
            List.of(
                Map.of(
                    "name",
                    "sdb",
                    "verdict",
                    "WORN",
                    "findings",
                    List.of(hostile ? HOSTILE : "12 reallocated sectors")))));
  }

  @Override
  public Optional<String> kickstart(String idOrName) {
    return Optional.of(events.size() == 1 ? HOSTILE : "ignoredisk --only-use=sda");
  }

  List<Map<String, Object>> all() {
    return nodes;
  }

  @Override
  public Optional<Map<String, Object>> node(String idOrName) {
    return nodes.stream()
        .filter(n -> idOrName.equals(n.get("id")) || idOrName.equals(n.get("name")))
        .findFirst();
  }

  @Override
  public List<Map<String, Object>> events(int limit) {
    return events;
  }

  @Override
  public Map<String, Object> status() {
    return Map.of(
        "version",
        "0.1.0",
        "startedInMs",
        1430,
        "uptimeSeconds",
        372,
        "memory",
        Map.of("residentBytes", 148L << 20),
        "nodes",
        Map.of("error", 1));
  }

  @Override
  public Optional<String> script(String idOrName) {
    return events.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "#!/bin/sh\nset -eu\n# "
                + (events.size() == 1 ? HOSTILE : "check, then wipe, then partition")
                + "\n");
  }

  @Override
  public Optional<String> plan(String idOrName) {
    return Optional.of(
        "DISK     VOLUME        SIZE\n"
            + "sda      os        455000 MiB\n"
            + "sdb      ceph     7600000 MiB\n");
  }

  @Override
  public List<String> logTail(String idOrName, int lines) {
    var log = new ArrayList<String>();
    for (int i = 0; i < 40; i++) {
      log.add("21:00:%02d image: %d MiB of 1500 MiB written".formatted(i, i * 37));
    }
    log.add(events.size() == 1 ? HOSTILE : "21:00:41 image: sha256 agrees");
    return log;
  }
}
