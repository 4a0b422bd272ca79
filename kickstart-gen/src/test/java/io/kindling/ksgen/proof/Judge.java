package io.kindling.ksgen.proof;

import io.kindling.ksgen.proof.Document.Drive;
import io.kindling.ksgen.proof.ScriptPlan.Disk;
import io.kindling.ksgen.proof.ScriptPlan.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Judges a partition script against the discovery document, the roles and the rules it was made
/// from. Knows nothing of how layouts come about: its tables are written from the documentation and
/// from the specifications named beside them, never from the product's own data.
final class Judge {

  private static final long MIB = 1 << 20;

  /// GPT type GUIDs: UEFI 2.10 table 5.7 (ESP), the GRUB manual (BIOS boot), the Discoverable
  /// Partitions Specification (Linux data, swap, LVM, RAID), and docs/layout.md (Ceph).
  static final String BIOS = "21686148-6449-6e6f-744e-656564454649";

  static final String ESP = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
  static final String LINUX = "0fc63daf-8483-4772-8e79-3d69d8477de4";
  static final String SWAP = "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f";
  static final String LVM = "e6d6d379-f507-44c2-a23c-238f2a3df928";
  static final String RAID = "a19d880f-05fc-4d3b-a006-743f0f84911e";
  static final String OSD = "4fbd7e29-9d25-41b8-afd0-062c0ceff05d";
  static final String JOURNAL = "45b0969e-9b03-4f30-b4c6-b4b80ceff106";

  /// What a partition of that name must be at least, and its types. /boot: RHEL's advice. ESP: 260
  /// MiB is the least FAT32 with sectors of 4096 bytes (65,525 clusters of one sector). OSD: Fuel's
  /// 2 GiB + 1 GiB. Journals hold at least RocksDB's levels 0 to 2 (half a GiB).
  private record Kind(long minimum, Set<String> types) {}

  private static final Map<String, Kind> PARTITIONS =
      Map.ofEntries(
          Map.entry("bios", new Kind(1, Set.of(BIOS))),
          Map.entry("esp", new Kind(260, Set.of(ESP, RAID))),
          Map.entry("boot", new Kind(1024, Set.of(LINUX, RAID))),
          Map.entry("os", new Kind(4096 + 512 + 64, Set.of(LVM, RAID))),
          Map.entry("ceph", new Kind(3072, Set.of(OSD))),
          Map.entry("cephjournal", new Kind(512, Set.of(JOURNAL))),
          Map.entry("cephspare", new Kind(512, Set.of(JOURNAL))),
          Map.entry("image", new Kind(5120, Set.of(LVM, RAID))),
          Map.entry("vm", new Kind(5120, Set.of(LVM, RAID))),
          Map.entry("cinder", new Kind(1536, Set.of(LVM, RAID))),
          Map.entry("logs", new Kind(1024, Set.of(LVM, RAID))));

  /// Logical volumes: Fuel's minimums where it has one.
  private static final Map<String, Long> VOLUMES =
      Map.of(
          "root", 4096L,
          "swap", 512L,
          "image", 5120L,
          "vm", 5120L,
          "glance", 5120L,
          "nova", 5120L);

  private static final Pattern LABEL = Pattern.compile("kindling-([a-z0-9-]+)-([1-9][0-9]*)");
  private static final Pattern GUID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");

  private final Document document;
  private final Set<String> roles;
  private final Rules rules;
  private final ScriptPlan plan;
  private final Map<String, Drive> byName = new HashMap<>();
  private final List<String> faults = new ArrayList<>();

  private Judge(Document document, Set<String> roles, Rules rules, ScriptPlan plan) {
    this.document = document;
    this.roles = roles;
    this.rules = rules;
    this.plan = plan;
    document.drives().forEach(d -> d.paths().forEach(p -> byName.put(p, d)));
  }

  /// What is wrong with a script, in words; empty where nothing is.
  ///
  /// @param roles labels: `ceph-osd`
  static List<String> faults(Document document, Set<String> roles, Rules rules, String script) {
    var judge = new Judge(document, roles, rules, ScriptPlan.of(script));
    judge.targets();
    judge.plan.disks().forEach(judge::geometry);
    judge.identities();
    judge.system();
    judge.groups();
    judge.ceph();
    judge.wishes();
    return judge.faults;
  }

  private void check(boolean holds, String fault, Object... values) {
    if (!holds) {
      faults.add(fault.formatted(values));
    }
  }

  // ---- Which disks ------------------------------------------------------------------------------

  private void targets() {
    Set<Drive> kept = rules.kept();
    var taken = new HashSet<Drive>();
    for (Disk disk : plan.disks()) {
      Drive drive = drive(disk);
      if (drive == null) {
        faults.add("disk " + disk.id() + " is no drive of the document");
        continue;
      }
      check(taken.add(drive), "drive %s is in the plan twice", drive.name());
      check(
          !disk.partitions().isEmpty() || !disk.kept().isEmpty(),
          "disk %s gets nothing",
          disk.id());
      check(drive.bytes() == disk.about().number("BYTES"), "disk %s: another size", disk.id());
      check(!drive.dead() && !drive.readOnly(), "disk %s is dead or read-only", disk.id());
      check(!drive.isUsb() || rules.names(drive), "disk %s is USB and was not named", disk.id());
      check(!kept.contains(drive), "disk %s is to be kept", disk.id());
      check(
          drive.links().isEmpty()
              ? disk.links().equals(List.of(drive.name().replace('!', '/')))
              : drive.links().containsAll(disk.links()),
          "disk %s: links %s are not its own %s",
          disk.id(),
          disk.links(),
          drive.links());
      check(
          drive.links().isEmpty() || !disk.links().isEmpty(),
          "disk %s has lost its links",
          disk.id());
      for (String what : List.of("MODEL", "SERIAL")) {
        String told = what.equals("MODEL") ? drive.model() : drive.serial();
        String planned = disk.about().text(what);
        check(
            planned.isEmpty() || told.isEmpty() || sameText(told, planned),
            "disk %s: %s is `%s`, the document says `%s`",
            disk.id(),
            what,
            planned,
            told);
      }
    }
    if (!rules.any()) {
      defaultTargets(taken);
    }
  }

  /// Without rules: the general volumes on the first drive, with `ceph-osd` every other eligible
  /// one.
  private void defaultTargets(Set<Drive> taken) {
    List<Drive> eligible = document.drives().stream().filter(Drive::eligible).toList();
    if (roles.contains("ceph-osd")) {
      check(
          taken.equals(Set.copyOf(eligible)), "not all eligible drives are used: %s", names(taken));
    } else if (!roles.contains("cinder-lvm")) {
      check(taken.size() == 1, "general volumes lie on %s", names(taken));
    }
    // A drive of the network has no place in the machine.
    List<Drive> own = eligible.stream().filter(d -> !d.bus().equals("iscsi")).toList();
    if (!own.isEmpty() && own.stream().noneMatch(d -> d.place().isEmpty())) {
      Drive first =
          own.stream().min((a, b) -> Document.NATURAL.compare(a.place(), b.place())).orElseThrow();
      check(
          plan.disks().stream().anyMatch(d -> Objects.equals(drive(d), first) && has(d, "boot")),
          "the system is not on the first drive %s",
          first.place());
    }
  }

  private static List<String> names(Set<Drive> drives) {
    return drives.stream().map(Drive::name).sorted().toList();
  }

  /// The parser may cut and clean text; what remains must be the document's beginning.
  private static boolean sameText(String told, String planned) {
    String a = told.strip().replaceAll("\\s+", " ");
    String b = planned.strip().replaceAll("\\s+", " ");
    return a.equals(b) || (b.length() >= 64 && a.startsWith(b));
  }

  private Drive drive(Disk disk) {
    Drive drive = byName.get(disk.about().text("NAME"));
    return drive != null && drive.called(disk.id()) ? drive : null;
  }

  // ---- Where on the disk
  // --------------------------------------------------------------------------

  private void geometry(Disk disk) {
    Drive drive = drive(disk);
    if (drive == null) {
      return;
    }
    // UEFI 2.10 §5.3.1: header and 16 KiB of entries after the protective MBR and again at the end.
    long sector = drive.sector();
    long entries = (16384 + sector - 1) / sector;
    long lastUsable = drive.bytes() / sector - 2 - entries;
    var byStart = new TreeMap<Long, Place>();
    var numbers = new HashSet<Long>();
    for (Row p : disk.partitions()) {
      check(p.number("SIZE-MIB") > 0, "disk %s: empty: %s", disk.id(), p);
      check(p.number("START-MIB") * MIB % sector == 0, "disk %s: unaligned: %s", disk.id(), p);
      place(disk, byStart, numbers, p, p.number("START-MIB") * MIB, p.number("SIZE-MIB") * MIB);
    }
    for (Row p : disk.kept()) {
      place(disk, byStart, numbers, p, p.number("START-BYTE"), p.number("BYTES"));
    }
    long free = (2 + entries) * sector;
    for (Place p : byStart.values()) {
      check(p.start >= free, "disk %s: overlap before %s", disk.id(), p.row);
      free = p.start + p.length;
      check(free <= (lastUsable + 1) * sector, "disk %s: ends beyond it: %s", disk.id(), p.row);
    }
  }

  /// In bytes.
  private record Place(Row row, long start, long length) {}

  private void place(
      Disk disk, Map<Long, Place> byStart, Set<Long> numbers, Row row, long start, long length) {
    long number = row.number("NUMBER");
    check(numbers.add(number), "disk %s: two of one number: %s", disk.id(), row);
    check(number >= 1 && number <= 128, "disk %s: %s is not in a GPT", disk.id(), row);
    check(
        byStart.put(start, new Place(row, start, length)) == null,
        "disk %s: equal start",
        disk.id());
  }

  // ---- Names and ids
  // -----------------------------------------------------------------------------

  private void identities() {
    var ids = new HashSet<String>();
    var labels = new HashSet<String>();
    for (Disk disk : plan.disks()) {
      Drive drive = drive(disk);
      boolean keeps = disk.about().has("KEEP_TABLE");
      unique(ids, disk.about().text("GUID"), !keeps);
      check(
          !keeps || (drive != null && drive.table().equals(disk.about().text("GUID"))),
          "disk %s keeps a table that it has not",
          disk.id());
      check(keeps == !disk.kept().isEmpty(), "disk %s: table and partitions disagree", disk.id());
      for (Row p : disk.partitions()) {
        unique(ids, p.text("PARTUUID"), true);
        if (p.has("FS-ID")) {
          unique(ids, p.text("FS-ID"), false);
        }
        if (p.has("PV-ID")) {
          unique(ids, p.text("PV-ID"), false);
        }
        String label = p.text("LABEL");
        check(labels.add(label), "two partitions are named %s", label);
        check(label.length() <= 36, "%s is longer than a GPT's name", label);
        Kind kind = PARTITIONS.get(volume(p));
        if (!LABEL.matcher(label).matches()) {
          faults.add("the name " + label + " is not kindling-VOLUME-N");
        } else if (kind != null) {
          check(kind.types.contains(p.text("TYPE")), "%s has type %s", label, p.text("TYPE"));
          check(
              p.number("SIZE-MIB") >= kind.minimum,
              "%s has %s MiB, needs %s",
              label,
              p.text("SIZE-MIB"),
              kind.minimum);
        } else {
          check(
              Set.of(LVM, RAID, LINUX, SWAP).contains(p.text("TYPE")),
              "%s has type %s",
              label,
              p.text("TYPE"));
        }
      }
    }
    plan.groups()
        .forEach(g ->
            g.volumes().stream()
                .filter(v -> v.has("FS-ID"))
                .forEach(v -> unique(ids, v.text("FS-ID"), false)));
  }

  private void unique(Set<String> ids, String id, boolean ours) {
    check(ids.add(id), "the id %s is given twice", id);
    check(!ours || GUID.matcher(id).matches(), "%s is no lower-case UUIDv5", id);
  }

  private static String volume(Row partition) {
    var m = LABEL.matcher(partition.values().getOrDefault("LABEL", ""));
    return m.matches() ? m.group(1) : "";
  }

  private static boolean has(Disk disk, String volume) {
    return count(disk, volume) > 0;
  }

  private static long count(Disk disk, String volume) {
    return disk.partitions().stream().filter(p -> volume(p).equals(volume)).count();
  }

  private static List<Row> all(Disk disk, String type) {
    return disk.partitions().stream().filter(p -> p.text("TYPE").equals(type)).toList();
  }

  // ---- The system
  // ----------------------------------------------------------------------------------

  /// Every disk of the plan boots by BIOS; ESP and /boot are where the system is: once, or equal on
  /// the two disks of a mirror.
  private void system() {
    var systems = new ArrayList<Disk>();
    for (Disk disk : plan.disks()) {
      if (disk.kept().isEmpty()) {
        check(all(disk, BIOS).size() == 1, "disk %s has no BIOS boot partition", disk.id());
      }
      boolean boots = has(disk, "boot");
      check(count(disk, "boot") <= 1, "disk %s has two /boot", disk.id());
      check(
          !boots || count(disk, "esp") == 1, "disk %s has %s ESPs", disk.id(), count(disk, "esp"));
      if (boots) {
        systems.add(disk);
      }
    }
    check(
        systems.size() == (plan.arrays().isEmpty() ? 1 : 2), "%s disks hold /boot", systems.size());
    check(
        plan.arrays().isEmpty() == !rules.mirrored(),
        "arrays %s by rules %s",
        plan.arrays(),
        rules);
    plan.arrays().forEach(this::mirror);
    for (Disk disk : plan.disks()) {
      for (Row p : all(disk, RAID)) {
        check(member(p), "%s is of no array", p.text("LABEL"));
      }
    }
  }

  /// The members of an array are two, equal in size, on two disks; what firmware and boot loader
  /// read has its superblock at the end.
  private void mirror(Row array) {
    String name = array.text("NAME");
    var drives = new HashSet<Drive>();
    var sizes = new HashSet<String>();
    List<String> members = ScriptPlan.words(array.text("PARTUUIDS"));
    for (String id : members) {
      for (Disk disk : plan.disks()) {
        for (Row p : disk.partitions()) {
          if (p.text("PARTUUID").equals(id)) {
            drives.add(drive(disk));
            sizes.add(p.text("SIZE-MIB"));
            check(
                p.text("TYPE").equals(RAID) || (name.equals("esp") && p.text("TYPE").equals(ESP)),
                "array %s: member of type %s",
                name,
                p.text("TYPE"));
          }
        }
      }
    }
    check(members.size() == 2, "array %s has %s members", name, members.size());
    check(drives.size() == 2, "array %s lies on %s disks", name, drives.size());
    check(sizes.size() == 1, "array %s has members of different sizes %s", name, sizes);
    check(
        array.text("METADATA").equals("1.0") || !Set.of("esp", "boot").contains(name),
        "array %s has metadata %s",
        name,
        array.text("METADATA"));
  }

  private boolean member(Row partition) {
    return plan.arrays().stream()
        .anyMatch(a -> ScriptPlan.words(a.text("PARTUUIDS")).contains(partition.text("PARTUUID")));
  }

  /// LVM gives extents of 4 MiB, the first MiB of a physical volume is its label's and metadata's
  /// (lvm.conf: data alignment 1 MiB). Members of a mirror count once and hold md's own metadata.
  private void groups() {
    for (ScriptPlan.Group group : plan.groups()) {
      long extents = 0;
      boolean seen = false;
      for (Disk disk : plan.disks()) {
        for (Row p : disk.partitions()) {
          if (p.text("GROUP").equals(group.name()) && !member(p)) {
            extents += (p.number("SIZE-MIB") - 1) / 4;
            seen = true;
          }
        }
      }
      for (Row array : plan.arrays()) {
        if (array.text("GROUP").equals(group.name())) {
          extents += (smallest(array) - 2) / 4;
          seen = true;
        }
      }
      check(seen, "group %s has no physical volume", group.name());
      long wanted = 0;
      for (Row v : group.volumes()) {
        wanted += (v.number("SIZE-MIB") + 3) / 4;
        Long least = VOLUMES.get(v.text("NAME"));
        check(
            v.number("SIZE-MIB") > 0 && (least == null || v.number("SIZE-MIB") >= least),
            "volume %s/%s has %s MiB",
            group.name(),
            v.text("NAME"),
            v.text("SIZE-MIB"));
      }
      check(wanted <= extents, "group %s: %s extents of %s", group.name(), wanted, extents);
    }
    check(
        plan.groups().stream()
            .filter(g -> g.name().equals("os"))
            .anyMatch(g -> g.volumes().stream().anyMatch(v -> v.text("NAME").equals("root"))),
        "there is no root volume");
  }

  private long smallest(Row array) {
    List<String> members = ScriptPlan.words(array.text("PARTUUIDS"));
    return plan.disks().stream()
        .flatMap(d -> d.partitions().stream())
        .filter(p -> members.contains(p.text("PARTUUID")))
        .mapToLong(p -> p.number("SIZE-MIB"))
        .min()
        .orElse(0);
  }

  // ---- Ceph
  // ------------------------------------------------------------------------------------------

  private void ceph() {
    long osds = 0;
    var journals = new LinkedHashMap<String, List<Row>>();
    for (Disk disk : plan.disks()) {
      osds += all(disk, OSD).size();
      check(all(disk, OSD).size() <= 1, "disk %s has two OSDs", disk.id());
      List<Row> slots = all(disk, JOURNAL);
      if (!slots.isEmpty()) {
        journals.put(disk.id(), slots);
      }
    }
    // A drive that is kept can hold the node's OSDs.
    boolean kept = rules.entries().stream().anyMatch(e -> e.containsKey("keep"));
    check(
        osds > 0 ? roles.contains("ceph-osd") : !roles.contains("ceph-osd") || kept,
        "%s OSDs with roles %s",
        osds,
        roles);
    if (journals.isEmpty()) {
      return;
    }
    List<Long> used =
        journals.values().stream()
            .map(rows -> rows.stream().filter(r -> volume(r).equals("cephjournal")).count())
            .toList();
    long slots = used.stream().mapToLong(Long::longValue).sum();
    check(slots == osds, "%s journals for %s OSDs", slots, osds);
    long most = Collections.max(used);
    long least = Collections.min(used);
    check(most - least <= 1, "journals are spread %s to %s", least, most);
    journals.forEach((disk, rows) ->
        check(
            rows.stream().map(r -> r.text("SIZE-MIB")).distinct().count() == 1,
            "journals of %s differ in size",
            disk));
  }

  // ---- What the operator asked for
  // ------------------------------------------------------------------

  /// A partition to be kept stands in the plan exactly where the document tells.
  private void stays(String name, Drive drive, Disk disk) {
    List<Document.Part> parts =
        drive.parts().stream()
            .filter(p ->
                p.label().equals(name)
                    || p.uuid().equalsIgnoreCase(name)
                    || (name.equals("ceph") && p.type().equals(OSD))
                    || p.label().matches("kindling-" + Pattern.quote(name) + "-[0-9]+"))
            .toList();
    check(!parts.isEmpty(), "%s has no %s to keep", drive.name(), name);
    for (Document.Part part : parts) {
      check(
          disk.kept().stream()
              .anyMatch(k ->
                  k.text("PARTUUID").equalsIgnoreCase(part.uuid())
                      && k.number("NUMBER") == part.number()
                      && k.number("START-BYTE") == part.start()
                      && k.number("BYTES") == part.bytes()),
          "disk %s: %s does not stay: %s",
          disk.id(),
          part,
          disk.kept());
    }
  }

  /// A rule by id that gives a disk to volumes: those and no others are on it, and by size where a
  /// size was given.
  private void wishes() {
    var byDrive = new HashMap<Drive, Disk>();
    plan.disks().forEach(d -> byDrive.put(drive(d), d));
    for (Rules.Wish wish : rules.wishes()) {
      Disk disk = byDrive.get(wish.drive());
      boolean idle = wish.volumes().isEmpty() && wish.kept().isEmpty();
      check(
          (disk == null) == idle,
          "%s is to hold %s and %s in the plan",
          wish.drive().name(),
          wish.volumes(),
          disk == null ? "is not" : "is");
      if (disk == null) {
        continue;
      }
      wish.volumes()
          .forEach((volume, size) -> {
            List<Row> rows =
                disk.partitions().stream().filter(p -> volume(p).equals(volume)).toList();
            long journals = plan.disks().stream().mapToLong(d -> all(d, JOURNAL).size()).sum();
            boolean idleJournal = volume.equals("cephjournal") && journals > 0 && rows.isEmpty();
            check(!rows.isEmpty() || idleJournal, "%s holds no %s", disk.id(), volume);
            if (size != null && volume.equals("ceph") && !rows.isEmpty()) {
              check(
                  rows.getFirst().number("SIZE-MIB") == size,
                  "%s: ceph is %s MiB, wanted %s",
                  disk.id(),
                  rows.getFirst().text("SIZE-MIB"),
                  size);
            }
            if (size != null && volume.equals("cephjournal")) {
              check(
                  rows.stream().mapToLong(r -> r.number("SIZE-MIB")).sum() <= size,
                  "%s: journals take more than %s MiB",
                  disk.id(),
                  size);
            }
          });
      check(
          count(disk, "cephspare") == wish.spare(),
          "%s has %s spare journals, wanted %s",
          disk.id(),
          count(disk, "cephspare"),
          wish.spare());
      wish.kept().forEach(k -> stays(k, wish.drive(), disk));
      // What is given by size leaves room for the system, where this is the drive for it.
      boolean wholly = wish.volumes().containsValue(null);
      for (Row p : disk.partitions()) {
        String volume = volume(p);
        check(
            Set.of("bios", "esp", "boot").contains(volume)
                || wish.volumes().containsKey(volume)
                || ((!wholly || has(disk, "boot"))
                    && !Set.of("ceph", "cephjournal", "cephspare").contains(volume))
                || (volume.equals("cephspare") && wish.volumes().containsKey("cephjournal")),
            "%s holds %s, which its rule does not give it",
            disk.id(),
            p.text("LABEL"));
      }
    }
  }
}
