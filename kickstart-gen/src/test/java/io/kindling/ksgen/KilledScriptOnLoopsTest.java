package io.kindling.ksgen;

import static io.kindling.ksgen.LoopDisks.GIB;
import static io.kindling.ksgen.LoopDisks.assertTablesAsPlanned;
import static io.kindling.ksgen.LoopDisks.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.ksgen.LoopDisks.Loop;
import io.kindling.ksgen.LoopDisks.Result;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Killed before each program that changes anything, and run again: the same end, each disk wiped
/// once by the attempt at most. A disk of which partitions are kept and one that is taken whole.
@Tag("rack")
class KilledScriptOnLoopsTest {

  private static final List<String> TOOLS =
      List.of(
          "sfdisk",
          "wipefs",
          "blkdiscard",
          "partx",
          "blockdev",
          "mkfs.ext4",
          "mkfs.vfat",
          "fatlabel",
          "mkswap");

  /// Later ones than this are tried by the full run alone.
  private static final int QUICK = 7;

  @TempDir private Path dir;
  private LoopDisks disks;
  private Loop kept;
  private Loop whole;

  @BeforeEach
  void attach() throws Exception {
    disks = new LoopDisks(dir);
    kept = disks.loop("kept", 3 * GIB);
    whole = disks.loop("whole", 2 * GIB);
    LoopPlans.fill(kept);
    Path wrappers = Files.createDirectory(dir.resolve("wrappers"));
    for (String tool : TOOLS) {
      Path wrapper =
          Files.writeString(
              wrappers.resolve(tool),
              """
              #!/bin/sh
              read -r count <%1$s/count
              count=$((count + 1))
              echo "$count" >%1$s/count
              read -r moment <%1$s/moment
              [ "$count" -lt "$moment" ] || kill -9 "-$(cut -d ' ' -f 5 /proc/self/stat)"
              PATH=/usr/sbin:/usr/bin:/sbin:/bin
              exec %2$s "$@"
              """
                  .formatted(dir, tool));
      Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @AfterEach
  void detach() {
    disks.close();
  }

  @Test
  void killedAtSomeMomentsItGoesOn() {
    killed(QUICK);
  }

  @Tag("full")
  @Test
  void killedAtEveryMomentItGoesOn() {
    int moments = killed(1);
    assertThat(moments).isGreaterThan(40);
    System.out.println("killed at each of " + moments + " moments");
  }

  /// @return how many programs an undisturbed run calls
  private int killed(int step) {
    List<Long> sums = LoopPlans.sums(kept);
    for (int moment = 1; ; moment += step) {
      DiskPlan plan =
          LoopPlans.plan(moment, LoopPlans.kept(moment, kept), LoopPlans.whole(moment, whole));
      String script = PartitionScript.render(plan);
      plan.disks().forEach(this::mark);
      disks.write("count", "0\n");
      disks.write("moment", moment + "\n");
      Result killed = dying(script);
      boolean died = killed.code() == 137;
      assertThat(died || killed.code() == 0).as(killed.out()).isTrue();
      var marked =
          plan.disks().stream().filter(this::marked).map(DiskPlan.PlannedDisk::name).toList();
      disks.write("count", "0\n");
      disks.write("moment", "1000000\n");
      Result resumed = dying(script);
      assertThat(resumed.code())
          .as("moment %d\n%s\n%s", moment, killed.out(), resumed.out())
          .isZero();
      assertTablesAsPlanned(plan, List.of(kept, whole));
      for (DiskPlan.PlannedDisk disk : plan.disks()) {
        for (DiskPlan.PlannedPartition p : disk.partitions()) {
          if (p.fileSystemId() != null) {
            String node = "/dev/" + disk.name() + "p" + p.number();
            assertThat(ok("blkid", "-p", "-s", "UUID", "-o", "value", node).strip())
                .isEqualTo(p.fileSystemId());
          }
        }
        assertThat(label(disk)).as("moment %d: the old label is gone", moment).isEqualTo(NONE);
        assertWipedOnce(disk, marked.contains(disk.name()), killed.out(), resumed.out(), moment);
      }
      assertThat(LoopPlans.sums(kept)).isEqualTo(sums);
      if (!died) {
        return moment;
      }
    }
  }

  /// Whether the attempt's mark is on the disk: its table, or where the table stays the new entries
  /// in it.
  private boolean marked(DiskPlan.PlannedDisk disk) {
    String table = LoopDisks.run("sfdisk", "--dump", loop(disk).device()).out();
    UUID mark =
        disk.keepTable()
            ? disk.partitions().stream().filter(p -> !p.keep()).findFirst().orElseThrow().guid()
            : disk.guid();
    return table.toLowerCase(Locale.ROOT).contains(mark.toString());
  }

  /// What is marked is not wiped again, what is not marked is: nothing of the new attempt lies
  /// there.
  private static void assertWipedOnce(
      DiskPlan.PlannedDisk disk, boolean marked, String killed, String resumed, int moment) {
    String wiped = "KINDLING wiped " + disk.name() + "\n";
    assertThat(resumed.contains(wiped))
        .as("moment %d, %s, marked %s:\n%s\n%s", moment, disk.name(), marked, killed, resumed)
        .isEqualTo(!marked);
    assertThat((killed + resumed).split(wiped, -1).length - 1)
        .as("moment %d, %s:\n%s\n%s", moment, disk.name(), killed, resumed)
        .isLessThanOrEqualTo(disk.keepTable() ? 2 : 1);
  }

  /// What an earlier system has left where the new OSD will be: gone whenever the script was
  /// killed.
  private static final byte[] LABEL = "bluestore block device".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] NONE = new byte[LABEL.length];

  private void mark(DiskPlan.PlannedDisk disk) {
    LoopDisks.write(loop(disk), osd(disk), LABEL);
  }

  private byte[] label(DiskPlan.PlannedDisk disk) {
    return LoopDisks.read(loop(disk), osd(disk), LABEL.length);
  }

  private Loop loop(DiskPlan.PlannedDisk disk) {
    return disk.keepTable() ? kept : whole;
  }

  private static long osd(DiskPlan.PlannedDisk disk) {
    return disk.partitions().stream()
            .filter(p -> p.use() == DiskPlan.Use.CEPH_OSD)
            .findFirst()
            .orElseThrow()
            .startMib()
        * LoopDisks.MIB;
  }

  /// In a process group of its own, which the wrappers kill.
  private Result dying(String script) {
    String path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    Path file =
        disks.write(
            "dying.sh",
            script.replace(
                "\n" + path + "\n", "\nPATH=" + dir + "/wrappers:/usr/sbin:/usr/bin:/sbin:/bin\n"));
    return LoopDisks.run("setsid", "--wait", "dash", file.toString());
  }
}
