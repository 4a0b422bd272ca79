package io.kindling.ksgen;

import static io.kindling.ksgen.LoopDisks.MIB;
import static io.kindling.ksgen.LoopDisks.ok;
import static io.kindling.ksgen.LoopDisks.write;

import io.kindling.ksgen.DiskPlan.Extent;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.Use;
import io.kindling.ksgen.LoopDisks.Loop;
import io.kindling.ksgen.internal.GptTypes;
import io.kindling.ksgen.internal.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/// A disk with partitions to keep between others, a blank one, and plans for both made by hand:
/// what the script must do does not hang on what the layout would choose.
final class LoopPlans {

  static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-0000000000bb");
  static final UUID TABLE = UUID.fromString("11111111-2222-4333-8444-555555555555");
  static final UUID OSD = UUID.fromString("4fbd7e29-9d25-41b8-afd0-062c0ceff05d");
  static final UUID LINUX = UUID.fromString("0fc63daf-8483-4772-8e79-3d69d8477de4");
  static final UUID KEPT_OSD = UUID.fromString("aaaaaaaa-0000-4000-8000-000000000003");
  static final UUID KEPT_DATA = UUID.fromString("aaaaaaaa-0000-4000-8000-000000000007");

  private LoopPlans() {}

  /// Partitions 1, 3, 5 and 7; 3 and 7 hold noise, 7 has a name and attributes of its own. 3 starts
  /// and ends on no whole MiB.
  static void fill(Loop loop) {
    long perMib = MIB / loop.sector();
    long[][] at = extents(loop);
    LoopDisks.run("partx", "-d", loop.device());
    ok("wipefs", "-q", "-a", loop.device());
    ok(
        "sgdisk",
        "-a",
        "1",
        "-U",
        TABLE.toString(),
        "-n",
        "1:" + perMib + ":" + (100 * perMib - 1),
        "-n",
        "3:" + at[0][0] + ":" + (at[0][0] + at[0][1] - 1),
        "-n",
        "5:" + 300 * perMib + ":" + (600 * perMib - 1),
        "-n",
        "7:" + at[1][0] + ":" + (at[1][0] + at[1][1] - 1),
        "-t",
        "3:" + OSD,
        "-u",
        "3:" + KEPT_OSD,
        "-u",
        "7:" + KEPT_DATA,
        "-c",
        "3:ceph data",
        "-c",
        "7:mine",
        "-A",
        "7:set:60",
        loop.device());
    ok("partx", "-a", loop.device());
    ok("mkfs.ext4", "-q", "-F", loop.device() + "p1");
    var random = new Random(loop.sector());
    for (long[] extent : at) {
      byte[] noise = new byte[(int) (extent[1] * loop.sector())];
      random.nextBytes(noise);
      write(loop, extent[0] * loop.sector(), noise);
    }
  }

  /// Of the partitions to keep: start and length in sectors.
  static long[][] extents(Loop loop) {
    long perMib = MIB / loop.sector();
    return new long[][] {{200 * perMib + 3, 20 * perMib + 2}, {700 * perMib, 15 * perMib}};
  }

  static List<Long> sums(Loop loop) {
    var sums = new ArrayList<Long>();
    for (long[] extent : extents(loop)) {
      sums.add(LoopDisks.sum(loop, extent[0] * loop.sector(), extent[1] * loop.sector()));
    }
    return sums;
  }

  /// New partitions before, between and behind those kept.
  static PlannedDisk kept(int attempt, Loop loop) {
    var ids = new Ids(NODE, attempt);
    String id = loop.name();
    long[][] at = extents(loop);
    return new PlannedDisk(
        id,
        loop.name(),
        List.of(loop.name()),
        loop.bytes(),
        null,
        null,
        TABLE,
        true,
        List.of(
            made(ids, id, 1, "esp", Use.ESP, GptTypes.ESP, 1, 64, "vfat"),
            keep(3, "ceph data", OSD, KEPT_OSD, loop, at[0]),
            made(ids, id, 2, "boot", Use.FILE_SYSTEM, LINUX, 230, 300, "ext4"),
            keep(7, "mine", LINUX, KEPT_DATA, loop, at[1]),
            made(ids, id, 9, "osd", Use.CEPH_OSD, OSD, 715, 1200, null)));
  }

  static PlannedDisk whole(int attempt, Loop loop) {
    var ids = new Ids(NODE, attempt);
    String id = loop.name();
    return new PlannedDisk(
        id,
        loop.name(),
        List.of(loop.name()),
        loop.bytes(),
        null,
        null,
        ids.of(id, Ids.DISK),
        false,
        List.of(
            made(ids, id, 1, "bios", Use.BIOS_BOOT, GptTypes.BIOS_BOOT, 1, 1, null),
            made(ids, id, 2, "swap", Use.SWAP, LINUX, 2, 100, "swap"),
            made(ids, id, 3, "osd", Use.CEPH_OSD, OSD, 102, 1100, null)));
  }

  static DiskPlan plan(int attempt, PlannedDisk... disks) {
    return new DiskPlan(NODE, attempt, List.of(disks), List.of(), List.of(), Map.of());
  }

  private static PlannedPartition keep(
      int number, String label, UUID type, UUID guid, Loop loop, long[] at) {
    long start = at[0] * loop.sector();
    long size = at[1] * loop.sector();
    long end = (start + size + MIB - 1) / MIB;
    return new PlannedPartition(
        number,
        label,
        Use.OTHER,
        type,
        guid,
        start / MIB,
        end - start / MIB,
        null,
        null,
        null,
        null,
        new Extent(start, size));
  }

  private static PlannedPartition made(
      Ids ids,
      String disk,
      int number,
      String name,
      Use use,
      UUID type,
      long start,
      long size,
      @org.jspecify.annotations.Nullable String fileSystem) {
    UUID content = ids.of(disk, Ids.FILE_SYSTEM + number);
    return new PlannedPartition(
        number,
        "kindling-" + name + "-" + number,
        use,
        type,
        ids.of(disk, number),
        start,
        size,
        null,
        fileSystem,
        fileSystem == null
            ? null
            : fileSystem.equals("vfat") ? Ids.fatSerial(content) : content.toString(),
        null,
        null);
  }
}
