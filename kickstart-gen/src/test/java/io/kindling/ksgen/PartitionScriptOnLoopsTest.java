package io.kindling.ksgen;

import static io.kindling.ksgen.LoopDisks.GIB;
import static io.kindling.ksgen.LoopDisks.MIB;
import static io.kindling.ksgen.LoopDisks.assertTablesAsPlanned;
import static io.kindling.ksgen.LoopDisks.ends;
import static io.kindling.ksgen.LoopDisks.ok;
import static io.kindling.ksgen.LoopDisks.read;
import static io.kindling.ksgen.LoopDisks.run;
import static io.kindling.ksgen.LoopDisks.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.LoopDisks.Loop;
import io.kindling.ksgen.LoopDisks.Result;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The script on real block devices: loop devices, whose tables this kernel does not read by
/// itself. Needs root, fdisk, gdisk and e2fsprogs. LVM needs a device mapper, so it is tried in
/// machines.
@Tag("rack")
class PartitionScriptOnLoopsTest {

  private static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-0000000000aa");
  @TempDir private Path dir;
  private LoopDisks disks;

  @BeforeEach
  void attach() {
    disks = new LoopDisks(dir);
  }

  @AfterEach
  void detach() {
    disks.close();
  }

  @Test
  void anOldTableWithItsBackupAndOldContentsGiveWayAndRunningAgainChangesNothing()
      throws Exception {
    Loop os = disks.loop("os", 7 * GIB);
    Loop data = disks.loop("data", 4 * GIB);
    Loop journal = disks.loop("journal", 3 * GIB);
    ok("sgdisk", "-n", "1:0:+500M", "-n", "2:0:+3G", "-c", "1:old", os.device());
    ok("partx", "-u", os.device());
    ok("mkfs.ext4", "-q", os.device() + "p2");
    ok("mkfs.ext4", "-q", "-F", data.device());
    byte[] label = "bluestore block device\n".getBytes(StandardCharsets.US_ASCII);
    write(data, 2L * MIB + GIB, label); // a copy of the label of what lies there next
    DiskPlan plan = plan(1, os, data, journal);
    String script = script(plan);

    Result first = disks.sh(script, "--until=partitions", "--read-back");
    assertThat(first.out()).contains("KINDLING wiped " + os.name(), "KINDLING done partitions");
    assertThat(first.code()).isZero();
    assertTablesAsPlanned(plan, List.of(os, data, journal));
    assertThat(ok("wipefs", os.device() + "p4", data.device() + "p2")).isEmpty();
    assertThat(read(data, 2L * MIB + GIB, label.length)).containsOnly(0);
    String before = ends(os, data, journal);

    Result again = disks.sh(script, "--until=partitions");
    assertThat(again.code()).isZero();
    assertThat(again.out()).doesNotContain("KINDLING wiped");
    assertThat(again.out().split("already as planned", -1)).hasSize(4);
    assertThat(ends(os, data, journal)).isEqualTo(before);

    Result next = disks.sh(script(plan(2, os, data, journal)), "--until=partitions");
    assertThat(next.code()).isZero();
    assertThat(next.out().split("KINDLING wiped", -1)).hasSize(4);
    assertTablesAsPlanned(plan(2, os, data, journal), List.of(os, data, journal));
  }

  @Test
  void aDiskThatIsToBeBlankHoldsNothingAndOneThatIsNotNamedIsNotTouched() throws Exception {
    Loop os = disks.loop("os", 7 * GIB);
    Loop data = disks.loop("data", 4 * GIB);
    Loop other = disks.loop("other", 4 * GIB);
    DiskPlan installed = plan(1, os, data);
    assertThat(disks.sh(script(installed), "--until=partitions").code()).isZero();
    ok("partx", "-u", data.device());
    ok("mkfs.ext4", "-q", "-F", data.device() + "p2");
    ok("mkfs.ext4", "-q", "-F", other.device());
    byte[] label = "bluestore block device\n".getBytes(StandardCharsets.US_ASCII);
    write(data, 2L * MIB + GIB, label);
    String untouched = ends(os, other);
    DiskPlan blank =
        DiskWipe.plan(NODE, facts(os, data, other), Set.of(data.name()), UUID::randomUUID);

    Result checked = disks.sh(script(blank), "--until=check");
    assertThat(checked.code()).as(checked.out()).isZero();
    assertThat(ok("wipefs", "--noheadings", data.device())).contains("gpt");
    for (int run = 1; run <= 2; run++) { // one that is run again, as after a lost connection
      Result wiped = disks.sh(script(blank), "--until=blank");
      assertThat(wiped.code()).as(wiped.out()).isZero();
      assertThat(wiped.out()).contains("KINDLING blank " + data.name(), "KINDLING done blank");
      assertThat(ok("wipefs", "--noheadings", data.device())).isEmpty();
      assertThat(run("blkid", "-p", data.device()).out()).isEmpty();
      assertThat(read(data, 0, MIB)).containsOnly(0);
      assertThat(read(data, data.bytes() - MIB, MIB)).containsOnly(0);
      assertThat(read(data, 2L * MIB + GIB, label.length)).containsOnly(0);
      assertThat(Files.exists(Path.of("/sys/class/block", data.name(), data.name() + "p2")))
          .isFalse();
    }
    assertThat(ends(os, other)).isEqualTo(untouched);
    assertTablesAsPlanned(
        new DiskPlan(
            NODE, 1, List.of(installed.disks().getFirst()), List.of(), List.of(), Map.of()),
        List.of(os));
    assertThat(ok("blkid", "-p", "-s", "TYPE", "-o", "value", other.device())).contains("ext4");
  }

  @Test
  void aMountedDiskIsNotBlanked() throws Exception {
    Loop data = disks.loop("data", 4 * GIB);
    ok("mkfs.ext4", "-q", "-F", data.device());
    Path mount = Files.createDirectory(dir.resolve("mount"));
    ok("mount", data.device(), mount.toString());
    DiskPlan blank = DiskWipe.plan(NODE, facts(data), Set.of(data.name()), UUID::randomUUID);
    try {
      Result refused = disks.sh(script(blank), "--until=blank");
      assertThat(refused.code()).isEqualTo(10);
      assertThat(refused.out()).contains("KINDLING-ERROR KSG-107 disk " + data.name());
    } finally {
      ok("umount", mount.toString());
    }
    assertThat(ok("fsck.ext4", "-n", data.device())).contains("clean");
  }

  @Test
  void aSwappedDiskIsRefusedAndNothingIsChangedOnAny() throws Exception {
    Loop os = disks.loop("os", 7 * GIB);
    Loop data = disks.loop("data", 4 * GIB);
    ok("sgdisk", "-n", "1:0:+500M", os.device());
    ok("sgdisk", "-n", "1:0:+500M", data.device());
    DiskPlan plan = plan(1, os, new Loop(data.device(), 5 * GIB, 512));
    String before = ends(os, data);
    Result result = disks.sh(script(plan), "--until=filesystems");
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
  void aPoolThatAlsoLiesOnADiskOutsideThePlanIsRefusedThoughNothingOfItRuns() {
    Loop os = disks.loop("os", 7 * GIB);
    Loop data = disks.loop("data", 4 * GIB);
    Loop other = disks.loop("other", 4 * GIB);
    String script = script(plan(1, os, data));
    ok("mkfs.btrfs", "-q", "-f", "-m", "raid1", data.device(), other.device());
    refusedForAPool(script, data, other);
    ok("wipefs", "-q", "-a", data.device());
    ok("wipefs", "-q", "-a", other.device());
    ok("make-bcache", "-C", other.device(), "-B", data.device());
    refusedForAPool(script, data, other);
    ok("wipefs", "-q", "-a", other.device());
    assertThat(disks.sh(script, "--until=check").code()).isZero();
  }

  private void refusedForAPool(String script, Loop data, Loop other) {
    String before = ends(data, other);
    Result result = disks.sh(script, "--until=filesystems");
    assertThat(result.code()).as(result.out()).isEqualTo(10);
    assertThat(result.out())
        .containsPattern(
            "KSG-108 disk %s: pool .* also lies on %s,".formatted(data.name(), other.name()));
    assertThat(ends(data, other)).isEqualTo(before);
  }

  @Test
  void aMissingDiskAMountedDiskAndOneDeviceTwiceAreRefusedInOneRun() throws Exception {
    Loop os = disks.loop("os", 7 * GIB);
    Loop data = disks.loop("data", 4 * GIB);
    ok("mkfs.ext4", "-q", "-F", data.device());
    Path mount = Files.createDirectory(dir.resolve("mount"));
    ok("mount", data.device(), mount.toString());
    try {
      Result mounted = disks.sh(script(plan(1, os, data)), "--until=wipe");
      assertThat(mounted.code()).isEqualTo(10);
      assertThat(mounted.out())
          .contains("KINDLING-ERROR KSG-107 disk " + data.name() + ": " + data.device());
    } finally {
      ok("umount", mount.toString());
    }
    Loop gone = new Loop("/dev/nosuchdisk", 4 * GIB, 512);
    Result missing = disks.sh(script(plan(1, os, data, gone)), "--until=wipe");
    assertThat(missing.code()).isEqualTo(10);
    assertThat(missing.out()).contains("KINDLING-ERROR KSG-101 disk nosuchdisk: not found");
    String twice =
        script(plan(1, os, data)).replace("'" + data.name() + "'", "'" + os.name() + "'");
    Result same = disks.sh(twice, "--until=wipe");
    assertThat(same.code()).isEqualTo(10);
    assertThat(same.out()).contains("KSG-106");
  }

  @Test
  void aTableThatOnlyHalfWentOutIsCompletedAndAForeignOneRefused() throws Exception {
    Loop os = disks.loop("os", 7 * GIB);
    DiskPlan plan = plan(1, os);
    String script = script(plan);
    assertThat(disks.sh(script, "--until=partitions").code()).isZero();
    write(os, os.bytes() - 512 - 16384, new byte[16384 + 512]); // the backup is gone
    Result completed = disks.sh(script, "--until=partitions");
    assertThat(completed.out()).contains("completing the table").doesNotContain("KINDLING wiped");
    assertThat(completed.code()).isZero();
    assertTablesAsPlanned(plan, List.of(os));
    ok("sgdisk", "-c", "4:mine", os.device());
    Result foreign = disks.sh(script, "--until=partitions");
    assertThat(foreign.code()).isEqualTo(12);
    assertThat(foreign.out()).contains("KSG-130 disk " + os.name());
  }

  @Test
  void aSecondRunWaitsForTheFirst() throws Exception {
    Loop os = disks.loop("os", 7 * GIB);
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

  private static Facts facts(Loop... loops) {
    var disks = new ArrayList<Facts.Disk>();
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
              loop.sector(),
              loop.sector(),
              Facts.Media.HDD,
              "loop",
              false,
              false,
              null,
              null,
              List.of()));
    }
    return Machines.of(2048, disks);
  }

  private static DiskPlan plan(int attempt, Loop... loops) {
    var rules = new ArrayList<DiskRule>();
    rules.add(DiskOverride.parse(loops[0].name() + "=os:all").rule());
    if (loops.length > 2) {
      rules.add(DiskOverride.parse(loops[2].name() + "=cephjournal:all").rule());
    }
    Facts facts = facts(loops);
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
}
