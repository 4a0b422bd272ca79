package io.kindling.ksgen;

import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan.LogicalVolume;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.RaidArray;
import io.kindling.ksgen.DiskPlan.Use;
import io.kindling.ksgen.DiskPlan.VolumeGroup;
import io.kindling.ksgen.internal.Advice;
import io.kindling.ksgen.internal.Plain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A plan as a picture to check before a wipe: each disk with model, media and size, a bar for each
/// partition, array and volume, what is kept, what is lost and what could be better. Plain text for
/// a terminal of 100 columns; whatever could act on a terminal is made visible. Pure.
public final class LayoutTable {

  private static final int BAR = 24;
  private static final int MOST_LOST = 20;

  private final DiskPlan plan;
  private final Facts facts;
  private final StringBuilder out = new StringBuilder();
  private final Map<UUID, String> labels = new HashMap<>();
  private final Map<UUID, String> arrays = new HashMap<>();

  private LayoutTable(DiskPlan plan, Facts facts) {
    this.plan = plan;
    this.facts = facts;
    plan.disks().forEach(d -> d.partitions().forEach(p -> labels.put(p.guid(), p.label())));
    plan.arrays().forEach(a -> a.members().forEach(m -> arrays.put(m, a.name())));
  }

  public static String render(DiskPlan plan, Facts facts) {
    return new LayoutTable(plan, facts).render();
  }

  private String render() {
    for (PlannedDisk disk : plan.disks()) {
      Optional<Facts.Disk> now = Advice.find(disk, facts);
      head(disk.id(), disk.name(), disk.model(), now, disk.sizeBytes());
      for (PlannedPartition p : disk.partitions()) {
        line(p.label(), p.sizeMib(), p.startMib(), disk.sizeBytes() >> 20, what(p));
      }
      now.ifPresent(d -> lost(d, disk));
      out.append('\n');
    }
    plan.arrays().forEach(this::array);
    if (!plan.arrays().isEmpty()) {
      out.append('\n');
    }
    plan.groups().forEach(this::group);
    untouched();
    Advice.of(plan, facts).forEach(a -> out.append(a).append('\n'));
    summary();
    return out.toString();
  }

  private void head(
      String id, String name, @Nullable String model, Optional<Facts.Disk> now, long bytes) {
    out.append(Plain.text(name)).append("  ").append(Plain.text(id)).append("\n  ");
    out.append(model == null ? "unknown model" : Plain.text(model)).append("  ");
    now.ifPresent(d -> out.append(d.media().name().toLowerCase(Locale.ROOT)).append("  "));
    out.append(size(bytes >> 20)).append('\n');
  }

  private void line(String label, long size, long start, long whole, String what) {
    int from = (int) Math.clamp(start * BAR / Math.max(1, whole), 0, BAR - 1L);
    int to =
        (int) Math.clamp(((start + size) * BAR + whole / 2) / Math.max(1, whole), from + 1L, BAR);
    out.append("  [").append(".".repeat(from)).append("#".repeat(to - from));
    out.append(".".repeat(BAR - to)).append("] ");
    out.append(pad(Plain.text(label), 24)).append("%12s".formatted(size + " MiB")).append("  ");
    out.append(what.strip());
    out.setLength(out.toString().stripTrailing().length());
    out.append('\n');
  }

  private String what(PlannedPartition p) {
    String array = arrays.get(p.guid());
    String what =
        switch (p.use()) {
          case BIOS_BOOT -> "BIOS boot";
          case ESP -> "EFI system partition";
          case ESP_MEMBER, RAID_MEMBER -> "member of mirror " + array;
          case FILE_SYSTEM -> text(p.fileSystem()) + " " + text(p.mount());
          case SWAP -> "swap";
          case PHYSICAL_VOLUME -> "volume group " + Plain.text(text(p.volumeGroup()));
          case CEPH_OSD -> {
            UUID db = plan.osdDb().get(p.guid());
            yield db == null ? "OSD" : "OSD, db " + labels.get(db);
          }
          case CEPH_JOURNAL -> "journal (block.db)";
          case CEPH_JOURNAL_SPARE -> "journal, free for an OSD that is added later";
          case OTHER -> p.keep() ? present(p.guid()) : "unformatted";
        };
    return p.keep() ? "KEPT  " + what : what;
  }

  /// The file system of a partition as it is.
  private String present(UUID partition) {
    return facts.disks().stream()
        .flatMap(d -> d.contents().stream())
        .filter(c -> partition.toString().equalsIgnoreCase(c.partitionUuid()))
        .map(c -> Plain.text(text(c.fileSystem())))
        .findFirst()
        .orElse("");
  }

  private void array(RaidArray array) {
    String disks =
        plan.disks().stream()
            .filter(d -> d.partitions().stream().anyMatch(p -> array.members().contains(p.guid())))
            .map(d -> Plain.text(d.name()))
            .collect(Collectors.joining(", "));
    String group = array.volumeGroup();
    String use =
        group != null
            ? "volume group " + Plain.text(group)
            : text(array.fileSystem()) + " " + text(array.mount());
    out.append(
            pad("mirror " + array.name(), 18)
                + "%12s".formatted(array.sizeMib() + " MiB")
                + "  "
                + pad(use.strip(), 22)
                + array.members().size()
                + " copies: "
                + disks)
        .append('\n');
  }

  private void group(VolumeGroup group) {
    out.append("volume group ").append(Plain.text(group.name()));
    out.append(group.keep() ? "  KEPT\n" : "\n");
    long all = group.volumes().stream().mapToLong(LogicalVolume::sizeMib).sum();
    long from = 0;
    for (LogicalVolume volume : group.volumes()) {
      String fs = text(volume.fileSystem());
      String mount = text(volume.mount());
      line(volume.name(), volume.sizeMib(), from, all, mount.equals(fs) ? fs : fs + " " + mount);
      from += volume.sizeMib();
    }
    out.append('\n');
  }

  private void lost(Facts.Disk now, PlannedDisk disk) {
    var lost = new ArrayList<Facts.Content>();
    boolean below = false; // contents stand after what they lie on
    for (Facts.Content content : now.contents()) {
      if (content.type().equals("part")) {
        below =
            disk.partitions().stream()
                .anyMatch(
                    p -> p.keep() && p.guid().toString().equalsIgnoreCase(content.partitionUuid()));
      }
      if (!below) {
        lost.add(content);
      }
    }
    if (lost.isEmpty()) {
      out.append("  lost: nothing known");
      String table = disk.keepTable() ? null : now.tableType();
      out.append(table == null ? "\n" : " but a partition table (" + Plain.text(table) + ")\n");
      return;
    }
    for (Facts.Content content : lost.subList(0, Math.min(MOST_LOST, lost.size()))) {
      out.append("  lost: ").append(Plain.text(content.name()));
      for (String word :
          new @Nullable String[] {
            content.type(), content.fileSystem(), content.partitionLabel(), content.mountPoint()
          }) {
        if (word != null && !word.isEmpty()) {
          out.append(' ').append(Plain.text(word));
        }
      }
      out.append(", ").append(size(content.sizeBytes() >> 20)).append('\n');
    }
    if (lost.size() > MOST_LOST) {
      out.append("  lost: and ").append(lost.size() - MOST_LOST).append(" more\n");
    }
  }

  private List<Facts.Disk> leftAlone() {
    List<Facts.Disk> planned =
        plan.disks().stream().flatMap(d -> Advice.find(d, facts).stream()).toList();
    return facts.disks().stream().filter(d -> !planned.contains(d)).toList();
  }

  private void untouched() {
    for (Facts.Disk disk : leftAlone()) {
      head(disk.id(), disk.name(), disk.model(), Optional.of(disk), disk.sizeBytes());
      out.append("  untouched\n\n");
    }
  }

  private void summary() {
    long kept = plan.disks().stream().filter(PlannedDisk::keepTable).count();
    out.append(count(plan.disks().size() - kept, "disk")).append(" wiped");
    if (kept > 0) {
      out.append(", ").append(count(kept, "disk")).append(" with kept volumes");
    }
    out.append(", ").append(count(leftAlone().size(), "disk")).append(" untouched");
    long osds = count(Use.CEPH_OSD);
    if (osds > 0) {
      out.append("; ").append(count(osds, "OSD")).append(", ");
      out.append(count(count(Use.CEPH_JOURNAL), "journal"));
      long spare = count(Use.CEPH_JOURNAL_SPARE);
      if (spare > 0) {
        out.append(" and ").append(spare).append(" spare");
      }
    }
    out.append('\n');
  }

  private long count(Use use) {
    return plan.disks().stream()
        .flatMap(d -> d.partitions().stream())
        .filter(p -> p.use() == use)
        .count();
  }

  private static String count(long number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  private static String text(@Nullable String text) {
    return Objects.requireNonNullElse(text, "");
  }

  private static String size(long mib) {
    if (mib < 10 * 1024) {
      return mib + " MiB";
    }
    boolean tib = mib >= 1024 * 1024;
    return String.format(
        Locale.ROOT,
        "%d MiB (%.1f %s)",
        mib,
        mib / (tib ? 1024.0 * 1024 : 1024.0),
        tib ? "TiB" : "GiB");
  }

  private static String pad(String text, int width) {
    return text.length() >= width ? text + " " : text + " ".repeat(width - text.length());
  }
}
