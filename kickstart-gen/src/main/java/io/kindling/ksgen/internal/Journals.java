package io.kindling.ksgen.internal;

import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.Use;
import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.KsSpaces.Type;
import io.kindling.ksgen.KsSpaces.Volume;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/// How OSDs spread over journal devices. What is kept takes no part: a kept OSD has its journal.
final class Journals {

  /// What partitions are called that are to be the journals of OSDs added later; sorted by name
  /// they come after those that OSDs have.
  static final String SPARE = "cephspare";

  /// How many partitions a journal volume is divided into: for the node's OSDs, and for later ones.
  record Slots(int assigned, int spare) {}

  private final Map<Volume, Slots> slots = new IdentityHashMap<>();

  Journals(List<KsSpaces.Disk> disks) {
    int osds = 0;
    var devices = new ArrayList<Volume>();
    for (KsSpaces.Disk disk : disks) {
      for (Volume volume : disk.volumes()) {
        if (volume.size() > 0 && volume.type() == Type.PARTITION && !volume.keep()) {
          switch (use(volume)) {
            case CEPH_OSD -> osds++;
            case CEPH_JOURNAL -> devices.add(volume);
            default -> {
              // nothing of Ceph's
            }
          }
        }
      }
    }
    int[] counts = spread(osds, devices.size());
    for (int i = 0; i < devices.size(); i++) {
      Object spare = devices.get(i).kindling().getOrDefault("spare", 0);
      if (!(spare instanceof Integer number) || number < 0 || number > Expansion.MAX_PARTITIONS) {
        throw Expansion.bad("`spare` of a cephjournal is 0 to " + Expansion.MAX_PARTITIONS + ".");
      }
      slots.put(devices.get(i), new Slots(counts[i], number));
    }
  }

  Slots of(Volume journal) {
    return Objects.requireNonNull(slots.get(journal));
  }

  /// What a partition is for by its `partition_guid`.
  static Use use(Volume volume) {
    String guid = volume.partitionGuid();
    if (guid == null) {
      return Use.OTHER;
    }
    UUID type = Kept.guid(guid);
    if (type == null) {
      throw Expansion.bad("A partition_guid is not a GUID: `" + guid + "`.");
    }
    return use(type);
  }

  static Use use(UUID type) {
    return type.equals(GptTypes.CEPH_OSD)
        ? Use.CEPH_OSD
        : type.equals(GptTypes.CEPH_JOURNAL) ? Use.CEPH_JOURNAL : Use.OTHER;
  }

  /// As even as can be, the first devices get one more: 5 on 2 is 3 and 2.
  static int[] spread(int osds, int devices) {
    int[] counts = new int[devices];
    for (int i = 0; i < devices; i++) {
      counts[i] = osds / devices + (i < osds % devices ? 1 : 0);
    }
    return counts;
  }

  /// OSDs in the order of the disks to the journals in the order of theirs.
  static Map<UUID, UUID> osdDb(List<PlannedDisk> disks) {
    List<UUID> journals = made(disks, Use.CEPH_JOURNAL);
    var map = new LinkedHashMap<UUID, UUID>();
    if (!journals.isEmpty()) {
      List<UUID> osds = made(disks, Use.CEPH_OSD);
      for (int i = 0; i < osds.size(); i++) {
        map.put(osds.get(i), journals.get(i));
      }
    }
    return map;
  }

  private static List<UUID> made(List<PlannedDisk> disks, Use use) {
    return disks.stream()
        .flatMap(d -> d.partitions().stream())
        .filter(p -> p.use() == use && !p.keep())
        .map(PlannedPartition::guid)
        .toList();
  }
}
