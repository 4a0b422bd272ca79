package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The script on real block devices: loop devices, whose tables this kernel does not read by
/// itself. Needs root, fdisk, gdisk and e2fsprogs. LVM needs a device mapper, so it is tried in
/// machines.
@Tag("rack")
class PartitionScriptOnLoopsTest {

  private static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-0000000000aa");
  private static final long GIB = 1L << 30;
  private static final int MIB = 1 << 20;

  private record Loop(Path image, String device, long bytes) {
    String name() {
      return device.substring("/dev/".length());
    }
  }

  private record Result(int code, String out) {}

  @TempDir private Path dir;
  private final List<Loop> loops = new ArrayList<>();

  @AfterEach
  void detach() throws Exception {
    for (Loop loop : loops) {
      run("partx", "-d", loop.device());
      run("losetup", "-d", loop.device());
    }
  }

  @Test
  void anOldTableWithItsBackupAndOldContentsGiveWayAndRunningAgainChangesNothing()
      throws Exception {
    Loop os = loop("os", 7 * GIB);
    Loop data = loop("data", 4 * GIB);
    Loop journal = loop("journal", 3 * GIB);
    ok("sgdisk", "-n", "1:0:+500M", "-n", "2:0:+3G", "-c", "1:old", os.device());
    ok("partx", "-u", os.device());
    ok("mkfs.ext4", "-q", os.device() + "p2");
    ok("mkfs.ext4", "-q", "-F", data.device());
    byte[] label = "bluestore block device\n".getBytes(StandardCharsets.US_ASCII);
    write(data, 2L * MIB + GIB, label); // a copy of the label of what lies there next
    DiskPlan plan = plan(1, os, data, journal);
    String script = script(plan);

    Result first = sh(script, "--until=partitions", "--read-back");
    assertThat(first.out()).contains("KINDLING wiped " + os.name(), "KINDLING done partitions");
    assertThat(first.code()).isZero();
    assertTablesAsPlanned(plan);
    assertThat(ok("wipefs", os.device() + "p4", data.device() + "p2")).isEmpty();
    assertThat(read(data, 2L * MIB + GIB, label.length)).containsOnly(0);
    String before = ends(os, data, journal);

    Result again = sh(script, "--until=partitions");
    assertThat(again.code()).isZero();
    assertThat(again.out()).doesNotContain("KINDLING wiped");
    assertThat(again.out().split("already as planned", -1)).hasSize(4);
    assertThat(ends(os, data, journal)).isEqualTo(before);

    Result next = sh(script(plan(2, os, data, journal)), "--until=partitions");
    assertThat(next.code()).isZero();
    assertThat(next.out().split("KINDLING wiped", -1)).hasSize(4);
    assertTablesAsPlanned(plan(2, os, data, journal));
  }

  @Test
  void aSwappedDiskIsRefusedAndNothingIsChangedOnAny() throws Exception {
    Loop os = loop("os", 7 * GIB);
    Loop data = loop("data", 4 * GIB);
    ok("sgdisk", "-n", "1:0:+500M", os.device());
    ok("sgdisk", "-n", "1:0:+500M", data.device());
    DiskPlan plan = plan(1, os, new Loop(data.image(), data.device(), 5 * GIB));
    String before = ends(os, data);
    Result result = sh(script(plan), "--until=filesystems");
    assertThat(result.code()).isEqualTo(10);
    assertThat(result.out())
        .contains(
            "KINDLING-ERROR KSG-103 disk "
                + data.name()
                + ": expected 5368709120 bytes, found 4294967296");
    assertThat(result.out()).doesNotContain("wiped");
    assertThat(ends(os, data)).isEqualTo(before);
  }

  @Test
  void aMissingDiskAMountedDiskAndOneDeviceTwiceAreRefusedInOneRun() throws Exception {
    Loop os = loop("os", 7 * GIB);
    Loop data = loop("data", 4 * GIB);
    ok("mkfs.ext4", "-q", "-F", data.device());
    Path mount = Files.createDirectory(dir.resolve("mount"));
    ok("mount", data.device(), mount.toString());
    try {
      Result mounted = sh(script(plan(1, os, data)), "--until=wipe");
      assertThat(mounted.code()).isEqualTo(10);
      assertThat(mounted.out())
          .contains("KINDLING-ERROR KSG-107 disk " + data.name() + ": " + data.device());
    } finally {
      ok("umount", mount.toString());
    }
    Loop gone = new Loop(dir, "/dev/nosuchdisk", 4 * GIB);
    Result missing = sh(script(plan(1, os, data, gone)), "--until=wipe");
    assertThat(missing.code()).isEqualTo(10);
    assertThat(missing.out()).contains("KINDLING-ERROR KSG-101 disk nosuchdisk: not found");
    String twice =
        script(plan(1, os, data)).replace("'" + data.name() + "'", "'" + os.name() + "'");
    Result same = sh(twice, "--until=wipe");
    assertThat(same.code()).isEqualTo(10);
    assertThat(same.out()).contains("KSG-106");
  }

  @Test
  void killedAtAnyMomentItGoesOnAndWipesEachDiskOnce() throws Exception {
    Loop os = loop("os", 7 * GIB);
    Loop data = loop("data", 4 * GIB);
    int deaths = 0;
    for (int attempt = 1; attempt <= 12; attempt++) {
      DiskPlan plan = plan(attempt, os, data);
      String script = script(plan);
      // Every external program is a moment to die before; each attempt dies at a later one.
      int moment = attempt * 5;
      String dying =
          script.replace(
              "\nmain </dev/null\n",
              "\nmoment=0\ndie_there() { moment=$((moment + 1));"
                  + " if [ \"$moment\" -ge "
                  + moment
                  + " ]; then kill -9 $$; fi; }\n"
                  + dyingTools("sfdisk wipefs blkdiscard partx blockdev dd")
                  + "main </dev/null\n");
      Result killed = sh(dying, "--until=partitions");
      deaths += killed.code() == 137 ? 1 : 0;
      Result resumed = sh(script, "--until=partitions");
      assertThat(resumed.code()).as("%s\n%s", killed.out(), resumed.out()).isZero();
      assertTablesAsPlanned(plan);
      for (Loop loop : List.of(os, data)) {
        String wiped = "KINDLING wiped " + loop.name() + "\n";
        assertThat((killed.out() + resumed.out()).split(wiped, -1).length - 1)
            .as("moment %d:\n%s\n%s", moment, killed.out(), resumed.out())
            .isLessThanOrEqualTo(1);
      }
    }
    assertThat(deaths).isGreaterThanOrEqualTo(8);
  }

  @Test
  void aTableThatOnlyHalfWentOutIsCompletedAndAForeignOneRefused() throws Exception {
    Loop os = loop("os", 7 * GIB);
    DiskPlan plan = plan(1, os);
    String script = script(plan);
    assertThat(sh(script, "--until=partitions").code()).isZero();
    write(os, os.bytes() - 512 - 16384, new byte[16384 + 512]); // the backup is gone
    Result completed = sh(script, "--until=partitions");
    assertThat(completed.out()).contains("completing the table").doesNotContain("KINDLING wiped");
    assertThat(completed.code()).isZero();
    assertTablesAsPlanned(plan);
    ok("sgdisk", "-c", "4:mine", os.device());
    Result foreign = sh(script, "--until=partitions");
    assertThat(foreign.code()).isEqualTo(12);
    assertThat(foreign.out()).contains("KSG-130 disk " + os.name());
  }

  @Test
  void aSecondRunWaitsForTheFirst() throws Exception {
    Loop os = loop("os", 7 * GIB);
    Process holder =
        new ProcessBuilder("flock", "/run/kindling-partition.lock", "sh", "-c", "echo held; read x")
            .start();
    assertThat(holder.inputReader().readLine()).isEqualTo("held");
    Path file = Files.writeString(dir.resolve("waiting.sh"), script(plan(1, os)));
    Process waiting = new ProcessBuilder("dash", file.toString(), "--until=check").start();
    var lines = waiting.inputReader();
    assertThat(lines.readLine()).isEqualTo("KINDLING step lock: waiting for another run to end");
    holder.getOutputStream().close();
    assertThat(lines.readLine()).startsWith("KINDLING step check");
    assertThat(waiting.waitFor()).isZero();
  }

  private static String dyingTools(String names) {
    var text = new StringBuilder();
    for (String name : names.split(" ")) {
      text.append(name).append("() { die_there; command ").append(name).append(" \"$@\"; }\n");
    }
    return text.toString();
  }

  /// sgdisk's opinion of each table, and sfdisk's of types and ids.
  private void assertTablesAsPlanned(DiskPlan plan) throws Exception {
    for (DiskPlan.PlannedDisk disk : plan.disks()) {
      String device = "/dev/" + disk.name();
      assertThat(ok("sgdisk", "-v", device)).contains("No problems found");
      assertThat(ok("sgdisk", "-p", device)).containsIgnoringCase(disk.guid().toString());
      for (DiskPlan.PlannedPartition p : disk.partitions()) {
        String info = ok("sgdisk", "-i", Integer.toString(p.number()), device);
        assertThat(info)
            .contains("Partition GUID code: " + p.type().toString().toUpperCase(Locale.ROOT))
            .contains("Partition unique GUID: " + p.guid().toString().toUpperCase(Locale.ROOT))
            .contains("First sector: " + p.startMib() * 2048 + " ")
            .contains("Partition size: " + p.sizeMib() * 2048 + " sectors")
            .contains("Partition name: '" + p.label() + "'");
        assertThat(Files.exists(Path.of(device + "p" + p.number()))).isTrue();
      }
      assertThat(Files.exists(Path.of(device + "p" + (disk.partitions().size() + 1)))).isFalse();
    }
  }

  private static DiskPlan plan(int attempt, Loop... loops) {
    var disks = new ArrayList<Facts.Disk>();
    var rules = new ArrayList<DiskRule>();
    for (Loop loop : loops) {
      disks.add(
          new Facts.Disk(
              loop.name(),
              loop.name(),
              loop.name(),
              List.of(),
              null,
              null,
              null,
              null,
              loop.bytes(),
              512,
              512,
              Facts.Media.HDD,
              "loop",
              false,
              false,
              null,
              null,
              List.of()));
    }
    rules.add(DiskOverride.parse(loops[0].name() + "=os:all").rule());
    if (loops.length > 2) {
      rules.add(DiskOverride.parse(loops[2].name() + "=cephjournal:all").rule());
    }
    Facts facts = Machines.of(2048, disks);
    Set<Role> roles = loops.length > 1 ? Set.of(Role.CEPH_OSD) : Set.of(Role.BASE);
    return Expand.expand(
        Layouter.layout(new LayoutRequest(NODE, attempt, facts, roles, rules)),
        NODE,
        attempt,
        facts);
  }

  private static String script(DiskPlan plan) {
    return PartitionScript.render(plan);
  }

  private Loop loop(String name, long bytes) throws Exception {
    Path image = dir.resolve(name + ".img");
    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(bytes);
    }
    var loop = new Loop(image, ok("losetup", "-f", "--show", image.toString()).strip(), bytes);
    loops.add(loop);
    return loop;
  }

  private static void write(Loop loop, long at, byte[] bytes) throws IOException {
    try (var device = new RandomAccessFile(loop.device(), "rw")) {
      device.seek(at);
      device.write(bytes);
      device.getFD().sync();
    }
  }

  private static byte[] read(Loop loop, long at, int length) throws IOException {
    try (var device = new RandomAccessFile(loop.device(), "r")) {
      device.seek(at);
      byte[] bytes = new byte[length];
      device.readFully(bytes);
      return bytes;
    }
  }

  /// The first and the last MiB of each disk.
  private static String ends(Loop... loops) throws IOException {
    var sums = new StringBuilder();
    for (Loop loop : loops) {
      sums.append(Arrays.hashCode(read(loop, 0, MIB))).append(' ');
      sums.append(Arrays.hashCode(read(loop, loop.bytes() - MIB, MIB))).append(' ');
    }
    return sums.toString();
  }

  private Result sh(String script, String... arguments) throws Exception {
    Path file = Files.writeString(dir.resolve("script.sh"), script);
    var words = new ArrayList<>(List.of("dash", file.toString()));
    words.addAll(List.of(arguments));
    return run(words.toArray(String[]::new));
  }

  private static String ok(String... words) throws Exception {
    Result result = run(words);
    assertThat(result.code()).as("%s\n%s", List.of(words), result.out()).isZero();
    return result.out();
  }

  private static Result run(String... words) throws Exception {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), out);
  }
}
