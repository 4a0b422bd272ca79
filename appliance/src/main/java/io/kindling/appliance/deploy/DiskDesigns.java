package io.kindling.appliance.deploy;

import io.kindling.appliance.deploy.Designs.DiskDesign;
import io.kindling.appliance.deploy.Designs.VolumeDesign;
import io.kindling.appliance.deploy.Planner.Planned;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.KsSpaces.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A layout as its designer sees it, disk by disk. Pure.
final class DiskDesigns {
  private static final long RAID_MIB = 136;

  private DiskDesigns() {}

  /// The disks of a machine that gets nothing.
  static List<DiskDesign> unplanned(Facts facts) {
    return facts.disks().stream()
        .map(disk -> design(disk, null, List.of(), List.of(), List.of(), ""))
        .toList();
  }

  /// @param blank whether the layout is still to be made, so that what is on the disks is lost
  static List<DiskDesign> of(Planned.Laid laid, Facts facts, boolean blank) {
    DiskPlan plan = laid.disks();
    var holder = new HashMap<UUID, String>();
    for (DiskPlan.PlannedDisk disk : plan.disks()) {
      disk.partitions().forEach(p -> holder.put(p.guid(), disk.name()));
    }
    var serves = new HashMap<String, TreeSet<String>>();
    var journals = new HashMap<String, String>();
    plan.osdDb()
        .forEach((osd, db) -> {
          String osdDisk = Objects.requireNonNullElse(holder.get(osd), "");
          String dbDisk = Objects.requireNonNullElse(holder.get(db), "");
          serves.computeIfAbsent(dbDisk, d -> new TreeSet<>()).add(osdDisk);
          journals.put(osdDisk, dbDisk);
        });
    var designs = new ArrayList<DiskDesign>();
    for (KsSpaces.Disk space : KsSpaces.parse(laid.ksSpaces()).disks()) {
      Facts.Disk disk =
          facts.disks().stream()
              .filter(d -> d.bestLink().equals(space.id()) || d.links().contains(space.id()))
              .findFirst()
              .orElse(null);
      if (disk == null) {
        continue; // taken out since; the plan beside it says so
      }
      Optional<DiskPlan.PlannedDisk> planned =
          plan.disks().stream().filter(p -> p.id().equals(disk.id())).findFirst();
      designs.add(
          design(
              disk,
              space,
              planned.filter(_ -> blank).map(p -> lost(disk, p)).orElse(List.of()),
              planned.map(DiskDesigns::kept).orElse(List.of()),
              List.copyOf(serves.getOrDefault(disk.name(), new TreeSet<>())),
              journals.getOrDefault(disk.name(), "")));
    }
    return designs;
  }

  private static List<String> kept(DiskPlan.PlannedDisk disk) {
    return disk.partitions().stream()
        .filter(PlannedPartition::keep)
        .map(p -> p.guid().toString())
        .toList();
  }

  private static List<String> lost(Facts.Disk disk, DiskPlan.PlannedDisk planned) {
    var kept = new TreeSet<>(kept(planned));
    var lost = new ArrayList<String>();
    for (Facts.Content content : disk.contents()) {
      String guid = content.partitionUuid();
      if (guid == null || !kept.contains(guid.toLowerCase(Locale.ROOT))) {
        lost.add(
            String.join(
                " ",
                Objects.requireNonNullElse(content.partitionLabel(), content.name()),
                Objects.requireNonNullElse(content.fileSystem(), content.type()),
                size(content.sizeBytes() >> 20)));
      }
    }
    return lost;
  }

  private static String size(long mib) {
    return mib < 10 << 10 ? mib + " MiB" : (mib >> 10) + " GiB";
  }

  private static DiskDesign design(
      Facts.Disk disk,
      KsSpaces.@Nullable Disk space,
      List<String> lost,
      List<String> kept,
      List<String> serves,
      String journal) {
    var volumes = new ArrayList<VolumeDesign>();
    long service = 0;
    int spare = 0;
    for (KsSpaces.Volume v : space == null ? List.<KsSpaces.Volume>of() : space.volumes()) {
      if (v.keep()) {
        continue;
      }
      boolean mirror = Boolean.TRUE.equals(v.kindling().get("mirror"));
      String vg = v.vg();
      String name = v.name();
      if (v.type() == Type.PV && vg != null) {
        Long meta = v.lvmMetaSize();
        long own = (meta == null ? 0 : meta) + (mirror ? RAID_MIB : 0);
        volumes.add(new VolumeDesign(vg, v.size() - own, mirror));
      } else if (v.type() == Type.PARTITION && name != null && v.mountPoint() == null) {
        volumes.add(new VolumeDesign(name, v.size(), false));
        spare = v.kindling().get("spare") instanceof Number n ? n.intValue() : spare;
      } else {
        service += v.size();
      }
    }
    return new DiskDesign(
        disk.id(),
        disk.name(),
        Objects.requireNonNullElse(disk.model(), ""),
        disk.media().name().toLowerCase(Locale.ROOT),
        disk.sizeMib(),
        !lost.isEmpty(),
        lost,
        space != null && space.keep(),
        kept,
        spare,
        service,
        volumes,
        serves,
        journal);
  }
}
