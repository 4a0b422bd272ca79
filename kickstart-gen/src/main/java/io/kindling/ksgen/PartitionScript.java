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
/// `sh SCRIPT [--until=check|wipe|blank|partitions|filesystems] [--target=DIR] [--read-back]`; its
/// own head tells the rest. Every value of the plan stands in it quoted for the shell.
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

  // Rows are lists: one expression of the template quotes all their words.

  private static Stream<List<Object>> kept(PlannedPartition p) {
    DiskPlan.Extent at = p.kept();
    return at == null
        ? Stream.empty()
        : Stream.of(List.of(p.number(), at.startBytes(), at.sizeBytes(), p.type(), p.guid()));
  }

  private static List<Object> array(RaidArray array) {
    return List.of(
        array.name(),
        array.id(),
        array.metadata(),
        or(array.fileSystem()),
        or(array.fileSystemId()),
        or(array.volumeGroup()),
        array.volumeGroup() == null ? "" : Ids.physicalVolume(array.id()),
        array.members().stream().map(UUID::toString).collect(Collectors.joining(" ")));
  }

  private static String comparable(@Nullable String text) {
    return text == null || text.chars().anyMatch(PartitionScript::unreadable) ? "" : text;
  }

  /// Also what ends a line: no tool tells such text as it is, and no kickstart can hold it.
  private static boolean unreadable(int c) {
    return c == UNREADABLE || c == '\u2028' || c == '\u2029' || Character.isISOControl(c);
  }

  private static List<Object> partition(PlannedPartition p) {
    return List.of(
        p.number(),
        p.startMib(),
        p.sizeMib(),
        p.type(),
        p.guid(),
        p.label(),
        p.use().name(),
        or(p.fileSystem()),
        or(p.fileSystemId()),
        or(p.volumeGroup()),
        p.volumeGroup() == null ? "" : Ids.physicalVolume(p.guid()));
  }

  private static Map<String, Object> group(VolumeGroup group) {
    return Map.of(
        "name",
        group.name(),
        "volumes",
        group.volumes().stream().map(PartitionScript::volume).toList());
  }

  private static List<Object> volume(LogicalVolume volume) {
    return List.of(
        volume.name(), volume.sizeMib(), or(volume.fileSystem()), or(volume.fileSystemId()));
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
