package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.FactsParser;
import io.kindling.ksgen.DiskOverride;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.RaidArray;
import io.kindling.ksgen.DiskRule;
import io.kindling.ksgen.Expand;
import io.kindling.ksgen.LayoutRequest;
import io.kindling.ksgen.Layouter;
import io.kindling.ksgen.PartitionScript;
import io.kindling.tests.endtoend.ScriptOnMachine.Bus;
import io.kindling.tests.endtoend.ScriptOnMachine.Drive;
import io.kindling.tests.endtoend.ScriptOnMachine.Result;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What disks can hold when the script meets them, on drives of every kind, in one boot of the
/// bootstrap image. Each case prepares its own disks; drive UK is in no plan but where said.
final class PartitionScriptOnMachineTest {

  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-0000000000cc");

  private static final Drive VA = new Drive("VA", Bus.VIRTIO, 8 << 10, 512);
  private static final Drive SB = new Drive("SB", Bus.SCSI, 6 << 10, 512);
  private static final Drive SB2 = new Drive("SB2", Bus.SCSI, 6 << 10, 512, "SB");
  private static final Drive SD = new Drive("SD", Bus.SCSI, 8 << 10, 4096);
  private static final Drive NC = new Drive("NC", Bus.NVME, 6 << 10, 4096);
  private static final Drive BG = new Drive("BG", Bus.SCSI, 1_100_000, 512);
  private static final Drive UK = new Drive("UK", Bus.SCSI, 1200, 512);
  private static final List<Drive> ALL = List.of(VA, SB, SB2, SD, NC, BG, UK);

  private static ScriptOnMachine machine;
  private static int attempt;

  /// What the disks hold matters to a plan only where something of it is kept.
  private static @Nullable Facts reported;

  private long started;
  private @Nullable String untouched;

  @BeforeAll
  static void boot() throws Exception {
    machine = ScriptOnMachine.boot("matrix", ALL);
    ok(
        NAMES
            + """
            head -c 64M /dev/urandom >/dev/$UK; modprobe -q -a md_mod raid1 dm_mod bcache; sync
            echo 1 >/sys/block/$SB2/device/delete # the second path comes back in its own case
            """);
  }

  @AfterAll
  static void off() throws Exception {
    if (machine != null) {
      machine.close();
    }
  }

  @BeforeEach
  void begin() throws Exception {
    started = System.nanoTime();
    attempt++;
    ok(NAMES + CLEAN);
    untouched = machine.writes(UK.serial()) + ok(NAMES + "head -c 64M /dev/$UK | cksum");
  }

  @AfterEach
  void tell(TestInfo test) throws Exception {
    System.out.printf(
        "case %s: %.1f s%n",
        test.getTestMethod().orElseThrow().getName(), (System.nanoTime() - started) / 1e9);
    if (untouched != null) {
      assertThat(machine.writes(UK.serial()) + ok(NAMES + "head -c 64M /dev/$UK | cksum"))
          .isEqualTo(untouched);
    }
  }

  // ---- Whole disks ------------------------------------------------------------------------------

  @Test
  @Tag("rack")
  void everyKindOfDriveIsPartitionedOnceByAnAttempt() {
    DiskPlan plan = plan(Set.of(Role.CEPH_OSD), "VA=os:all", "NC=cephjournal:all", "UK=keep");
    Result first = script(plan);
    assertThat(first.code()).as(first.out()).isZero();
    assertThat(first.out().split("KINDLING wiped", -1)).hasSize(6);
    assertAsPlanned(plan);
    Result again = script(plan);
    assertThat(again.code()).as(again.out()).isZero();
    assertThat(again.out()).doesNotContain("KINDLING wiped");
    assertThat(again.out().split("already as planned", -1)).hasSize(6);
    assertAsPlanned(plan);
  }

  @Test
  @Tag("full")
  void aMultipathMapIsTakenDownAndTheDriveWrittenByOnePath() {
    ok(
        NAMES
            + """
            for host in /sys/class/scsi_host/host*/scan; do echo '- - -' >$host; done
            udevadm settle; for s in /sys/block/sd*; do case $(cat $s/device/wwid) in *$WWN) SB2=${s##*/} ;; esac; done
            size=$(cat /sys/block/$SB/size)
            modprobe dm_multipath; modprobe dm_round_robin
            dmsetup create mpatha --uuid mpath-35000c500 --table \\
              "0 $size multipath 0 0 1 1 round-robin 0 2 1 $(cat /sys/block/$SB/dev) 1 $(cat /sys/block/$SB2/dev) 1"
            sgdisk -n 1:0:+1G /dev/mapper/mpatha; udevadm settle; dmsetup ls
            """);
    DiskPlan plan =
        plan(
            Set.of(Role.CEPH_OSD),
            "VA=os:all",
            "SB=ceph:all",
            "SD=keep",
            "NC=keep",
            "BG=keep",
            "UK=keep");
    Result result = script(plan);
    assertThat(result.code()).as(result.out()).isZero();
    assertAsPlanned(plan);
    assertThat(ok("dmsetup ls")).doesNotContain("mpatha");
    assertThat(
            ok(
                NAMES
                    + "sfdisk -d /dev/$SB2 | grep -c uuid=; echo 1 >/sys/block/$SB2/device/delete"))
        .isEqualTo("2\n");
  }

  // ---- What is alive ----------------------------------------------------------------------------

  @Test
  @Tag("full")
  void aDegradedArrayUnderAGroupWithSwapInUseIsStoppedAndCleared() {
    ok(
        NAMES
            + """
            sgdisk -n 1:0:+2G -n 2:0:0 /dev/$VA; sgdisk -n 1:0:+3G /dev/$SD; udevadm settle
            mdadm --create /dev/md/old --run --quiet --level=1 --metadata=1.2 --raid-devices=2 /dev/${VA}2 missing
            mdadm --create /dev/md/older --run --quiet --level=1 --metadata=0.90 --raid-devices=2 /dev/${VA}1 /dev/${SD}1
            pvcreate -q -y /dev/md/old; vgcreate -q -y oldgroup /dev/md/old
            lvcreate -q -y -n swap -L 200m oldgroup; lvcreate -q -y -n data -L 200m oldgroup
            mkswap /dev/oldgroup/swap; swapon /dev/oldgroup/swap; mkfs.ext4 -q /dev/oldgroup/data
            pvcreate -q -y --metadatacopies 2 /dev/$NC; vgcreate -q -y tail /dev/$NC; lvcreate -q -y -n x -L 1g tail
            cat /proc/mdstat /proc/swaps
            """);
    DiskPlan plan = plan(Set.of(Role.CEPH_OSD), "VA=os:all", "SB=keep", "BG=keep", "UK=keep");
    Result result = script(plan);
    assertThat(result.code()).as(result.out()).isZero();
    assertAsPlanned(plan);
    assertThat(ok("cat /proc/mdstat /proc/swaps; pvs; mdadm --examine --scan"))
        .doesNotContain("md1", "dm-1 ", "oldgroup", "tail", "ARRAY");
  }

  @Test
  @Tag("full")
  void cryptAndBcacheAreClosedAndCleared() {
    ok(
        NAMES
            + """
            sgdisk -n 1:0:+2G -n 2:0:0 /dev/$SD; udevadm settle
            echo secret | cryptsetup open --type plain --cipher aes-xts-plain64 --key-size 256 /dev/${SD}1 hidden
            mkfs.ext4 -q /dev/mapper/hidden
            make-bcache -B /dev/${SD}2; make-bcache -C /dev/$NC
            echo /dev/$NC >/sys/fs/bcache/register; echo /dev/${SD}2 >/sys/fs/bcache/register
            udevadm settle; ls /sys/block | grep bcache
            echo $(ls /sys/fs/bcache | grep -- -) >/sys/block/bcache0/bcache/attach
            mkfs.ext4 -q /dev/bcache0; ls -d /sys/block/$NC/holders/bcache0
            """);
    DiskPlan plan = plan(Set.of(Role.CEPH_OSD), "VA=os:all", "SB=keep", "BG=keep", "UK=keep");
    Result result = script(plan);
    assertThat(result.code()).as(result.out()).isZero();
    assertAsPlanned(plan);
    assertThat(ok(NAMES + "ls /sys/block; ls /sys/fs/bcache; ls /dev/mapper"))
        .doesNotContain("bcache0", "hidden")
        .doesNotContainPattern("[0-9a-f]{8}-[0-9a-f]{4}");
  }

  @Test
  @Tag("full")
  void whatAlsoLiesOnADiskOutsideThePlanIsRefusedBeforeAnythingChanges() {
    untouched = null;
    ok(
        NAMES
            + """
            sgdisk -n 1:0:+1G /dev/$SD; udevadm settle
            mdadm --create /dev/md/wide --run --quiet --level=1 --metadata=1.2 --raid-devices=2 /dev/${SD}1 /dev/$UK
            """);
    DiskPlan plan =
        plan(Set.of(Role.CEPH_OSD), "VA=os:all", "SB=keep", "NC=keep", "BG=keep", "UK=keep");
    refused(plan, "KSG-108 disk ");
    ok("mdadm --stop /dev/md/wide");
    refused(plan, "array any:wide also lies on", "array wide also lies on", ":wide also lies on");
    ok(
        NAMES
            + "mdadm --zero-superblock /dev/${SD}1 /dev/$UK; pvcreate -q -y /dev/${SD}1 /dev/$UK;"
            + " vgcreate -q -y wide /dev/${SD}1 /dev/$UK; lvcreate -q -y -n x -l 100%FREE wide");
    refused(plan, "KSG-108 disk ");
    ok("vgchange -q -an wide");
    refused(plan, "group wide also lies on");
    ok("vgrename -q wide os");
    ok(
        NAMES
            + "vgreduce -q os /dev/${SD}1 || { lvremove -q -y os/x; vgreduce -q os /dev/${SD}1; }");
    refused(plan, "KSG-109 ");
    ok(NAMES + "vgremove -q -y os; pvremove -q -y /dev/$UK; wipefs -q -a /dev/$UK");
    ok(
        NAMES
            + "vgcreate -q -y mine /dev/${SD}1; lvcreate -q -y -n x -L 200m mine; mkfs.ext4 -q"
            + " /dev/mine/x; mkdir -p /run/x; mount /dev/mine/x /run/x");
    refused(plan, "KSG-107 disk ");
    ok("umount /run/x");
    Result result = script(plan);
    assertThat(result.code()).as(result.out()).isZero();
    assertAsPlanned(plan);
  }

  // ---- What lies there --------------------------------------------------------------------------

  @Test
  @Tag("full")
  void labelsAndTheirCopiesAreGoneWhereverTheyStood() {
    // 715 MiB: nothing but BlueStore's own places, btrfs' and ZFS' are looked at, on the whole
    // drive.
    var places = new ArrayList<Long>();
    for (long gib : List.of(0L, 1L, 10L, 100L, 1000L)) {
      places.add((2L << 20) + (gib << 30)); // the OSD that will be, from 2 MiB on
      places.add(gib << 30);
    }
    places.add(64L << 20);
    places.add((256L << 30));
    places.add((2L << 20) + (64L << 20));
    places.add(256L << 10);
    places.add(BG.bytes() - (256L << 10));
    places.add(BG.bytes() - (512L << 10));
    var mark = new StringBuilder(NAMES);
    var look = new StringBuilder(NAMES);
    for (long at : places) {
      mark.append(
              "printf 'bluestore block device' | dd of=/dev/$BG bs=4k oflag=seek_bytes conv=notrunc"
                  + " seek=")
          .append(at)
          .append(" 2>/dev/null\n");
      look.append("dd if=/dev/$BG bs=4k count=1 iflag=skip_bytes skip=")
          .append(at)
          .append(" 2>/dev/null | grep -c 'bluestore block' || :\n");
    }
    ok(mark + "sync");
    assertThat(ok(look.toString()).lines().distinct()).containsExactly("1");
    DiskPlan plan =
        plan(
            Set.of(Role.CEPH_OSD),
            "VA=os:all",
            "BG=ceph:all",
            "SB=keep",
            "SD=keep",
            "NC=keep",
            "UK=keep");
    Result result = script(plan);
    assertThat(result.code()).as(result.out()).isZero();
    assertAsPlanned(plan);
    assertThat(ok(look.toString()).lines().distinct()).containsExactly("0");
  }

  @Test
  @Tag("full")
  void oldTablesAreGone() {
    // Fuel's and ceph-disk's partitions with a hybrid MBR; a table whose backup stands where the
    // drive once ended; an MBR with an extended partition.
    ok(
        NAMES
            + """
            sgdisk -n 1:0:+24M -t 1:ef02 -n 2:0:+200M -n 3:0:+2G -t 3:45b0969e-9b03-4f30-b4c6-b4b80ceff106 \\
              -n 4:0:0 -t 4:4fbd7e29-9d25-41b8-afd0-062c0ceff05d /dev/$SB
            sgdisk -h 2:3 /dev/$SB; udevadm settle; mkfs.xfs -q -f /dev/${SB}4
            truncate -s 1G /run/small; sgdisk -n 1:0:+100M /run/small
            dd if=/run/small of=/dev/$VA bs=512 count=34 conv=notrunc; dd if=/run/small of=/dev/$VA bs=512 skip=2097119 seek=2097119 conv=notrunc
            rm /run/small
            printf 'label: dos\\nsize=100M\\nsize=2G,type=5\\nsize=100M\\n' | sfdisk -q /dev/$SD
            udevadm settle; sync; dd if=/dev/$VA bs=512 skip=2097151 count=1 2>/dev/null | grep -c 'EFI PART'
            """);
    DiskPlan plan = plan(Set.of(Role.CEPH_OSD), "VA=os:all", "NC=keep", "BG=keep", "UK=keep");
    Result result = script(plan);
    assertThat(result.code()).as(result.out()).isZero();
    assertAsPlanned(plan);
    assertThat(
            ok(
                NAMES
                    + "dd if=/dev/$VA bs=512 skip=2097151 count=1 2>/dev/null | grep -c 'EFI PART'"
                    + " || :"))
        .isEqualTo("0\n");
    assertThat(ok(NAMES + "sfdisk -d /dev/$SB | head -n 1; od -An -tx1 -j450 -N1 /dev/$SB"))
        .contains("label: gpt", " ee");
  }

  // ---- What is kept -----------------------------------------------------------------------------

  @Test
  @Tag("full")
  void keptVolumesStayToTheByteOnEveryKindOfDrive() {
    for (Drive drive : List.of(SD, NC)) {
      ok(
          NAMES
              + """
              sgdisk -n 1:0:+200M -n 2:0:+128M -c 2:precious -n 3:0:+500M -n 4:0:+128M -c 4:group /dev/$D
              udevadm settle; P=$(part 2 $D) Q=$(part 4 $D)
              head -c 100M /dev/urandom >/dev/$P; pvcreate -q -y /dev/$Q; vgcreate -q -y keep$D /dev/$Q
              lvcreate -q -y -n x -l 100%FREE keep$D; head -c 50M /dev/urandom >/dev/keep$D/x
              """
                  .replace("$D", "$" + drive.serial()));
    }
    String before = keptSums();
    for (int round = 1; round <= 2; round++, attempt++) {
      DiskPlan plan =
          plan(
              Set.of(Role.CEPH_OSD),
              "VA=os:all",
              "SD=precious:keep",
              "SD=group:keep",
              "SD=ceph:all",
              "NC=precious:keep",
              "NC=group:keep",
              "NC=ceph:all",
              "SB=keep",
              "BG=keep",
              "UK=keep");
      Result result = script(plan);
      assertThat(result.code()).as(result.out()).isZero();
      assertAsPlanned(plan);
      assertThat(keptSums()).isEqualTo(before);
      Result again = script(plan);
      assertThat(again.code()).as(again.out()).isZero();
      assertThat(again.out()).doesNotContain("KINDLING wiped");
      assertThat(keptSums()).isEqualTo(before);
    }
    // The kept groups' volumes are active all the while: they were never taken down.
    assertThat(ok("lvs --noheadings -o lv_attr,vg_name | grep -c -- '-a.* keep'").strip())
        .isEqualTo("2");
  }

  private static String keptSums() {
    return ok(
        NAMES
            + """
            sync; echo 3 >/proc/sys/vm/drop_caches # what is on the drive, not what a device's cache says
            for d in $SD $NC; do
              sfdisk -d /dev/$d | grep -e precious -e '"group"'
              for n in 2 4; do cksum </dev/$(part $n $d); done
            done
            """);
  }

  // ---- The mirrored system ----------------------------------------------------------------------

  @Test
  @Tag("full")
  void aMirroredSystemIsMadeAndFoundAgain() {
    DiskPlan plan = mirrored();
    Result first = script(plan);
    assertThat(first.code()).as(first.out()).isZero();
    assertAsPlanned(plan);
    assertArraysAsPlanned(plan);
    String before =
        ok(
            "blkid -p /dev/md/* /dev/os/* | sort; mdadm --detail /dev/md/* | grep -e UUID -e 'Raid"
                + " Devices'");
    Result again = script(plan);
    assertThat(again.code()).as(again.out()).isZero();
    assertThat(again.out())
        .doesNotContain("KINDLING wiped", "assembling")
        .contains("already there");
    ok("vgchange -q -an os; mdadm --stop --scan");
    Result stopped = script(plan);
    assertThat(stopped.code()).as(stopped.out()).isZero();
    assertThat(stopped.out()).contains("array os: assembling").doesNotContain("KINDLING wiped");
    assertThat(
            ok(
                "blkid -p /dev/md/* /dev/os/* | sort; mdadm --detail /dev/md/* | grep -e UUID -e"
                    + " 'Raid Devices'"))
        .isEqualTo(before);
    attempt++;
    DiskPlan next = mirrored();
    Result wiped = script(next);
    assertThat(wiped.code()).as(wiped.out()).isZero();
    assertAsPlanned(next);
    assertArraysAsPlanned(next);
  }

  @Test
  @Tag("full")
  void killedAtEachMomentAMirroredSystemIsCompleted() {
    ok(
        """
        mkdir -p /run/wrappers
        for tool in sfdisk wipefs partx mdadm pvcreate vgcreate lvcreate lvchange mkfs.ext4 mkfs.vfat fatlabel mkswap; do
          cat >/run/wrappers/$tool <<END
        #!/bin/sh
        read -r count </run/count; count=\\$((count + 1)); echo "\\$count" >/run/count
        read -r moment </run/moment
        [ "\\$count" != "\\$moment" ] || kill -9 "-\\$(cut -d ' ' -f 5 /proc/self/stat)"
        PATH=/usr/sbin:/usr/bin:/sbin:/bin
        exec $tool "\\$@"
        END
          chmod 0755 /run/wrappers/$tool
        done
        """);
    int moments = 0;
    for (int moment = 1; ; moment += 2, attempt++) {
      DiskPlan plan = mirrored();
      String script = PartitionScript.render(plan);
      machine.put("/run/script.sh", script);
      machine.put(
          "/run/dying.sh", script.replace("\nPATH=/usr/sbin", "\nPATH=/run/wrappers:/usr/sbin"));
      Result killed =
          machine.run(
              "echo 0 >/run/count; echo " + moment + " >/run/moment; setsid -w sh /run/dying.sh",
              LIMIT);
      boolean died = killed.code() == 137;
      assertThat(died || killed.code() == 0).as(killed.out()).isTrue();
      Result resumed = machine.run("sh /run/script.sh", LIMIT);
      assertThat(resumed.code())
          .as("moment %d\n%s\n%s", moment, killed.out(), resumed.out())
          .isZero();
      assertAsPlanned(plan);
      assertArraysAsPlanned(plan);
      if (!died) {
        break;
      }
      moments++;
    }
    System.out.println("killed at " + moments + " moments");
    assertThat(moments).isGreaterThan(20);
  }

  private static DiskPlan mirrored() {
    return plan(
        Set.of(Role.BASE),
        "VA=os:mirror",
        "SD=os:mirror",
        "SB=keep",
        "NC=keep",
        "BG=keep",
        "UK=keep");
  }

  private static void assertArraysAsPlanned(DiskPlan plan) {
    for (RaidArray array : plan.arrays()) {
      String detail = ok("mdadm --detail --export /dev/md/" + array.name());
      assertThat(detail)
          .contains("MD_LEVEL=raid1", "MD_DEVICES=2", "MD_METADATA=" + array.metadata());
      String digits = array.id().toString().replace("-", "");
      assertThat(detail.replace(":", "")).contains("MD_UUID=" + digits);
      String device = ok("readlink -f /dev/md/" + array.name()).strip();
      assertThat(ok("cat /sys/block/" + device.substring(5) + "/md/degraded").strip())
          .isEqualTo("0");
      assertThat(Long.parseLong(ok("blockdev --getsize64 " + device).strip()))
          .isGreaterThanOrEqualTo(array.sizeMib() << 20);
      if (array.fileSystemId() != null) {
        assertThat(ok("blkid -p -s UUID -o value " + device).strip())
            .isEqualTo(array.fileSystemId());
      }
    }
    assertThat(plan.arrays()).hasSize(3);
    for (DiskPlan.VolumeGroup group : plan.groups()) {
      for (DiskPlan.LogicalVolume volume : group.volumes()) {
        assertThat(
                ok("blkid -p -s UUID -o value /dev/" + group.name() + "/" + volume.name()).strip())
            .isEqualTo(String.valueOf(volume.fileSystemId()));
      }
    }
    // Firmware reads a member of the mirrored ESP as FAT; past what the kernel has read before.
    assertThat(
            ok(
                NAMES
                    + """
                    for d in $VA $SD; do
                      dd if=/dev/$(part 2 $d) bs=4k count=1 iflag=direct 2>/dev/null | tail -c +83 | head -c 5
                    done
                    """))
        .isEqualTo("FAT32FAT32");
  }

  // ---- Common -----------------------------------------------------------------------------------

  /// $VA and so on: kernel names; `part N NAME`: a partition's.
  private static final String NAMES =
      """
      set -e
      name() { readlink -f "/dev/$1" | cut -c 6-; }
      part() { case $2 in *[0-9]) echo "${2}p$1" ;; *) echo "$2$1" ;; esac; }
      """
          + String.join(
              "",
              Stream.of(VA, SD, NC, BG, UK)
                  .map(d -> d.serial() + "=$(name " + d.link() + ")\n")
                  .toList())
          // Two paths, one name: udev's link is to either.
          + "SB='' SB2='' WWN="
          + SB.wwn()
          + "\n"
          + "for s in /sys/block/sd*; do case $(cat $s/device/wwid) in *"
          + SB.wwn()
          + ") [ -z \"$SB\" ] && SB=${s##*/} || SB2=${s##*/} ;; esac; done\n";

  /// What an earlier case has left alive; its data may lie there.
  private static final String CLEAN =
      """
      set +e
      umount /run/x 2>/dev/null; swapoff -a; vgchange -q -an >/dev/null 2>&1
      for m in $(dmsetup ls 2>/dev/null | cut -f 1); do dmsetup remove "$m" >/dev/null 2>&1; done
      mdadm --stop --scan >/dev/null 2>&1
      for b in /sys/fs/bcache/*-*/stop /sys/block/bcache*/bcache/stop; do [ ! -e "$b" ] || echo 1 >"$b"; done
      for d in $VA $SB $SD $NC $BG; do
        for p in /sys/block/$d/$d*; do [ ! -d "$p" ] || wipefs -q -a "/dev/${p##*/}"; done
        wipefs -q -a "/dev/$d"; partx -d "/dev/$d" >/dev/null 2>&1
      done
      udevadm settle
      true
      """;

  private static DiskPlan plan(Set<Role> roles, String... overrides) {
    boolean kept = Stream.of(overrides).anyMatch(o -> o.endsWith(":keep"));
    Facts facts = kept || reported == null ? facts() : reported;
    reported = facts;
    List<DiskRule> rules = new ArrayList<>();
    for (String override : overrides) {
      int equals = override.indexOf('=');
      Drive drive =
          ALL.stream()
              .filter(d -> d.serial().equals(override.substring(0, equals)))
              .findFirst()
              .orElseThrow();
      String id = drive.link().substring(drive.link().lastIndexOf('/') + 1);
      rules.add(DiskOverride.parse(id + override.substring(equals)).rule());
    }
    return Expand.expand(
        Layouter.layout(new LayoutRequest(NODE, attempt, facts, roles, rules)),
        NODE,
        attempt,
        facts);
  }

  /// As the machine's own agent reports them now.
  private static Facts facts() {
    String document = ok("udevadm settle; /usr/lib/kindling/kindling-agent.sh --print 2>/dev/null");
    return switch (new FactsParser().parse(document.getBytes(StandardCharsets.UTF_8))) {
      case FactsParser.Parsed parsed -> parsed.facts();
      case FactsParser.Result other -> throw new IllegalStateException(other + "\n" + document);
    };
  }

  private static Result script(DiskPlan plan) {
    machine.put("/run/script.sh", PartitionScript.render(plan));
    return machine.run("sh /run/script.sh", LIMIT);
  }

  private static void refused(DiskPlan plan, String... oneOf) {
    String sums =
        ok(
            NAMES
                + "for d in $VA $SD $UK; do head -c 4M /dev/$d | cksum; tail -c 4M /dev/$d | cksum;"
                + " done");
    Result result = script(plan);
    assertThat(result.code()).as(result.out()).isEqualTo(10);
    assertThat(Stream.of(oneOf).anyMatch(result.out()::contains)).as(result.out()).isTrue();
    assertThat(result.out()).doesNotContain("KINDLING wiped");
    assertThat(
            ok(
                NAMES
                    + "for d in $VA $SD $UK; do head -c 4M /dev/$d | cksum; tail -c 4M /dev/$d |"
                    + " cksum; done"))
        .isEqualTo(sums);
  }

  private static String ok(String script) {
    Result result = machine.run(script, LIMIT);
    assertThat(result.code()).as("%s\n%s", script, result.out()).isZero();
    return result.out();
  }

  /// sfdisk's opinion of every entry, sgdisk's of the table as a whole, blkid's of the contents.
  private static void assertAsPlanned(DiskPlan plan) {
    for (PlannedDisk disk : plan.disks()) {
      String device = ok("readlink -f /dev/" + disk.links().getFirst()).strip();
      JsonNode table =
          JsonMapper.shared().readTree(ok("sfdisk -J " + device)).path("partitiontable");
      assertThat(table.path("label").asString()).isEqualTo("gpt");
      assertThat(table.path("id").asString()).isEqualToIgnoringCase(disk.guid().toString());
      int sector = table.path("sectorsize").asInt();
      List<String> found = new ArrayList<>();
      for (JsonNode entry : table.path("partitions")) {
        String node = entry.path("node").asString();
        found.add(
            "%s %d %d %s %s %s"
                .formatted(
                    node.replaceAll("^.*[^0-9]", ""),
                    entry.path("start").asLong() * sector,
                    entry.path("size").asLong() * sector,
                    entry.path("type").asString().toLowerCase(Locale.ROOT),
                    entry.path("uuid").asString().toLowerCase(Locale.ROOT),
                    entry.path("name").asString()));
      }
      assertThat(found)
          .as(device)
          .containsExactlyInAnyOrderElementsOf(
              disk.partitions().stream().map(PartitionScriptOnMachineTest::entry).toList());
      assertThat(ok("sgdisk -v " + device)).contains("No problems found");
      assertThat(ok("sgdisk -p " + device)).containsIgnoringCase(disk.guid().toString());
      for (PlannedPartition p : disk.partitions()) {
        if (!p.keep() && p.fileSystemId() != null) {
          String node = ok("readlink -f /dev/disk/by-partuuid/" + p.guid()).strip();
          assertThat(ok("blkid -p -s UUID -o value " + node).strip()).isEqualTo(p.fileSystemId());
        }
      }
    }
  }

  private static String entry(PlannedPartition p) {
    var kept = p.kept();
    return "%d %d %d %s %s %s"
        .formatted(
            p.number(),
            kept == null ? p.startMib() << 20 : kept.startBytes(),
            kept == null ? p.sizeMib() << 20 : kept.sizeBytes(),
            p.type(),
            p.guid(),
            p.label());
  }
}
