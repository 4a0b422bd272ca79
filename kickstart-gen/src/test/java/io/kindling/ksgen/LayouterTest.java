package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Facts.Media;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LayouterTest {

  private static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-000000000001");
  private static final Set<Role> OSD = Set.of(Role.CEPH_OSD);
  private static final Set<Role> BASE = Set.of(Role.BASE);

  private static KsSpaces layout(Facts facts, Set<Role> roles, DiskRule... rules) {
    return Layouter.layout(new LayoutRequest(NODE, 1, facts, roles, List.of(rules)));
  }

  private static DiskPlan plan(Facts facts, Set<Role> roles, DiskRule... rules) {
    return Expand.expand(layout(facts, roles, rules), NODE, 1, facts);
  }

  private static DiskRule rule(String override) {
    return DiskOverride.parse(override).rule();
  }

  private static LayoutException refusal(Facts facts, Set<Role> roles, DiskRule... rules) {
    var e = catchThrowableOfType(LayoutException.class, () -> layout(facts, roles, rules));
    assertThat(e).isNotNull();
    return e;
  }

  private static List<String> uses(PlannedDisk disk) {
    return disk.partitions().stream().map(p -> p.use() + " " + p.sizeMib()).toList();
  }

  @Test
  void firstDriveGetsTheSystemAndTheOthersGoWholeToCeph() {
    Facts facts =
        Machines.of(
            Machines.disk("sdb", 20480), Machines.disk("sda", 10240), Machines.disk("sdc", 30720));
    DiskPlan plan = plan(facts, OSD);
    assertThat(plan.disks()).extracting(PlannedDisk::name).containsExactly("sda", "sdb", "sdc");
    assertThat(uses(plan.disks().getFirst()))
        .containsExactly(
            "BIOS_BOOT 1", "ESP 512", "FILE_SYSTEM 1024", "PHYSICAL_VOLUME " + (10240 - 1539));
    assertThat(uses(plan.disks().get(1))).containsExactly("BIOS_BOOT 1", "CEPH_OSD 20477");
    assertThat(plan.groups().getFirst().volumes())
        .extracting(DiskPlan.LogicalVolume::name)
        .containsExactly("root", "swap");
    assertThat(plan.mounts())
        .extracting(DiskPlan.Mount::mount)
        .containsExactly("/", "/boot", "/boot/efi", "swap");
  }

  @Test
  void baseAloneLeavesTheOtherDrivesOutOfTheScript() {
    Facts facts = Machines.of(Machines.disk("sda", 10240), Machines.disk("sdb", 10240));
    assertThat(PartitionScript.render(plan(facts, BASE))).doesNotContain("sdb");
    assertThat(layout(facts, BASE).disks()).hasSize(2).last().matches(KsSpaces.Disk::untouched);
  }

  @Test
  void anEightGibibyteDiskHoldsASystem() {
    DiskPlan plan = plan(Machines.of(2048, List.of(Machines.disk("sda", 8192))), BASE);
    DiskPlan.LogicalVolume root = plan.groups().getFirst().volumes().getFirst();
    assertThat(root.sizeMib()).isBetween(5500L, 6000L);
  }

  @Test
  void aDiskTooSmallForTheSystemIsNamedWithItsShortfall() {
    LayoutException e = refusal(Machines.of(Machines.disk("sda", 6000)), BASE);
    assertThat(e.error()).isEqualTo(LayoutError.DISK_TOO_SMALL);
    assertThat(e.detail()).contains("sda").contains("6000 MiB").contains(" 211 MiB short");
    assertThat(plan(Machines.of(Machines.disk("sda", 6211)), BASE).disks()).hasSize(1);
  }

  @Test
  void usbReadOnlyAndDeadDrivesAreLeftOutAndRemovableRaidVolumesAreNot() {
    Facts facts =
        Machines.of(
            Machines.disk("sda", 64L << 30, Media.SSD, "usb", true, false, "0:0:0:0"),
            Machines.disk("sdb", 64L << 30, Media.SSD, "sas", false, true, "0:0:0:1"),
            Machines.disk("sdc", 0, Media.HDD, "sas", false, false, "0:0:0:2"),
            Machines.disk("sdd", 64L << 30, Media.HDD, "sas", true, false, "0:0:0:3"));
    assertThat(plan(facts, BASE).disks()).extracting(PlannedDisk::name).containsExactly("sdd");
    assertThat(
            refusal(Machines.of(facts.disks().subList(0, 3).toArray(Facts.Disk[]::new)), BASE)
                .error())
        .isEqualTo(LayoutError.NO_DISK);
  }

  @Test
  void theTenthTargetComesAfterTheSecond() {
    Facts facts =
        Machines.of(
            Machines.disk("sda", 64L << 30, Media.HDD, "sas", false, false, "0:0:10:0"),
            Machines.disk("sdb", 64L << 30, Media.HDD, "sas", false, false, "0:0:2:0"),
            Machines.disk("sdc", 64L << 30, Media.HDD, "sas", false, false, null));
    assertThat(layout(facts, OSD).disks())
        .extracting(KsSpaces.Disk::name)
        .containsExactly("sdb", "sda", "sdc");
  }

  @Test
  void aWholeJournalDriveIsPassedOverForTheSystemEvenWhereItIsFirst() {
    Facts facts =
        Machines.of(
            Machines.disk("sda", 4096, Media.NVME),
            Machines.disk("sdb", 10240),
            Machines.disk("sdc", 10240));
    DiskPlan plan = plan(facts, OSD, rule("sda=cephjournal:all"));
    assertThat(uses(plan.disks().getFirst())).containsExactly("BIOS_BOOT 1", "CEPH_JOURNAL 4093");
    assertThat(uses(plan.disks().get(1))).hasSize(4);
    assertThat(plan.osdDb()).hasSize(1);
  }

  @Test
  void fiveOsdsOnTwoJournalDevicesAreThreeAndTwoAndEachOsdHasOne() {
    var disks = new ArrayList<Facts.Disk>();
    disks.add(Machines.disk("sda", 102400));
    for (char c = 'b'; c <= 'f'; c++) {
      disks.add(Machines.disk("sd" + c, 204800));
    }
    disks.add(Machines.disk("sdg", 50000, Media.NVME));
    disks.add(Machines.disk("sdh", 50000, Media.NVME));
    var journals =
        DiskRule.of(
            Map.of("media", "nvme", "count", 2, "use", Map.of("cephjournal", "all"), "spare", 1));
    DiskPlan plan = plan(Machines.of(4096, disks), OSD, journals);
    long left = 50000 - 3;
    assertThat(uses(plan.disks().get(6)))
        .containsExactly(
            "BIOS_BOOT 1",
            "CEPH_JOURNAL " + left / 4,
            "CEPH_JOURNAL " + left / 4,
            "CEPH_JOURNAL " + left / 4,
            "CEPH_JOURNAL_SPARE " + left / 4);
    assertThat(uses(plan.disks().get(7)))
        .containsExactly(
            "BIOS_BOOT 1",
            "CEPH_JOURNAL " + left / 3,
            "CEPH_JOURNAL " + left / 3,
            "CEPH_JOURNAL_SPARE " + left / 3);
    assertThat(plan.osdDb()).hasSize(5);
    assertThat(plan.osdDb().values().stream().collect(Collectors.toSet())).hasSize(5);
    assertThat(plan.disks().stream().flatMap(d -> d.partitions().stream()))
        .filteredOn(p -> p.use() == Use.CEPH_JOURNAL)
        .allSatisfy(p -> assertThat(plan.osdDb()).containsValue(p.guid()));
  }

  @Test
  void twelveJournalsFitOnOneDevice() {
    var disks = new ArrayList<Facts.Disk>();
    for (char c = 'a'; c <= 'm'; c++) {
      disks.add(Machines.disk("sd" + c, 204800));
    }
    disks.add(Machines.disk("sdz", 50000, Media.NVME));
    DiskPlan plan = plan(Machines.of(4096, disks), OSD, rule("sdz=cephjournal:all"));
    assertThat(plan.disks().getLast().partitions()).hasSize(13);
    assertThat(plan.osdDb()).hasSize(12);
  }

  @Test
  void aJournalDeviceTooSmallForItsOsdsIsNamed() {
    Facts facts =
        Machines.of(
            Machines.disk("sda", 10240),
            Machines.disk("sdb", 10240),
            Machines.disk("sdc", 10240),
            Machines.disk("sdd", 1000, Media.NVME));
    LayoutException e = refusal(facts, OSD, rule("sdd=cephjournal:all"));
    assertThat(e.error()).isEqualTo(LayoutError.DISK_TOO_SMALL);
    assertThat(e.detail()).contains("sdd").contains("27 MiB short: 2 journals");
  }

  @Test
  void aMachineWithOneDriveSharesItBetweenSystemAndOsd() {
    DiskPlan plan = plan(Machines.of(Machines.disk("sda", 1_000_000)), OSD);
    assertThat(uses(plan.disks().getFirst())).hasSize(5);
    assertThat(plan.disks().getFirst().partitions())
        .filteredOn(p -> p.use() == Use.PHYSICAL_VOLUME)
        .allSatisfy(p -> assertThat(p.sizeMib()).isEqualTo(51200 + 64));
  }

  @Test
  void keptDisksAreNeverInTheScript() {
    Facts facts =
        Machines.of(
            Machines.disk("sda", 10240), Machines.disk("sdb", 10240), Machines.disk("sdc", 10240));
    var keep = DiskRule.of(Map.of("id", "sda", "keep", true));
    KsSpaces spaces = layout(facts, OSD, keep);
    assertThat(spaces.toJson()).contains("\"keep\" : true");
    DiskPlan plan = Expand.expand(KsSpaces.parse(spaces.toJson()), NODE, 1, facts);
    assertThat(plan.disks()).extracting(PlannedDisk::name).containsExactly("sdb", "sdc");
  }

  @Test
  void overridesOfOneDiskAddUpAndContradictionsAreRefused() {
    Facts facts = Machines.of(Machines.disk("sda", 100_000), Machines.disk("sdb", 10240));
    DiskPlan plan = plan(facts, OSD, rule("sda=os:20000"), rule("sda=ceph:50000"));
    assertThat(uses(plan.disks().getFirst())).contains("PHYSICAL_VOLUME 20064", "CEPH_OSD 50000");
    assertThat(refusal(facts, OSD, rule("sda=os:20000"), rule("sda=os:all")).error())
        .isEqualTo(LayoutError.RULE_CONFLICT);
    assertThat(refusal(facts, OSD, rule("sda=os:all"), rule("sdb=os:all")).error())
        .isEqualTo(LayoutError.RULE_CONFLICT);
  }

  @Test
  void whatCannotBeIsRefusedByName() {
    Facts facts = Machines.of(Machines.disk("sda", 100_000), Machines.disk("sdb", 10240));
    assertThat(refusal(facts, BASE, rule("sdq=os:all")).error())
        .isEqualTo(LayoutError.UNKNOWN_DISK);
    assertThat(refusal(facts, BASE, rule("sdb=glance:all")).error())
        .isEqualTo(LayoutError.UNKNOWN_VOLUME);
    assertThat(refusal(facts, BASE, rule("sdb=ceph:all")).error())
        .isEqualTo(LayoutError.VOLUME_NOT_OF_ROLES);
    assertThat(refusal(facts, Set.of()).error()).isEqualTo(LayoutError.NO_ROLE);
    assertThat(refusal(facts, OSD, rule("sdb=cephjournal:all")).error())
        .isEqualTo(LayoutError.NO_OSD);
    assertThat(refusal(facts, OSD, rule("sda=os:1000")).detail()).contains("3608 MiB short");
    var three = DiskRule.of(Map.of("media", "hdd", "count", 3, "use", Map.of("ceph", "all")));
    assertThat(refusal(facts, OSD, three).error()).isEqualTo(LayoutError.RULE_UNMATCHED);
  }

  @Test
  void rootStaysWithinWhatThePublishedValidatorAllows() {
    KsSpaces spaces = layout(Machines.of(Machines.disk("sda", 20_000_000)), BASE);
    assertThat(spaces.groups().getFirst().volumes().getFirst().size())
        .isEqualTo(KsSpaces.MAX_ROOT_MIB);
    assertThat(KsSpaces.parse(spaces.toJson())).isEqualTo(spaces);
  }
}
