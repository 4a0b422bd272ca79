package io.kindling.ksgen.internal;

import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Facts.Media;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.Use;
import io.kindling.ksgen.DiskPlan.VolumeGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What an operator should know of a plan that is possible but could be better. Pure.
public final class Advice {

  private final DiskPlan plan;
  private final Facts facts;
  private final List<String> lines = new ArrayList<>();

  private Advice(DiskPlan plan, Facts facts) {
    this.plan = plan;
    this.facts = facts;
  }

  /// Lines that begin with `suggestion:` or `note:`.
  public static List<String> of(DiskPlan plan, Facts facts) {
    var advice = new Advice(plan, facts);
    advice.fastDrives();
    advice.smallJournals();
    advice.namesByPlace();
    advice.keptButNotMounted();
    return advice.lines;
  }

  /// The planned disk as the facts have it.
  public static Optional<Facts.Disk> find(PlannedDisk disk, Facts facts) {
    return facts.disks().stream()
        .filter(d ->
            disk.links().contains(d.bestLink())
                || d.links().stream().anyMatch(disk.links()::contains))
        .findFirst();
  }

  private Media media(PlannedDisk disk) {
    return find(disk, facts).map(Facts.Disk::media).orElse(Media.HDD);
  }

  /// Fast drives that became OSDs beside OSDs on turning drives without a journal.
  private void fastDrives() {
    int slow = 0;
    var fast = new LinkedHashSet<PlannedDisk>();
    for (PlannedDisk disk : plan.disks()) {
      boolean turning = media(disk) == Media.HDD;
      for (PlannedPartition p : disk.partitions()) {
        if (p.use() == Use.CEPH_OSD && !p.keep() && !plan.osdDb().containsKey(p.guid())) {
          if (turning) {
            slow++;
          } else if (disk.partitions().stream()
              .allMatch(o -> o.use() == Use.CEPH_OSD || o.use() == Use.BIOS_BOOT)) {
            fast.add(disk);
          }
        }
      }
    }
    if (slow > 0) {
      for (PlannedDisk disk : fast) {
        lines.add(
            "suggestion: %s (%s) could hold the journals of %d OSDs on slower drives:%n  --disk %s=cephjournal:all"
                .formatted(
                    Plain.text(disk.name()),
                    media(disk).name().toLowerCase(Locale.ROOT),
                    slow,
                    Plain.text(disk.id()))
                .replace("\r\n", "\n"));
      }
    }
  }

  private void smallJournals() {
    Map<UUID, Long> sizes = new HashMap<>();
    plan.disks().forEach(d -> d.partitions().forEach(p -> sizes.put(p.guid(), p.sizeMib())));
    Policy.Journal wanted = Policy.standard().journal();
    for (PlannedDisk disk : plan.disks()) {
      long least = Long.MAX_VALUE;
      for (var pair : plan.osdDb().entrySet()) {
        if (disk.partitions().stream().anyMatch(p -> p.guid().equals(pair.getValue()))) {
          long osd = sizes.getOrDefault(pair.getKey(), 1L);
          least = Math.min(least, sizes.getOrDefault(pair.getValue(), 0L) * 10_000 / osd);
        }
      }
      if (least < wanted.blockPermille() * 10) {
        lines.add(
            String.format(
                Locale.ROOT,
                "note: journals on %s have %.1f %% of their OSD; Ceph wants %d to %d %% for"
                    + " volumes, %d %% for objects",
                Plain.text(disk.name()),
                least / 100.0,
                wanted.blockPermille() / 10,
                wanted.blockPermille() / 5,
                wanted.objectPermille() / 10));
      }
    }
  }

  private void namesByPlace() {
    for (PlannedDisk disk : plan.disks()) {
      if (disk.knownByPlaceAlone()) {
        lines.add(
            "note: %s is known only by its place (%s): `deploy` wants `--confirm NODE`"
                .formatted(Plain.text(disk.name()), Plain.text(disk.id())));
      }
    }
  }

  private void keptButNotMounted() {
    for (VolumeGroup group : plan.groups()) {
      if (group.keep()
          && group.volumes().stream()
              .anyMatch(v -> v.mount() != null && v.fileSystemId() == null)) {
        lines.add(
            "note: volume group %s is kept but not mounted: another installation made it"
                .formatted(group.name()));
      }
    }
  }
}
