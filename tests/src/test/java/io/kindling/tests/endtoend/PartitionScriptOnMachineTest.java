package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.Role;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.PartitionScript;
import io.kindling.tests.endtoend.ScriptOnMachine.Drive;
import io.kindling.tests.endtoend.ScriptOnMachine.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What disks can hold when the script meets them, on drives of every kind, in one boot of the
/// bootstrap image.
@Tag("full")
final class PartitionScriptOnMachineTest extends ScriptCases {

  // ---- Whole disks ------------------------------------------------------------------------------

  @Test
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
            + " vgcreate -q -y --config devices/allow_mixed_block_sizes=1 wide /dev/${SD}1"
            + " /dev/$UK; lvcreate -q -y -n x -l 100%FREE wide");
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

  /// Before the first and the last call of each program that changes anything. Every single call is
  /// tried on loop devices, for what needs neither md nor LVM.
  @Test
  void killedAtEachMomentAMirroredSystemIsCompleted() {
    ok(
        """
        mkdir -p /run/wrappers
        for tool in sfdisk wipefs partx mdadm pvcreate vgcreate lvcreate lvchange mkfs.ext4 mkfs.vfat fatlabel mkswap; do
          cat >/run/wrappers/$tool <<END
        #!/bin/sh
        read -r count </run/count; count=\\$((count + 1)); echo "\\$count" >/run/count
        echo "\\$count $tool" >>/run/calls
        read -r moment </run/moment
        [ "\\$count" != "\\$moment" ] || kill -9 "-\\$(cut -d ' ' -f 5 /proc/self/stat)"
        PATH=/usr/sbin:/usr/bin:/sbin:/bin
        exec $tool "\\$@"
        END
          chmod 0755 /run/wrappers/$tool
        done
        """);
    assertThat(dying(mirrored(), 0).code()).isZero();
    var first = new LinkedHashMap<String, Integer>();
    var last = new LinkedHashMap<String, Integer>();
    for (String line : ok("cat /run/calls").lines().toList()) {
      String[] words = line.split(" ");
      first.putIfAbsent(words[1], Integer.parseInt(words[0]));
      last.put(words[1], Integer.parseInt(words[0]));
    }
    var moments = new TreeSet<>(first.values());
    moments.addAll(last.values());
    for (int moment : moments) {
      attempt++;
      DiskPlan plan = mirrored();
      Result killed = dying(plan, moment);
      assertThat(killed.code()).as(killed.out()).isEqualTo(137);
      Result resumed = machine.run("sh /run/script.sh", LIMIT);
      assertThat(resumed.code())
          .as("moment %d\n%s\n%s", moment, killed.out(), resumed.out())
          .isZero();
      assertAsPlanned(plan);
      assertArraysAsPlanned(plan);
    }
    System.out.println("killed at moments " + moments + " of " + first);
    assertThat(moments).hasSizeGreaterThan(10);
  }

  private static Result dying(DiskPlan plan, int moment) {
    String script = PartitionScript.render(plan);
    machine.put("/run/script.sh", script);
    machine.put(
        "/run/dying.sh", script.replace("\nPATH=/usr/sbin", "\nPATH=/run/wrappers:/usr/sbin"));
    return machine.run(
        "echo 0 >/run/count; echo "
            + moment
            + " >/run/moment; : >/run/calls; setsid -w sh /run/dying.sh",
        LIMIT);
  }
}
