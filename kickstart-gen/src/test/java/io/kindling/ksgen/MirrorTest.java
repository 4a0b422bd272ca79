package io.kindling.ksgen;

import static io.kindling.ksgen.Layouts.plan;
import static io.kindling.ksgen.Layouts.refusal;
import static io.kindling.ksgen.Layouts.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan.RaidArray;
import io.kindling.ksgen.DiskPlan.Use;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The system on two disks.
class MirrorTest {

  private static final Facts FACTS =
      Machines.of(
          Machines.disk("sda", 480_000), Machines.disk("sdb", 470_000),
          Machines.disk("sdc", 1_000_000), Machines.disk("sdd", 1_000_000));
  private static final DiskRule MIRROR =
      DiskRule.of(Map.of("slot", List.of(0, 1), "use", Map.of("os", "mirror")));

  @Test
  void bootAndEspAndTheSystemsGroupAreOnBothDisks() {
    DiskPlan plan = plan(FACTS, Set.of(Role.CEPH_OSD, Role.CEPH_MON), MIRROR);
    for (String name : List.of("sda", "sdb")) {
      assertThat(Layouts.disk(plan, name).partitions())
          .extracting(p -> p.use())
          .containsExactly(
              Use.BIOS_BOOT, Use.ESP_MEMBER, Use.RAID_MEMBER, Use.RAID_MEMBER, Use.RAID_MEMBER);
    }
    assertThat(plan.arrays())
        .extracting(a -> a.name() + " " + a.level() + " " + a.metadata() + " " + a.mount())
        .containsExactly(
            "esp raid1 1.0 /boot/efi",
            "boot raid1 1.0 /boot",
            "os raid1 1.2 null",
            "mon raid1 1.2 null");
    assertThat(Layouts.all(plan, Use.CEPH_OSD)).hasSize(2);
    assertThat(plan.mounts())
        .extracting(DiskPlan.Mount::mount)
        .containsExactly("/", "/boot", "/boot/efi", "/var/lib/ceph/mon", "swap");
    assertThat(plan.espSerial())
        .hasValueSatisfying(s -> assertThat(s).matches("[0-9A-F]{4}-[0-9A-F]{4}"));
  }

  @Test
  void eachArrayHasOneMemberOnEachDiskAndFitsIntoTheSmaller() {
    DiskPlan plan = plan(FACTS, Set.of(Role.BASE), MIRROR);
    for (RaidArray array : plan.arrays()) {
      var on = new HashSet<String>();
      plan.disks()
          .forEach(d ->
              d.partitions().stream()
                  .filter(p -> array.members().contains(p.guid()))
                  .forEach(p -> {
                    on.add(d.name());
                    assertThat(p.sizeMib())
                        .isGreaterThanOrEqualTo(
                            array.sizeMib() + (array.metadata().equals("1.0") ? 1 : 136));
                  }));
      assertThat(on).as(array.name()).containsExactlyInAnyOrder("sda", "sdb");
      assertThat(array.members()).hasSize(2);
    }
    long group = plan.groups().getFirst().volumes().stream().mapToLong(v -> v.sizeMib()).sum();
    assertThat(group).isLessThan(plan.arrays().getLast().sizeMib());
    // 470,000 less 1,539 of boot, 136 of md and 64 of LVM, whole extents
    assertThat(group).isEqualTo((470_000 - 1539 - 136 - 64) / 4 * 4);
  }

  @Test
  void firmwareFindsEachMemberOfTheEspByItsType() {
    DiskPlan plan = plan(FACTS, Set.of(Role.BASE), MIRROR);
    assertThat(Layouts.all(plan, Use.ESP_MEMBER))
        .hasSize(2)
        .allSatisfy(p -> {
          assertThat(p.type()).hasToString("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
          assertThat(p.fileSystem()).isNull();
          assertThat(p.mount()).isNull();
        });
    assertThat(Layouts.all(plan, Use.RAID_MEMBER))
        .allSatisfy(p -> assertThat(p.type()).hasToString("a19d880f-05fc-4d3b-a006-743f0f84911e"));
  }

  @Test
  void aMirrorSharesItsDisksWithOsdsWhereToldSo() {
    Facts two = Machines.of(Machines.disk("sda", 480_000), Machines.disk("sdb", 480_000));
    var both =
        DiskRule.of(Map.of("slot", List.of(0, 1), "use", Map.of("os", "mirror", "ceph", "all")));
    DiskPlan plan = plan(two, Set.of(Role.CEPH_OSD), both);
    assertThat(Layouts.all(plan, Use.CEPH_OSD)).hasSize(2);
    assertThat(plan.arrays()).hasSize(3);
    assertThat(plan.groups().getFirst().volumes().stream().mapToLong(v -> v.sizeMib()).sum())
        .isEqualTo(51200);
  }

  @Test
  void aMirrorOfOneDiskOrBesideAPlainSystemIsRefused() {
    assertThat(refusal(FACTS, Set.of(Role.BASE), rule("sda=os:mirror")).error())
        .isEqualTo(LayoutError.RULE_CONFLICT);
    assertThat(
            refusal(
                    FACTS,
                    Set.of(Role.BASE),
                    rule("sda=os:mirror"),
                    rule("sdb=os:mirror"),
                    rule("sdc=os:all"))
                .error())
        .isEqualTo(LayoutError.RULE_CONFLICT);
  }

  @Test
  void theMemberThatIsTooSmallIsNamedWithItsShortfall() {
    Facts facts = Machines.of(Machines.disk("sda", 480_000), Machines.disk("sdb", 6000));
    LayoutException e =
        refusal(facts, Set.of(Role.BASE), rule("sda=os:mirror"), rule("sdb=os:mirror"));
    assertThat(e.error()).isEqualTo(LayoutError.DISK_TOO_SMALL);
    assertThat(e.detail()).contains("(sdb, 6000 MiB) is 347 MiB short");
  }

  @Test
  void fuelsBootArrayOverAllDisksIsAMirrorWithItsEsp() {
    String disk =
        """
        {"id":"%1$s","name":"%1$s","type":"disk","size":953869,"free_space":953305,"extra":[],"volumes":[
          {"type":"boot","size":300},
          {"type":"raid","mount":"/boot","file_system":"ext2","name":"Boot","size":200},
          {"type":"lvm_meta_pool","size":0},
          {"type":"pv","vg":"os","size":%2$d,"lvm_meta_size":64},
          {"type":"partition","name":"ceph","mount":"none","file_system":"none",
           "partition_guid":"4fbd7e29-9d25-41b8-afd0-062c0ceff05d","size":%3$d}]}\
        """;
    String json =
        "["
            + disk.formatted("sda", 59456, 0)
            + ","
            + disk.formatted("sdb", 0, 953305)
            + ","
            + """
            {"id":"os","type":"vg","label":"Base System","min_size":59392,"_allocate_size":"min","volumes":[
              {"type":"lv","name":"root","mount":"/","size":51200,"file_system":"ext4"},
              {"type":"lv","name":"swap","mount":"swap","size":8192,"file_system":"swap"}]}]\
            """;
    Facts facts = Machines.of(Machines.bare("sda", 953869), Machines.bare("sdb", 953869));
    DiskPlan plan = Expand.expand(KsSpaces.parse(json), Layouts.NODE, 1, facts);
    assertThat(plan.arrays())
        .extracting(a -> a.name() + " " + a.sizeMib() + " " + a.fileSystem())
        .containsExactly("esp 298 vfat", "boot 199 ext2");
    assertThat(Layouts.uses(Layouts.disk(plan, "sdb")))
        .containsExactly("BIOS_BOOT 1", "ESP_MEMBER 299", "RAID_MEMBER 200", "CEPH_OSD 953305");
  }
}
