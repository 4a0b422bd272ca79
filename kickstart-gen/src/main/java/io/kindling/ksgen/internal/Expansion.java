package io.kindling.ksgen.internal;

import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.Use;
import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.KsSpaces.Type;
import io.kindling.ksgen.KsSpaces.Volume;
import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One run of the expansion.
public final class Expansion {

  private static final int MAX_PARTITIONS = 128;
  private static final int MAX_LABEL = 36;

  private final KsSpaces spaces;
  private final Facts facts;
  private final UUID node;
  private final int attempt;
  private final Ids ids;
  private final Policy.DiskSizes table = Policy.standard().disk();
  private final Map<String, Integer> labels = new HashMap<>();

  /// Slots and assigned OSDs of a journal volume.
  private record Slots(int assigned, int spare) {}

  private final Map<Volume, Slots> journals = new IdentityHashMap<>();

  private Expansion(KsSpaces spaces, UUID node, int attempt, Facts facts) {
    this.spaces = spaces;
    this.node = node;
    this.attempt = attempt;
    this.facts = facts;
    this.ids = new Ids(node, attempt);
  }

  public static DiskPlan of(KsSpaces spaces, UUID node, int attempt, Facts facts) {
    return new Expansion(spaces, node, attempt, facts).run();
  }

  private DiskPlan run() {
    List<KsSpaces.Disk> touched = spaces.disks().stream().filter(d -> !d.untouched()).toList();
    assignJournals(touched);
    var disks = new ArrayList<PlannedDisk>();
    var seen = new HashSet<String>();
    for (KsSpaces.Disk disk : touched) {
      PlannedDisk planned = disk(disk);
      if (!seen.add(planned.id())) {
        throw bad("Disk " + planned.id() + " is in the allocation twice.");
      }
      disks.add(planned);
    }
    if (disks.isEmpty()) {
      throw new LayoutException(LayoutError.NO_DISK, "The allocation partitions none.");
    }
    var mounts = new HashSet<String>();
    List<DiskPlan.VolumeGroup> groups = new Groups(spaces, ids).expand(disks);
    var plan = new DiskPlan(node, attempt, disks, List.of(), groups, osdDb(disks));
    for (DiskPlan.Mount mount : plan.mounts()) {
      if (!mount.mount().equals("swap") && !mounts.add(mount.mount())) {
        throw bad("Two volumes are mounted at " + mount.mount() + ".");
      }
    }
    return plan;
  }

  private static Use cephUse(Volume volume) {
    String guid = volume.partitionGuid();
    if (guid == null) {
      return Use.OTHER;
    }
    UUID type = uuid(guid);
    return type.equals(GptTypes.CEPH_OSD)
        ? Use.CEPH_OSD
        : type.equals(GptTypes.CEPH_JOURNAL) ? Use.CEPH_JOURNAL : Use.OTHER;
  }

  private void assignJournals(List<KsSpaces.Disk> disks) {
    int osds = 0;
    var devices = new ArrayList<Volume>();
    for (KsSpaces.Disk disk : disks) {
      for (Volume volume : disk.volumes()) {
        if (volume.size() <= 0 || volume.type() != Type.PARTITION) {
          continue;
        }
        switch (cephUse(volume)) {
          case CEPH_OSD -> osds++;
          case CEPH_JOURNAL -> devices.add(volume);
          default -> {
            // nothing of Ceph's
          }
        }
      }
    }
    int[] counts = Journals.spread(osds, devices.size());
    for (int i = 0; i < devices.size(); i++) {
      Object spare = devices.get(i).kindling().getOrDefault("spare", 0);
      if (!(spare instanceof Integer number) || number < 0 || number > MAX_PARTITIONS) {
        throw bad("`spare` of a cephjournal is 0 to " + MAX_PARTITIONS + ".");
      }
      journals.put(devices.get(i), new Slots(counts[i], number));
    }
  }

  /// OSDs in the order of the disks to the journals in the order of theirs.
  private static Map<UUID, UUID> osdDb(List<PlannedDisk> disks) {
    List<UUID> journals = partitions(disks, Use.CEPH_JOURNAL);
    var map = new LinkedHashMap<UUID, UUID>();
    if (!journals.isEmpty()) {
      List<UUID> osds = partitions(disks, Use.CEPH_OSD);
      for (int i = 0; i < osds.size(); i++) {
        map.put(osds.get(i), journals.get(i));
      }
    }
    return map;
  }

  private static List<UUID> partitions(List<PlannedDisk> disks, Use use) {
    return disks.stream()
        .flatMap(d -> d.partitions().stream())
        .filter(p -> p.use() == use)
        .map(PlannedPartition::guid)
        .toList();
  }

  private PlannedDisk disk(KsSpaces.Disk disk) {
    Facts.Disk found = find(disk);
    String id = Selection.lastPart(disk.id());
    if (found.sizeMib() != disk.size()) {
      throw new LayoutException(
          LayoutError.DISK_CHANGED,
          "Disk %s has %d MiB, the allocation is for %d MiB."
              .formatted(id, found.sizeMib(), disk.size()));
    }
    var links = new LinkedHashSet<String>();
    links.add(link(disk.id()));
    for (String link : disk.extra() == null ? List.<String>of() : disk.extra()) {
      links.add(link(link));
    }
    return new PlannedDisk(
        Values.text("a disk's ID", id),
        Values.text("a disk's name", disk.name()),
        List.copyOf(links),
        found.sizeBytes(),
        found.model(),
        found.serial(),
        ids.of(id, Ids.DISK),
        false,
        new Partitions(disk, id).expand());
  }

  private Facts.Disk find(KsSpaces.Disk disk) {
    var names = new HashSet<String>();
    names.add(disk.id());
    if (disk.extra() != null) {
      names.addAll(disk.extra());
    }
    List<Facts.Disk> found =
        facts.disks().stream()
            .filter(
                d -> names.contains(d.bestLink()) || d.links().stream().anyMatch(names::contains))
            .toList();
    if (found.isEmpty()) {
      throw new LayoutException(
          LayoutError.DISK_MISSING, disk.id() + " (" + disk.name() + ", " + disk.size() + " MiB).");
    }
    if (found.size() > 1) {
      throw new LayoutException(
          LayoutError.AMBIGUOUS_DISK,
          disk.id() + ": " + found.stream().map(Facts.Disk::id).toList() + ".");
    }
    return found.getFirst();
  }

  private static String link(String link) {
    return Values.link(link);
  }

  /// The partitions of one disk under way.
  private final class Partitions {
    private final KsSpaces.Disk disk;
    private final String id;
    private final List<PlannedPartition> made = new ArrayList<>();
    private long next = table.headMib();

    Partitions(KsSpaces.Disk disk, String id) {
      this.disk = disk;
      this.id = id;
    }

    List<PlannedPartition> expand() {
      boolean system = disk.volumes().stream().anyMatch(v -> v.size() > 0 && isSystem(v));
      boot(system);
      for (Volume volume : disk.volumes()) {
        if (volume.keep()) {
          throw new LayoutException(
              LayoutError.NOT_YET, "Disk " + id + ": `keep` on a single volume.");
        }
        if (volume.size() > 0) {
          volume(volume);
        }
      }
      long end = disk.size() - table.tailMib();
      if (next > end) {
        throw new LayoutException(
            LayoutError.DOES_NOT_FIT,
            "Disk %s (%d MiB) is %d MiB short.".formatted(id, disk.size(), next - end));
      }
      return made;
    }

    private static boolean isSystem(Volume volume) {
      String mount = volume.mountPoint();
      return "/boot".equals(mount)
          || "/".equals(mount)
          || volume.type() == Type.PV && "os".equals(volume.vg());
    }

    private void boot(boolean system) {
      long boot =
          disk.volumes().stream().filter(v -> v.type() == Type.BOOT).mapToLong(Volume::size).sum();
      add("bios", Use.BIOS_BOOT, GptTypes.BIOS_BOOT, table.biosBootMib(), null, null, null);
      if (!system) {
        return;
      }
      long esp = boot - table.biosBootMib();
      if (esp < GptTypes.LEAST_ESP_MIB) {
        throw new LayoutException(
            LayoutError.DOES_NOT_FIT,
            "Disk %s: `boot` needs %d MiB for BIOS boot and ESP, it is %d MiB short."
                .formatted(
                    id,
                    table.biosBootMib() + GptTypes.LEAST_ESP_MIB,
                    GptTypes.LEAST_ESP_MIB - esp));
      }
      add("esp", Use.ESP, GptTypes.ESP, esp, espMount(), "vfat", null);
    }

    /// Only one ESP can be mounted; the first.
    private @Nullable String espMount() {
      return labels.getOrDefault("esp", 0) == 0 ? "/boot/efi" : null;
    }

    private void volume(Volume volume) {
      switch (volume.type()) {
        case BOOT, LVM_META_POOL -> {
          // made by boot(); only a number for Fuel's user interface
        }
        case PV ->
            add(
                Objects.requireNonNull(volume.vg()),
                Use.PHYSICAL_VOLUME,
                GptTypes.LVM,
                volume.size(),
                null,
                null,
                Values.lvmName(Objects.requireNonNull(volume.vg())));
        case RAID -> {
          if (disksWith(volume) > 1) {
            throw new LayoutException(
                LayoutError.NOT_YET, "`" + volume.name() + "` as RAID over several disks.");
          }
          partition(volume);
        }
        case PARTITION -> partition(volume);
        case LV -> throw bad("Disk " + id + " holds an `lv`.");
      }
    }

    private long disksWith(Volume volume) {
      return spaces.disks().stream()
          .filter(d ->
              d.volumes().stream()
                  .anyMatch(v ->
                      v.type() == Type.RAID
                          && v.size() > 0
                          && Objects.equals(v.name(), volume.name())))
          .count();
    }

    private void partition(Volume volume) {
      Use ceph = cephUse(volume);
      String name = volume.name() == null ? "data" : volume.name();
      if (ceph == Use.CEPH_JOURNAL) {
        journal(volume, name);
        return;
      }
      if (ceph == Use.CEPH_OSD) {
        add(name, Use.CEPH_OSD, GptTypes.CEPH_OSD, volume.size(), null, null, null);
        return;
      }
      String fs = Values.fileSystem(volume.fileSystemOrNull());
      UUID type =
          volume.partitionGuid() != null
              ? uuid(volume.partitionGuid())
              : "swap".equals(fs) ? GptTypes.SWAP : GptTypes.LINUX;
      Use use = fs == null ? Use.OTHER : fs.equals("swap") ? Use.SWAP : Use.FILE_SYSTEM;
      String mount = use == Use.SWAP ? "swap" : Values.mount(volume.mountPoint());
      add(name, use, type, volume.size(), mount, fs, null);
    }

    private void journal(Volume volume, String name) {
      Slots slots = Objects.requireNonNull(journals.get(volume));
      int all = slots.assigned() + slots.spare();
      long end = next + volume.size();
      for (int i = 0; i < slots.assigned(); i++) {
        long size = volume.size() / all;
        if (size < 1) {
          throw new LayoutException(
              LayoutError.DOES_NOT_FIT,
              "Disk %s: %d journals in %d MiB are %d MiB short."
                  .formatted(id, all, volume.size(), all - volume.size()));
        }
        add(name, Use.CEPH_JOURNAL, GptTypes.CEPH_JOURNAL, size, null, null, null);
      }
      next = end;
    }

    private void add(
        String volume,
        Use use,
        UUID type,
        long size,
        @Nullable String mount,
        @Nullable String fileSystem,
        @Nullable String group) {
      int number = made.size() + 1;
      if (number > MAX_PARTITIONS) {
        throw new LayoutException(LayoutError.TOO_MANY_PARTITIONS, "Disk " + id + ".");
      }
      UUID content = ids.of(id, Ids.FILE_SYSTEM + number);
      String contentId =
          fileSystem == null
              ? null
              : fileSystem.equals("vfat") ? Ids.fatSerial(content) : content.toString();
      made.add(
          new PlannedPartition(
              number,
              label(volume),
              use,
              type,
              ids.of(id, number),
              next,
              size,
              mount,
              fileSystem,
              contentId,
              group,
              null));
      next += size;
    }
  }

  /// `kindling-VOLUME-N`, N counted over the node: no two partitions of a node have one name.
  private String label(String volume) {
    String plain = volume.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String name = plain.replaceAll("^-|-$", "");
    String key = name.isEmpty() ? "data" : name.substring(0, Math.min(20, name.length()));
    int number = labels.merge(key, 1, Integer::sum);
    String label = "kindling-" + key + "-" + number;
    return label.length() <= MAX_LABEL ? label : label.substring(0, MAX_LABEL);
  }

  private static UUID uuid(String text) {
    if (!text.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")) {
      throw bad("A partition_guid is not a GUID: `" + text + "`.");
    }
    return UUID.fromString(text);
  }

  private static LayoutException bad(String why) {
    return new LayoutException(LayoutError.BAD_VALUE, why);
  }

  /// Volume groups and what is in them.
  private record Groups(KsSpaces spaces, Ids ids) {

    private static final long EXTENT_MIB = 4;

    List<DiskPlan.VolumeGroup> expand(List<PlannedDisk> disks) {
      Set<String> onDisks = new LinkedHashSet<>();
      var extents = new HashMap<String, Long>();
      for (PlannedDisk disk : disks) {
        for (PlannedPartition p : disk.partitions()) {
          if (p.volumeGroup() != null) {
            onDisks.add(p.volumeGroup());
            // LVM's own data take 1 MiB at the start (data alignment).
            extents.merge(p.volumeGroup(), (p.sizeMib() - 1) / EXTENT_MIB, Long::sum);
          }
        }
      }
      var groups = new ArrayList<DiskPlan.VolumeGroup>();
      for (KsSpaces.Group group : spaces.groups()) {
        if (!onDisks.remove(group.id())) {
          continue; // Fuel lists every group of the roles, also those with no room given.
        }
        groups.add(group(group, Objects.requireNonNull(extents.get(group.id()))));
      }
      if (!onDisks.isEmpty()) {
        throw bad("No volume group has the id " + onDisks.iterator().next() + ".");
      }
      return groups;
    }

    private DiskPlan.VolumeGroup group(KsSpaces.Group group, long extents) {
      var volumes = new ArrayList<DiskPlan.LogicalVolume>();
      var names = new HashSet<String>();
      long needed = 0;
      int number = 0;
      for (Volume volume : group.volumes()) {
        if (volume.keep()) {
          throw new LayoutException(LayoutError.NOT_YET, "`keep` on a single volume.");
        }
        if (volume.size() <= 0) {
          continue;
        }
        number++;
        String name = Values.lvmName(Objects.requireNonNull(volume.name()));
        if (!names.add(name)) {
          throw bad("Group " + group.id() + " has two volumes `" + name + "`.");
        }
        needed += (volume.size() + EXTENT_MIB - 1) / EXTENT_MIB;
        String fs = Values.fileSystem(volume.fileSystemOrNull());
        String mount =
            "swap".equals(fs) ? "swap" : fs == null ? null : Values.mount(volume.mountPoint());
        volumes.add(
            new DiskPlan.LogicalVolume(
                name,
                volume.size(),
                mount,
                fs,
                fs == null
                    ? null
                    : ids.of("vg/" + group.id(), Ids.FILE_SYSTEM + number).toString()));
      }
      if (needed > extents) {
        throw new LayoutException(
            LayoutError.DOES_NOT_FIT,
            "Volume group %s is %d MiB short."
                .formatted(group.id(), (needed - extents) * EXTENT_MIB));
      }
      return new DiskPlan.VolumeGroup(Values.lvmName(group.id()), false, volumes);
    }
  }
}
