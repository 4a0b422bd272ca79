package io.kindling.ksgen;

import static io.kindling.ksgen.LoopDisks.GIB;
import static io.kindling.ksgen.LoopDisks.MIB;
import static io.kindling.ksgen.LoopDisks.assertTablesAsPlanned;
import static io.kindling.ksgen.LoopDisks.ends;
import static io.kindling.ksgen.LoopDisks.ok;
import static io.kindling.ksgen.LoopDisks.read;
import static io.kindling.ksgen.LoopDisks.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.ksgen.LoopDisks.Loop;
import io.kindling.ksgen.LoopDisks.Result;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A table with partitions that are kept, on loop devices of both sector sizes.
@Tag("rack")
class KeptPartitionsOnLoopsTest {

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

  @ParameterizedTest
  @ValueSource(ints = {512, 4096})
  void everythingButWhatIsKeptIsMadeAnewByEachAttemptAndByNoOther(int sector) {
    Loop disk = disks.loop("kept", 3 * GIB, sector);
    LoopPlans.fill(disk);
    // A copy of another cluster's label, where the new OSD will look for one.
    byte[] label = "bluestore block device\n".getBytes(StandardCharsets.US_ASCII);
    write(disk, 715L * MIB + GIB, label);
    List<Long> sums = LoopPlans.sums(disk);
    List<String> entries = keptEntries(disk);
    DiskPlan plan = LoopPlans.plan(1, LoopPlans.kept(1, disk));

    Result first = disks.sh(PartitionScript.render(plan));
    assertThat(first.code()).as(first.out()).isZero();
    assertThat(first.out())
        .contains("keeping partitions 3 7", "KINDLING wiped", "step kept " + disk.name());
    assertTablesAsPlanned(plan, List.of(disk));
    assertThat(read(disk, 715L * MIB + GIB, label.length)).containsOnly(0);
    assertThat(fileSystems(disk)).isEqualTo(planned(plan));
    assertThat(LoopPlans.sums(disk)).isEqualTo(sums);
    assertThat(keptEntries(disk)).isEqualTo(entries);

    write(disk, 800L * MIB, label); // what the attempt has put there since
    String before = ends(disk);
    Result again = disks.sh(PartitionScript.render(plan));
    assertThat(again.code()).as(again.out()).isZero();
    assertThat(again.out()).doesNotContain("KINDLING wiped").contains("already as planned");
    assertThat(ends(disk)).isEqualTo(before);
    assertThat(read(disk, 800L * MIB, label.length)).isEqualTo(label);

    DiskPlan next = LoopPlans.plan(2, LoopPlans.kept(2, disk));
    Result second = disks.sh(PartitionScript.render(next));
    assertThat(second.code()).as(second.out()).isZero();
    assertTablesAsPlanned(next, List.of(disk));
    assertThat(fileSystems(disk)).isEqualTo(planned(next)).isNotEqualTo(planned(plan));
    assertThat(LoopPlans.sums(disk)).isEqualTo(sums);
    assertThat(keptEntries(disk)).isEqualTo(entries);
  }

  @Test
  void whatIsToBeKeptButIsNotAsReportedIsRefusedBeforeAnyDiskChanges() throws Exception {
    Loop disk = disks.loop("kept", 3 * GIB);
    Loop other = disks.loop("other", 2 * GIB);
    LoopPlans.fill(disk);
    ok("sgdisk", "-n", "1:0:+500M", other.device());
    String script =
        PartitionScript.render(
            LoopPlans.plan(1, LoopPlans.whole(1, other), LoopPlans.kept(1, disk)));
    assertThat(disks.sh(script, "--until=check").code()).isZero();

    ok("sgdisk", "-u", "3:aaaaaaaa-0000-4000-8000-0000000000ff", disk.device());
    refused(script, "KSG-112 disk " + disk.name() + ": partition 3 is to be kept", disk, other);
    ok("sgdisk", "-u", "3:" + LoopPlans.KEPT_OSD, disk.device());
    ok("sgdisk", "-U", "11111111-2222-4333-8444-666666666666", disk.device());
    refused(script, "KSG-112 disk " + disk.name() + ": expected the table", disk, other);
    ok("sgdisk", "-U", LoopPlans.TABLE.toString(), disk.device());
    ok("sgdisk", "-d", "7", disk.device());
    refused(script, "KSG-112", disk, other);
    refused(script.replace("'715' '1200'", "'715' '9000'"), "KSG-113", disk, other);

    LoopPlans.fill(disk);
    ok("mkfs.ext4", "-q", "-F", disk.device() + "p7");
    Path mount = Files.createDirectory(dir.resolve("mount"));
    ok("mount", disk.device() + "p7", mount.toString());
    refused(script, "KSG-107", disk, other);
    ok("umount", mount.toString());
    // A partition that would reach into one to be kept.
    refused(script.replace("'230' '300'", "'219' '300'"), "KSG-113", disk, other);
    assertThat(disks.sh(script, "--until=check").code()).isZero();
    ok("wipefs", "-a", disk.device());
    ok("sh", "-c", "echo 'label: dos' | sfdisk -q " + disk.device());
    refused(script, "KSG-112 disk " + disk.name() + ": has no GPT", disk, other);
  }

  @Test
  void aKeptTableOfWhichOneCopyIsBrokenIsCompletedFromTheOther() {
    Loop disk = disks.loop("kept", 3 * GIB);
    LoopPlans.fill(disk);
    List<Long> sums = LoopPlans.sums(disk);
    DiskPlan plan = LoopPlans.plan(1, LoopPlans.kept(1, disk));
    String script = PartitionScript.render(plan);
    write(disk, 1024, new byte[4096]); // the first entries
    Result first = disks.sh(script);
    assertThat(first.code()).as(first.out()).isZero();
    assertTablesAsPlanned(plan, List.of(disk));
    write(disk, disk.bytes() - 512 - 16384, new byte[16384 + 512]);
    Result completed = disks.sh(script);
    assertThat(completed.code()).as(completed.out()).isZero();
    assertThat(completed.out()).contains("completing the table").doesNotContain("KINDLING wiped");
    assertTablesAsPlanned(plan, List.of(disk));
    assertThat(LoopPlans.sums(disk)).isEqualTo(sums);
  }

  private void refused(String script, String error, Loop... loops) {
    String before = ends(loops);
    Result result = disks.sh(script);
    assertThat(result.code()).as(result.out()).isEqualTo(10);
    assertThat(result.out()).contains(error).doesNotContain("wiped");
    assertThat(ends(loops)).isEqualTo(before);
  }

  private static List<String> keptEntries(Loop disk) {
    return ok("sfdisk", "--dump", disk.device())
        .lines()
        .filter(l -> l.contains("p3 :") || l.contains("p7 :"))
        .toList();
  }

  private static List<String> fileSystems(Loop disk) {
    return List.of(
        ok("blkid", "-p", "-s", "UUID", "-o", "value", disk.device() + "p1").strip(),
        ok("blkid", "-p", "-s", "UUID", "-o", "value", disk.device() + "p2").strip());
  }

  private static List<String> planned(DiskPlan plan) {
    return plan.disks().getFirst().partitions().stream()
        .filter(p -> p.number() <= 2)
        .map(p -> String.valueOf(p.fileSystemId()))
        .toList();
  }
}
