package io.kindling.ksgen.internal;

import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/// One run of the expansion: the disks of an allocation, found in the facts, to partitions
/// ([DiskExpansion]), arrays ([Mirrors]) and groups ([GroupExpansion]).
public final class Expansion {

  static final int MAX_PARTITIONS = 128;

  private final KsSpaces spaces;
  private final Facts facts;
  private final UUID node;
  private final int attempt;
  private final Ids ids;

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
    if (touched.isEmpty()) {
      throw new LayoutException(LayoutError.NO_DISK, "The allocation partitions none.");
    }
    var journals = new Journals(touched);
    var mirrors = new Mirrors(touched, ids);
    var labels = new Labels(touched);
    var disks = new ArrayList<PlannedDisk>();
    var seen = new HashSet<String>();
    for (KsSpaces.Disk disk : touched) {
      PlannedDisk planned = disk(disk, journals, mirrors, labels);
      if (!seen.add(planned.id())) {
        throw bad("Disk " + planned.id() + " is in the allocation twice.");
      }
      disks.add(planned);
    }
    var groups = new GroupExpansion(spaces, ids, node, attempt).expand(disks, mirrors.arrays());
    var plan = new DiskPlan(node, attempt, disks, mirrors.arrays(), groups, Journals.osdDb(disks));
    check(plan);
    return plan;
  }

  private static void check(DiskPlan plan) {
    var mounts = new HashSet<String>();
    for (DiskPlan.Mount mount : plan.mounts()) {
      if (!mount.mount().equals("swap") && !mounts.add(mount.mount())) {
        throw bad("Two volumes are mounted at " + mount.mount() + ".");
      }
    }
    var guids = new HashSet<UUID>();
    for (PlannedDisk disk : plan.disks()) {
      for (PlannedPartition partition : disk.partitions()) {
        if (!guids.add(partition.guid())) {
          throw bad("Two partitions have the PARTUUID " + partition.guid() + ".");
        }
      }
    }
  }

  private PlannedDisk disk(KsSpaces.Disk disk, Journals journals, Mirrors mirrors, Labels labels) {
    Facts.Disk found = find(disk);
    String id = Selection.lastPart(disk.id());
    if (found.sizeMib() != disk.size()) {
      throw new LayoutException(
          LayoutError.DISK_CHANGED,
          "Disk %s has %d MiB, the allocation is for %d MiB."
              .formatted(id, found.sizeMib(), disk.size()));
    }
    Set<String> links = new LinkedHashSet<>();
    links.add(Values.link(disk.id()));
    for (String link : disk.extra() == null ? List.<String>of() : disk.extra()) {
      links.add(Values.link(link));
    }
    List<PlannedPartition> partitions =
        new DiskExpansion(disk, id, ids, journals, mirrors, labels).expand();
    boolean keepTable = partitions.stream().anyMatch(PlannedPartition::keep);
    if (keepTable) {
      disk.volumes().stream()
          .filter(KsSpaces.Volume::keep)
          .map(Kept::of)
          .forEach(k -> k.check(found));
    }
    return new PlannedDisk(
        Values.text("a disk's ID", id),
        Values.text("a disk's name", disk.name()),
        List.copyOf(links),
        found.sizeBytes(),
        found.model(),
        found.serial(),
        keepTable ? tableGuid(found) : ids.of(id, Ids.DISK),
        keepTable,
        partitions);
  }

  private static UUID tableGuid(Facts.Disk disk) {
    UUID guid = Kept.guid(disk.tableUuid());
    if (guid == null || !"gpt".equals(disk.tableType())) {
      throw new LayoutException(
          LayoutError.KEEP_CHANGED, "Disk " + disk.id() + " has no readable GPT any more.");
    }
    return guid;
  }

  private Facts.Disk find(KsSpaces.Disk disk) {
    var names = new HashSet<String>();
    names.add(disk.id());
    names.addAll(Objects.requireNonNullElse(disk.extra(), List.of()));
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

  static LayoutException bad(String why) {
    return new LayoutException(LayoutError.BAD_VALUE, why);
  }
}
