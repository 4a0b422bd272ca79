package io.kindling.ksgen;

import io.kindling.ksgen.DiskPlan.LogicalVolume;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.VolumeGroup;
import io.kindling.ksgen.internal.Ids;
import io.kindling.ksgen.internal.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A plan to the one POSIX shell script that checks, wipes, partitions and formats. Pure; safe from
/// any thread.
///
/// `sh SCRIPT [--until=check|wipe|partitions|filesystems] [--target=DIR] [--read-back]`; its own
/// head tells the rest. Every value of the plan stands in it quoted for the shell.
public final class PartitionScript {

  /// U+FFFD stands for what could not be read: such text compares with nothing.
  private static final char UNREADABLE = '\uFFFD';

  private static final Template PLAN = Template.of("partition.sh.jinja");

  /// The same for every machine.
  private static final String BODY = Template.resource("partition.sh");

  private PartitionScript() {}

  /// @throws LayoutException KSG-017 for text that no shell script can hold (NUL)
  public static String render(DiskPlan plan) {
    return PLAN.render(
            Map.of(
                "node", plan.nodeId().toString(),
                "attempt", plan.attempt(),
                "disk_indexes",
                    IntStream.rangeClosed(1, plan.disks().size())
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(" ")),
                "disks",
                    IntStream.range(0, plan.disks().size())
                        .mapToObj(i -> disk(i + 1, plan.disks().get(i)))
                        .toList(),
                "group_names",
                    plan.groups().stream().map(VolumeGroup::name).collect(Collectors.joining(" ")),
                "groups", plan.groups().stream().map(PartitionScript::group).toList(),
                "makers", String.join(" ", makers(plan))))
        + BODY;
  }

  private static Map<String, Object> disk(int index, PlannedDisk disk) {
    return Map.of(
        "index", index,
        "id", disk.id(),
        "name", disk.name(),
        "bytes", disk.sizeBytes(),
        "guid", disk.guid().toString(),
        "model", comparable(disk.model()),
        "serial", comparable(disk.serial()),
        "links", disk.links(),
        "partitions", disk.partitions().stream().map(PartitionScript::partition).toList());
  }

  private static String comparable(@Nullable String text) {
    return text == null || text.indexOf(UNREADABLE) >= 0 ? "" : text;
  }

  private static Map<String, Object> partition(PlannedPartition p) {
    return Map.ofEntries(
        Map.entry("number", p.number()),
        Map.entry("start", p.startMib()),
        Map.entry("size", p.sizeMib()),
        Map.entry("type", p.type().toString()),
        Map.entry("guid", p.guid().toString()),
        Map.entry("label", p.label()),
        Map.entry("use", p.use().name()),
        Map.entry("fs", or(p.fileSystem())),
        Map.entry("fsId", or(p.fileSystemId())),
        Map.entry("group", or(p.volumeGroup())),
        Map.entry("pvId", p.volumeGroup() == null ? "" : Ids.physicalVolume(p.guid())));
  }

  private static Map<String, Object> group(VolumeGroup group) {
    return Map.of(
        "name",
        group.name(),
        "volumes",
        group.volumes().stream().map(PartitionScript::volume).toList());
  }

  private static Map<String, Object> volume(LogicalVolume volume) {
    return Map.of(
        "name", volume.name(),
        "size", volume.sizeMib(),
        "fs", or(volume.fileSystem()),
        "fsId", or(volume.fileSystemId()));
  }

  private static List<String> makers(DiskPlan plan) {
    var makers = new TreeSet<String>();
    var types = new ArrayList<@Nullable String>();
    plan.disks().forEach(d -> d.partitions().forEach(p -> types.add(p.fileSystem())));
    plan.groups().forEach(g -> g.volumes().forEach(v -> types.add(v.fileSystem())));
    for (String type : types) {
      if (type != null) {
        makers.add(type.equals("swap") ? "mkswap" : "mkfs." + type);
      }
    }
    if (!plan.groups().isEmpty()) {
      makers.addAll(List.of("pvcreate", "vgcreate", "lvcreate"));
    }
    return List.copyOf(makers);
  }

  private static String or(@Nullable String text) {
    return text == null ? "" : text;
  }
}
