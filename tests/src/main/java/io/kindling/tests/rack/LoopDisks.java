package io.kindling.tests.rack;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskOverride;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskRule;
import io.kindling.ksgen.Expand;
import io.kindling.ksgen.LayoutRequest;
import io.kindling.ksgen.Layouter;
import io.kindling.ksgen.PartitionScript;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// The drives of a container host: sparse files behind loop devices, partitioned by the product's
/// own script. The host kernel reads no GPT itself, so `partx` tells it.
///
/// Not thread-safe.
final class LoopDisks {

  /// Stands for the system's drive in the plan; a container has none, so no such disk is touched.
  /// Journal slots for OSDs that are added later.
  private static final int SPARE = 1;

  private static final String SYSTEM = "system";

  private static final String DRIVE = "drive";
  private static final int SYSTEM_MIB = 32 << 10;
  private static final int SECTOR = 512;

  private final Path directory;
  private final List<Integer> osds;
  private final int journal;
  private final DiskPlan plan;

  /// @param nodeId what the partitions' GUIDs are derived from
  LoopDisks(Path directory, UUID nodeId, List<Integer> osds, int journal) {
    this.directory = directory;
    this.osds = List.copyOf(osds);
    this.journal = journal;
    this.plan = planned(nodeId, osds, journal);
  }

  /// The drive's file: data drives first, then the journal's.
  Path file(int index) {
    return directory.resolve("drive" + index + ".raw");
  }

  /// Makes the files blank.
  void blank() throws IOException {
    for (int i = 0; i < count(); i++) {
      Files.deleteIfExists(file(i));
      try (var file = new RandomAccessFile(file(i).toFile(), "rw")) {
        file.setLength((long) size(i) << 20);
      }
    }
  }

  /// Attaches the files and partitions them, which changes nothing where that is done already.
  ///
  /// @return the devices the host sees: each drive and its partitions
  List<String> attach() throws IOException {
    var attached = new ArrayList<PlannedDisk>();
    for (int i = 0; i < count(); i++) {
      String device = Commands.run("losetup", "--find", "--show", file(i).toString()).strip();
      attached.add(at(plan.disks().get(i), device.substring("/dev/".length())));
    }
    if (attached.isEmpty()) {
      return List.of();
    }
    Path script =
        Files.writeString(
            directory.resolve("partition.sh"), PartitionScript.render(with(plan, attached)));
    Commands.run("sh", script.toString(), "--until=partitions", "--read-back");
    var seen = new ArrayList<String>();
    for (PlannedDisk disk : attached) {
      String device = "/dev/" + disk.name();
      // Of a table that was there already the kernel knows nothing yet.
      Commands.run("partx", "--update", device);
      seen.add(device);
      disk.partitions().forEach(p -> seen.add(device + "p" + p.number()));
    }
    return seen;
  }

  /// Detaches every loop device whose file lies in that folder, whoever attached it. One that a
  /// host had mounted goes by itself meanwhile, when its last process has ended.
  static void detachAll(Path directory) {
    Duration patience = Duration.ofMinutes(2);
    for (String device : attached(directory)) {
      Commands.attempt(patience, List.of("partx", "--delete", device));
      Commands.attempt(patience, List.of("losetup", "--detach", device));
    }
    Waiting.until(
        "loop devices of " + directory + " to be detached",
        patience,
        () -> attached(directory).isEmpty(),
        () -> {});
  }

  private static List<String> attached(Path directory) {
    String listed =
        Commands.run("losetup", "--list", "--noheadings", "--raw", "--output", "NAME,BACK-FILE");
    var devices = new ArrayList<String>();
    for (String line : listed.lines().toList()) {
      int space = line.indexOf(' ');
      if (space > 0 && Path.of(line.substring(space + 1)).startsWith(directory)) {
        devices.add(line.substring(0, space));
      }
    }
    return devices;
  }

  /// What the product lays out on such drives. Loop devices are numbered anew at each power-on, so
  /// the drives, and with them all GUIDs, go by their place.
  DiskPlan plan() {
    return plan;
  }

  private static DiskPlan planned(UUID nodeId, List<Integer> osds, int journal) {
    if (osds.isEmpty()) {
      return new DiskPlan(nodeId, 1, List.of(), List.of(), List.of(), Map.of());
    }
    var disks = new ArrayList<Facts.Disk>();
    var rules = new ArrayList<DiskRule>();
    disks.add(disk(SYSTEM, SYSTEM_MIB));
    rules.add(DiskOverride.parse(SYSTEM + "=os:all").rule());
    for (int i = 0; i < osds.size(); i++) {
      disks.add(disk(DRIVE + i, osds.get(i)));
    }
    if (journal > 0) {
      String name = DRIVE + osds.size();
      disks.add(disk(name, journal));
      rules.add(
          DiskRule.of(Map.of("id", name, "use", Map.of("cephjournal", "all"), "spare", SPARE)));
    }
    Facts facts =
        new Facts(
            new Facts.Agent("rack", Facts.Firmware.BIOS, false, null),
            new Facts.SystemInfo(null, null, null, null, null),
            new Facts.Cpu(null, "x86_64", 1, 1),
            2L << 30,
            disks,
            List.of(),
            List.of());
    DiskPlan whole =
        Expand.expand(
            Layouter.layout(new LayoutRequest(nodeId, 1, facts, Set.of(Role.CEPH_OSD), rules)),
            nodeId,
            1,
            facts);
    List<PlannedDisk> drives =
        whole.disks().stream()
            .filter(d -> !d.name().equals(SYSTEM))
            .sorted(
                Comparator.comparingInt(d -> Integer.parseInt(d.name().substring(DRIVE.length()))))
            .toList();
    return with(whole, drives);
  }

  private static DiskPlan with(DiskPlan plan, List<PlannedDisk> disks) {
    return new DiskPlan(plan.nodeId(), plan.attempt(), disks, List.of(), List.of(), plan.osdDb());
  }

  /// The same drive where the kernel has it now.
  private static PlannedDisk at(PlannedDisk disk, String name) {
    return new PlannedDisk(
        disk.id(),
        name,
        List.of(name),
        disk.sizeBytes(),
        disk.model(),
        disk.serial(),
        disk.guid(),
        disk.keepTable(),
        disk.partitions());
  }

  private static Facts.Disk disk(String name, int mib) {
    return new Facts.Disk(
        name,
        name,
        name,
        List.of(),
        null,
        null,
        null,
        null,
        (long) mib << 20,
        SECTOR,
        SECTOR,
        Facts.Media.HDD,
        "loop",
        false,
        false,
        null,
        null,
        List.of());
  }

  private int count() {
    return plan.disks().size();
  }

  private int size(int index) {
    return index < osds.size() ? osds.get(index) : journal;
  }
}
