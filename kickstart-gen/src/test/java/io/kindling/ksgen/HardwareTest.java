package io.kindling.ksgen;

import static io.kindling.ksgen.Layouts.plan;
import static io.kindling.ksgen.Layouts.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Facts.Media;
import io.kindling.inventory.facts.FactsParser;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.Use;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Drives as they are in real machines, from the tools' own output.
class HardwareTest {

  private static final Set<Role> OSD = Set.of(Role.CEPH_OSD);

  private static Facts facts(String devices, String udev) {
    String document =
        "{\"version\":1,\"raw\":{\"lsblk\":{\"blockdevices\":[%s]},\"udev\":{%s}}}"
            .formatted(devices, udev);
    return ((FactsParser.Parsed) new FactsParser().parse(document.getBytes(StandardCharsets.UTF_8)))
        .facts();
  }

  private static String drive(String name, long bytes, String more) {
    return """
    {"name":"%s","type":"disk","size":%d,"rota":true,"rm":false,"ro":false%s}\
    """
        .formatted(name, bytes, more);
  }

  @Test
  void nvmeAndCcissDrivesAreLaidOut() {
    Facts facts =
        facts(
            drive("cciss!c0d0", 146_778_685_440L, "")
                + ","
                + drive("nvme0n1", 1_600_321_314_816L, ",\"tran\":\"nvme\",\"rota\":false")
                + ","
                + drive("nvme10n1", 1_600_321_314_816L, ",\"tran\":\"nvme\",\"rota\":false"),
            """
            "cciss!c0d0":{"DEVLINKS":"/dev/disk/by-path/pci-0000:06:00.0-cciss-disk0"},
            "nvme0n1":{"DEVLINKS":"/dev/disk/by-id/nvme-eui.0025385b71b00a01 /dev/disk/by-path/pci-0000:81:00.0-nvme-1"},
            "nvme10n1":{"DEVLINKS":"/dev/disk/by-id/nvme-eui.0025385b71b00a02 /dev/disk/by-path/pci-0000:82:00.0-nvme-1"}\
            """);
    DiskPlan plan = plan(facts, OSD);
    assertThat(plan.disks())
        .extracting(PlannedDisk::id)
        .containsExactly(
            "pci-0000:06:00.0-cciss-disk0",
            "nvme-eui.0025385b71b00a01",
            "nvme-eui.0025385b71b00a02");
    assertThat(LayoutTable.render(plan, facts)).contains("known only by its place");
  }

  @Test
  void deadUsbAndOpticalDrivesAreLeftOutAndARemovableRaidVolumeIsNot() {
    Facts facts =
        facts(
            drive("sda", 0, "")
                + ","
                + drive("sdb", 32_015_679_488L, ",\"tran\":\"usb\",\"rm\":true")
                + ","
                + drive("sdc", 999_653_638_144L, ",\"rm\":true,\"model\":\"ServeRAID M5210\"")
                + ",{\"name\":\"sr0\",\"type\":\"rom\",\"size\":1073741312,\"rm\":true}",
            "");
    assertThat(plan(facts, Set.of(Role.BASE)).disks())
        .extracting(PlannedDisk::name)
        .containsExactly("sdc");
  }

  @Test
  void aDriveSeenOverTwoPathsIsLaidOutOnce() {
    String path = ",\"wwn\":\"0x600508b1001c\",\"serial\":\"PX1\",\"tran\":\"fc\"";
    Facts facts =
        facts(
            drive("sda", 500_107_862_016L, path) + "," + drive("sdb", 500_107_862_016L, path),
            """
            "sda":{"DEVLINKS":"/dev/disk/by-path/fc-1"},
            "sdb":{"DEVLINKS":"/dev/disk/by-path/fc-2 /dev/disk/by-id/wwn-0x600508b1001c"}\
            """);
    DiskPlan plan = plan(facts, Set.of(Role.BASE));
    assertThat(plan.disks()).hasSize(1);
    assertThat(plan.disks().getFirst().links()).containsExactly("disk/by-id/wwn-0x600508b1001c");
  }

  @Test
  void drivesWithOneSerialNumberOrNoneAreTwoDrives() {
    Facts facts =
        facts(
            drive("sda", 500_107_862_016L, ",\"serial\":\"0\"")
                + ","
                + drive("sdb", 500_107_862_016L, ",\"serial\":\"0\"")
                + ","
                + drive("sdc", 500_107_862_016L, ""),
            "");
    assertThat(plan(facts, OSD).disks())
        .extracting(PlannedDisk::id)
        .containsExactly("sda", "sdb", "sdc");
  }

  @Test
  void partitionsStartOnWholeMebibytesAlsoOnSectorsOf4096BytesAndEndBeforeTheBackupTable() {
    // 7,814,037,168 sectors of 512 bytes are no whole number of MiB
    Facts facts =
        facts(
            drive("sda", 4_000_787_030_016L, ",\"log-sec\":4096,\"phy-sec\":4096")
                + ","
                + drive("sdb", 4_000_787_030_016L, ",\"log-sec\":512,\"phy-sec\":4096"),
            "");
    for (PlannedDisk disk : plan(facts, OSD).disks()) {
      PlannedPartition last = disk.partitions().getLast();
      long end = (last.startMib() + last.sizeMib()) << 20;
      assertThat(disk.sizeBytes() - end).isBetween(1L << 20, (2L << 20) - 1);
      assertThat(disk.partitions().getFirst().startMib()).isEqualTo(1);
    }
  }

  @Test
  void drivesPast2And16TebibytesAreUsedWhollyAndRootIsCapped() {
    Facts facts = Machines.of(Machines.disk("sda", 20_000_000), Machines.disk("sdb", 30_000_000));
    DiskPlan plan = plan(facts, OSD);
    assertThat(plan.groups().getFirst().volumes().getFirst().sizeMib()).isEqualTo(16_777_216);
    assertThat(Layouts.all(plan, Use.CEPH_OSD).getFirst().sizeMib()).isEqualTo(29_999_997);
    DiskPlan compute = plan(Machines.of(Machines.disk("sda", 20_000_000)), Set.of(Role.COMPUTE));
    assertThat(compute.groups().getLast().volumes().getFirst().sizeMib()).isGreaterThan(16_777_216);
  }

  @Test
  void aThousandDrivesAreLaidOut() {
    var disks = new ArrayList<Facts.Disk>();
    for (int i = 0; i < 1000; i++) {
      disks.add(
          Machines.disk(
              "sd" + i,
              (i < 50 ? 1_000_000L : 4_000_000L) << 20,
              i < 50 ? Media.SSD : Media.HDD,
              "sas",
              false,
              false,
              "0:0:" + i + ":0"));
    }
    var journals =
        DiskRule.of(
            java.util.Map.of(
                "media", "ssd", "count", 49, "use", java.util.Map.of("cephjournal", "all")));
    Facts facts = Machines.of(4096, disks);
    DiskPlan plan = plan(facts, OSD, rule("sd0=os:all"), journals);
    assertThat(Layouts.all(plan, Use.CEPH_OSD)).hasSize(950);
    assertThat(plan.osdDb()).hasSize(950);
    assertThat(new HashSet<>(plan.osdDb().values())).hasSize(950);
    List<Long> counts =
        plan.disks().stream()
            .map(d -> d.partitions().stream().filter(p -> p.use() == Use.CEPH_JOURNAL).count())
            .filter(n -> n > 0)
            .toList();
    assertThat(counts).hasSize(49).allMatch(n -> n == 19 || n == 20);
    assertThat(LayoutTable.render(plan, facts)).contains("1000 disks wiped");
  }
}
