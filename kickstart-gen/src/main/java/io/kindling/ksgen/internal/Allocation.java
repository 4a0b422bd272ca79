package io.kindling.ksgen.internal;

import io.kindling.inventory.facts.Facts.Content;
import io.kindling.inventory.facts.Facts.Disk;
import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import io.kindling.ksgen.LayoutRequest;
import io.kindling.ksgen.VolumeSize;
import io.kindling.ksgen.internal.Selection.Chosen;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/// One run of the allocation: which volume lies on which disk; [DiskSizes] says how large.
public final class Allocation {

  static final String OS = "os";
  static final String CEPH = "ceph";
  static final String JOURNAL = "cephjournal";

  private final LayoutRequest request;
  private final Policy policy;
  private final Map<String, String> placements;
  private final List<Chosen> chosen;

  private Allocation(LayoutRequest request, Policy policy) {
    this.request = request;
    this.policy = policy;
    this.placements = policy.placements(request.roles());
    this.chosen = Selection.of(request.facts().disks(), request.rules(), policy);
  }

  public static KsSpaces of(LayoutRequest request) {
    return new Allocation(request, Policy.standard()).run();
  }

  private KsSpaces run() {
    checkVolumes();
    List<Chosen> systems = systems();
    placeGeneral(systems);
    placeFullDisk(systems);
    checkKept();
    Map<Chosen, Integer> slots = journalSlots();
    var sizes = new DiskSizes(policy, systems, one -> slots.getOrDefault(one, 0)).of(chosen);
    return new SpacesBuilder(policy, request.facts()).build(systems, sizes);
  }

  /// Every volume that a rule names is one of the node's roles.
  private void checkVolumes() {
    for (Chosen one : chosen) {
      for (String volume : one.use.keySet()) {
        policy.require(volume);
        if (!placements.containsKey(volume)) {
          throw new LayoutException(
              LayoutError.VOLUME_NOT_OF_ROLES,
              "Disk " + one.disk.id() + ": `" + volume + "`, roles " + roleNames() + ".");
        }
      }
    }
  }

  private List<String> roleNames() {
    return request.roles().stream().map(r -> r.label()).sorted().toList();
  }

  /// The disks of the general volumes: where rules say so, else the first drive with room left.
  /// More than one are a mirror.
  private List<Chosen> systems() {
    List<Chosen> named = chosen.stream().filter(c -> c.use.containsKey(OS)).toList();
    long mirrored = named.stream().filter(c -> VolumeSize.MIRROR.equals(c.use.get(OS))).count();
    if (mirrored > 0 && (mirrored < 2 || mirrored < named.size())) {
      throw new LayoutException(
          LayoutError.RULE_CONFLICT,
          "`os: mirror` is for all disks of the system, at least two; it has " + ids(named) + ".");
    }
    if (mirrored == 0 && named.size() > 1) {
      throw new LayoutException(
          LayoutError.RULE_CONFLICT,
          "`os` on more than one disk is a `mirror`, or one of them: " + ids(named) + ".");
    }
    if (!named.isEmpty()) {
      return named;
    }
    Chosen first =
        chosen.stream()
            .filter(c -> Selection.eligible(c.disk) && !c.closed())
            .findFirst()
            .orElseThrow(() ->
                new LayoutException(
                    LayoutError.NO_DISK,
                    chosen.isEmpty()
                        ? "It reports " + request.facts().disks().size() + " disks, none counts."
                        : "The rules leave none for the system."));
    first.use.put(OS, VolumeSize.ALL);
    return List.of(first);
  }

  /// The general volumes that no rule places lie with the system.
  private void placeGeneral(List<Chosen> systems) {
    for (Policy.VolumeRow row : policy.volumes()) {
      String place = placements.get(row.id());
      if (row.general() && place != null && !placed(row.id())) {
        VolumeSize size =
            place.equals("min") ? new VolumeSize.Mib(row.minimumMib()) : VolumeSize.ALL;
        systems.forEach(s -> s.use.put(row.id(), size));
      }
    }
  }

  private boolean placed(String volume) {
    return chosen.stream().anyMatch(c -> c.use.containsKey(volume) || c.keeps(volume));
  }

  /// The first volume of the table that wants whole drives gets every drive that no rule speaks of;
  /// another one shares the system's.
  private void placeFullDisk(List<Chosen> systems) {
    List<String> wanted =
        policy.volumeIds().stream().filter(v -> "full-disk".equals(placements.get(v))).toList();
    for (int i = 0; i < wanted.size(); i++) {
      String volume = wanted.get(i);
      if (i == 0) {
        chosen.stream()
            .filter(c -> !c.ruled && !systems.contains(c))
            .forEach(c -> c.use.put(volume, VolumeSize.ALL));
      }
      if (!placed(volume)) {
        share(volume, systems);
      }
    }
  }

  private void share(String volume, List<Chosen> systems) {
    if (!volume.equals(CEPH)) {
      systems.forEach(s -> s.use.put(volume, VolumeSize.ALL));
      return;
    }
    // One drive only: full-disk becomes all (Fuel), unless a rule has given the drive to the
    // system.
    Chosen system = systems.getFirst();
    if (chosen.size() == 1 && !system.ruled) {
      system.use.put(volume, VolumeSize.ALL);
    } else if (chosen.stream().noneMatch(c -> c.keep)) { // a kept disk can hold the node's OSDs
      throw new LayoutException(LayoutError.NO_OSD, "Its disks: " + ids(chosen) + ".");
    }
  }

  /// What is kept must stay usable.
  private void checkKept() {
    for (Chosen one : chosen) {
      for (Kept kept : one.kept) {
        String volume = kept.volume();
        if (volume == null) {
          continue;
        }
        if (volume.equals(OS)) {
          throw new LayoutException(
              LayoutError.RULE_CONFLICT,
              "Disk " + one.disk.id() + ": the system is made anew, `os` cannot be kept.");
        }
        if (policy.require(volume).isGroup()) {
          checkKeptGroup(one, kept, volume);
        }
      }
    }
    if (chosen.stream().anyMatch(c -> c.keeps(CEPH))) {
      checkKeptJournals();
    }
  }

  /// A volume group stays whole or not at all.
  private void checkKeptGroup(Chosen one, Kept kept, String volume) {
    if (kept.type().equals(GptTypes.LINUX_RAID)) {
      throw new LayoutException(
          LayoutError.NOT_YET,
          "Disk " + one.disk.id() + ": keeping `" + volume + "`, which is mirrored.");
    }
    if (chosen.stream().anyMatch(c -> c.use.containsKey(volume))) {
      throw new LayoutException(
          LayoutError.RULE_CONFLICT,
          "`" + volume + "` is kept on " + one.disk.id() + " and to be made on another disk.");
    }
    Pattern label = Pattern.compile("kindling-" + Pattern.quote(volume) + "-[0-9]+");
    for (Disk disk : request.facts().disks()) {
      for (Content content : disk.contents()) {
        String name = content.partitionLabel();
        if (name != null && label.matcher(name).matches() && !stays(disk, content)) {
          throw new LayoutException(
              LayoutError.KEEP_NEEDS,
              "Disk %s: `%s` also lies on %s of disk %s."
                  .formatted(one.disk.id(), volume, content.name(), disk.id()));
        }
      }
    }
  }

  /// A kept OSD may have its journal on any disk: without it, it is lost.
  private void checkKeptJournals() {
    for (Chosen one : chosen) {
      for (Content content : one.disk.contents()) {
        if (one.touched()
            && GptTypes.CEPH_JOURNAL.equals(Kept.guid(content.partitionType()))
            && !stays(one.disk, content)) {
          throw new LayoutException(
              LayoutError.KEEP_NEEDS,
              "OSDs are kept, and %s of disk %s may be the journal of one."
                  .formatted(content.name(), one.disk.id()));
        }
      }
    }
  }

  private boolean stays(Disk disk, Content content) {
    UUID guid = Kept.guid(content.partitionUuid());
    return chosen.stream()
        .filter(c -> c.disk.equals(disk))
        .noneMatch(c -> c.touched() && c.kept.stream().noneMatch(k -> k.guid().equals(guid)));
  }

  static List<String> ids(List<Chosen> some) {
    return some.stream().map(c -> c.disk.id()).toList();
  }

  /// How many journals each journal device holds, spare slots counted.
  private Map<Chosen, Integer> journalSlots() {
    int osds = (int) chosen.stream().filter(c -> c.touched() && c.use.containsKey(CEPH)).count();
    List<Chosen> devices =
        chosen.stream().filter(c -> c.touched() && c.use.containsKey(JOURNAL)).toList();
    if (!devices.isEmpty() && osds == 0) {
      throw new LayoutException(LayoutError.NO_OSD, "Journals on " + ids(devices) + " serve none.");
    }
    int[] counts = Journals.spread(osds, devices.size());
    var slots = new IdentityHashMap<Chosen, Integer>();
    for (int i = 0; i < counts.length; i++) {
      slots.put(devices.get(i), counts[i] + devices.get(i).spare);
    }
    return slots;
  }
}
