package io.kindling.ksgen;

import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan.LogicalVolume;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.VolumeGroup;
import io.kindling.ksgen.internal.Plain;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A plan as a picture to check before a wipe: each disk with model, media and size, a bar for each
/// partition, and what is lost. Plain text; whatever could act on a terminal is made visible. Pure.
public final class LayoutTable {

  private static final int BAR = 32;
  private static final int MOST_LOST = 20;

  private final DiskPlan plan;
  private final Facts facts;
  private final StringBuilder out = new StringBuilder();
  private final Map<UUID, String> labels = new HashMap<>();

  private LayoutTable(DiskPlan plan, Facts facts) {
    this.plan = plan;
    this.facts = facts;
    plan.disks().forEach(d -> d.partitions().forEach(p -> labels.put(p.guid(), p.label())));
  }

  public static String render(DiskPlan plan, Facts facts) {
    return new LayoutTable(plan, facts).render();
  }

  private String render() {
    for (PlannedDisk disk : plan.disks()) {
      Optional<Facts.Disk> now = find(disk);
      head(disk.id(), disk.name(), disk.model(), now, disk.sizeBytes());
      for (PlannedPartition p : disk.partitions()) {
        line(p.label(), p.sizeMib(), p.startMib(), disk.sizeBytes() >> 20, what(p));
      }
      lost(now);
      out.append('\n');
    }
    for (VolumeGroup group : plan.groups()) {
      out.append("volume group ").append(Plain.text(group.name())).append('\n');
      long all = group.volumes().stream().mapToLong(LogicalVolume::sizeMib).sum();
      long from = 0;
      for (LogicalVolume volume : group.volumes()) {
        String fs = Objects.requireNonNullElse(volume.fileSystem(), "");
        String mount = Objects.requireNonNullElse(volume.mount(), "");
        line(volume.name(), volume.sizeMib(), from, all, mount.equals(fs) ? fs : fs + " " + mount);
        from += volume.sizeMib();
      }
      out.append('\n');
    }
    untouched();
    return out.toString();
  }

  private Optional<Facts.Disk> find(PlannedDisk disk) {
    return facts.disks().stream()
        .filter(d ->
            disk.links().contains(d.bestLink())
                || d.links().stream().anyMatch(disk.links()::contains))
        .findFirst();
  }

  private void head(
      String id, String name, @Nullable String model, Optional<Facts.Disk> now, long bytes) {
    String media = now.map(d -> d.media().name().toLowerCase(Locale.ROOT)).orElse("");
    out.append(
        "%s (%s)  %s  %s  %s%n"
            .formatted(
                Plain.text(id),
                Plain.text(name),
                model == null ? "unknown model" : Plain.text(model),
                media,
                size(bytes >> 20))
            .replace("\r\n", "\n"));
  }

  private void line(String label, long size, long start, long whole, String what) {
    int from = (int) (start * BAR / Math.max(1, whole));
    int to = (int) Math.clamp((start + size) * BAR / Math.max(1, whole), from + 1L, BAR);
    from = Math.min(from, to - 1);
    String bar = ".".repeat(from) + "#".repeat(to - from) + ".".repeat(BAR - to);
    out.append("  [").append(bar).append("] ");
    out.append(pad(Plain.text(label), 26)).append(pad(size(size), 24)).append(Plain.text(what));
    out.setLength(out.toString().stripTrailing().length());
    out.append('\n');
  }

  private String what(PlannedPartition p) {
    return switch (p.use()) {
      case BIOS_BOOT -> "BIOS boot";
      case ESP, ESP_MEMBER -> "EFI system partition";
      case FILE_SYSTEM -> Objects.requireNonNullElse(p.fileSystem(), "") + " " + mount(p);
      case SWAP -> "swap";
      case RAID_MEMBER -> "member of an array";
      case PHYSICAL_VOLUME -> "volume group " + p.volumeGroup();
      case CEPH_OSD -> {
        UUID db = plan.osdDb().get(p.guid());
        yield db == null ? "Ceph OSD" : "Ceph OSD, journal on " + labels.get(db);
      }
      case CEPH_JOURNAL -> "Ceph journal (block.db)";
      case OTHER -> "unformatted";
    };
  }

  private static String mount(PlannedPartition p) {
    return Objects.requireNonNullElse(p.mount(), "");
  }

  private void lost(Optional<Facts.Disk> now) {
    if (now.isEmpty()) {
      return;
    }
    List<Facts.Content> contents = now.get().contents();
    if (contents.isEmpty()) {
      out.append("  lost: nothing known");
      String table = now.get().tableType();
      out.append(table == null ? "\n" : " but a partition table (" + Plain.text(table) + ")\n");
      return;
    }
    for (Facts.Content content : contents.subList(0, Math.min(MOST_LOST, contents.size()))) {
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
    if (contents.size() > MOST_LOST) {
      out.append("  lost: and ").append(contents.size() - MOST_LOST).append(" more\n");
    }
  }

  private void untouched() {
    for (Facts.Disk disk : facts.disks()) {
      boolean planned =
          plan.disks().stream().anyMatch(p -> find(p).filter(disk::equals).isPresent());
      if (!planned) {
        head(disk.id(), disk.name(), disk.model(), Optional.of(disk), disk.sizeBytes());
        out.append("  untouched\n\n");
      }
    }
  }

  private static String size(long mib) {
    return mib >= 10 * 1024
        ? String.format(Locale.ROOT, "%d MiB (%.1f GiB)", mib, mib / 1024.0)
        : mib + " MiB";
  }

  private static String pad(String text, int width) {
    return text.length() >= width ? text + " " : text + " ".repeat(width - text.length());
  }
}
