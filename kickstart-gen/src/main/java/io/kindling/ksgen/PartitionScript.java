package io.kindling.ksgen;

import io.kindling.ksgen.DiskPlan.LogicalVolume;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.RaidArray;
import io.kindling.ksgen.DiskPlan.VolumeGroup;
import io.kindling.ksgen.internal.Ids;
import io.kindling.ksgen.internal.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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

  /// The same for every machine, by stage.
  private static final String BODY =
      Stream.of(
              "common",
              "devices",
              "kept",
              "check",
              "wipe",
              "table",
              "arrays",
              "filesystems",
              "main")
          .map(part -> Template.resource("partition/" + part + ".sh"))
          .collect(Collectors.joining("\n"));

  private PartitionScript() {}

  /// @throws LayoutException KSG-017 for text that no shell script can hold (NUL)
  public static String render(DiskPlan plan) {
    return PLAN.render(
            Map.ofEntries(
                Map.entry("node", plan.nodeId().toString()),
                Map.entry("attempt", plan.attempt()),
                Map.entry(
                    "disk_indexes",
                    IntStream.rangeClosed(1, plan.disks().size())
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(" "))),
                Map.entry(
                    "disks",
                    IntStream.range(0, plan.disks().size())
                        .mapToObj(i -> disk(i + 1, plan.disks().get(i)))
                        .toList()),
                Map.entry(
                    "array_names",
                    plan.arrays().stream().map(RaidArray::name).collect(Collectors.joining(" "))),
                Map.entry("arrays", plan.arrays().stream().map(PartitionScript::array).toList()),
                Map.entry(
                    "group_names",
                    made(plan).map(VolumeGroup::name).collect(Collectors.joining(" "))),
                Map.entry("groups", made(plan).map(PartitionScript::group).toList()),
                Map.entry("makers", String.join(" ", makers(plan)))))
        + BODY;
  }

  private static Map<String, Object> disk(int index, PlannedDisk disk) {
    return Map.ofEntries(
        Map.entry("index", index),
        Map.entry("id", disk.id()),
        Map.entry("name", disk.name()),
        Map.entry("bytes", disk.sizeBytes()),
        Map.entry("guid", disk.guid().toString()),
        Map.entry("model", comparable(disk.model())),
        Map.entry("serial", comparable(disk.serial())),
        Map.entry("links", disk.links()),
        Map.entry("keepTable", disk.keepTable() ? "yes" : ""),
        Map.entry(
            "partitions",
            disk.partitions().stream()
                .filter(p -> !p.keep())
                .map(PartitionScript::partition)
                .toList()),
        Map.entry("kept", disk.partitions().stream().flatMap(PartitionScript::kept).toList()));
  }

  private static Stream<VolumeGroup> made(DiskPlan plan) {
    return plan.groups().stream().filter(g -> !g.keep());
  }

  private static Stream<Map<String, Object>> kept(PlannedPartition p) {
    DiskPlan.Extent at = p.kept();
    return at == null
        ? Stream.empty()
        : Stream.of(
            Map.of(
                "number", p.number(),
                "start", at.startBytes(),
                "size", at.sizeBytes(),
                "type", p.type().toString(),
                "guid", p.guid().toString()));
  }

  private static Map<String, Object> array(RaidArray array) {
    return Map.of(
        "name", array.name(),
        "id", array.id().toString(),
        "metadata", array.metadata(),
        "fs", or(array.fileSystem()),
        "fsId", or(array.fileSystemId()),
        "group", or(array.volumeGroup()),
        "pvId", array.volumeGroup() == null ? "" : Ids.physicalVolume(array.id()),
        "members", array.members().stream().map(UUID::toString).collect(Collectors.joining(" ")));
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
    plan.disks().stream()
        .flatMap(d -> d.partitions().stream())
        .filter(p -> !p.keep())
        .forEach(p -> types.add(p.fileSystem()));
    plan.arrays().forEach(a -> types.add(a.fileSystem()));
    made(plan).forEach(g -> g.volumes().forEach(v -> types.add(v.fileSystem())));
    for (String type : types) {
      if (type != null) {
        makers.add(type.equals("swap") ? "mkswap" : "mkfs." + type);
      }
    }
    if (!plan.arrays().isEmpty()) {
      makers.add("mdadm");
    }
    if (made(plan).findAny().isPresent()) {
      makers.addAll(List.of("pvcreate", "vgcreate", "lvcreate"));
    }
    return List.copyOf(makers);
  }

  private static String or(@Nullable String text) {
    return text == null ? "" : text;
  }
}
