package io.kindling.ksgen;

import static io.kindling.ksgen.Layouts.plan;
import static io.kindling.ksgen.Layouts.refusal;
import static io.kindling.ksgen.Layouts.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan.LogicalVolume;
import io.kindling.ksgen.DiskPlan.Mount;
import io.kindling.ksgen.DiskPlan.Use;
import io.kindling.ksgen.DiskPlan.VolumeGroup;
import io.kindling.ksgen.internal.Policy;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What each role gets, alone and with others.
class RolesTest {

  private static final Map<Role, String> MOUNTS =
      Map.of(
          Role.CONTROLLER, "/var/lib/glance",
          Role.COMPUTE, "/var/lib/nova",
          Role.CEPH_MON, "/var/lib/ceph/mon");

  private static Facts machine(int drives, long gib) {
    var disks = new ArrayList<Facts.Disk>();
    for (int i = 0; i < drives; i++) {
      disks.add(Machines.disk("sd" + (char) ('a' + i), gib << 10));
    }
    return Machines.of(16384, disks);
  }

  private static List<Set<Role>> combinations() {
    var all = new ArrayList<Set<Role>>();
    for (int bits = 1; bits < 1 << Role.values().length; bits++) {
      var roles = EnumSet.noneOf(Role.class);
      for (Role role : Role.values()) {
        if ((bits & 1 << role.ordinal()) != 0) {
          roles.add(role);
        }
      }
      all.add(roles);
    }
    return all;
  }

  private static long size(DiskPlan plan, String group) {
    return plan.groups().stream()
        .filter(g -> g.name().equals(group))
        .flatMap(g -> g.volumes().stream())
        .mapToLong(LogicalVolume::sizeMib)
        .sum();
  }

  @Test
  void everyCombinationOfRolesHasItsVolumesOnOneTwoAndFourDrives() {
    for (Set<Role> roles : combinations()) {
      for (int drives : new int[] {1, 2, 4}) {
        DiskPlan plan = plan(machine(drives, 400), roles);
        String context = roles + " on " + drives;
        assertThat(plan.mounts()).as(context).extracting(Mount::mount).contains("/", "/boot");
        MOUNTS.forEach((role, mount) ->
            assertThat(plan.mounts().stream().anyMatch(m -> m.mount().equals(mount)))
                .as(context + " " + mount)
                .isEqualTo(roles.contains(role)));
        for (VolumeGroup group : plan.groups()) {
          if (!group.volumes().isEmpty()) {
            assertThat(size(plan, group.name()))
                .as(context + " " + group.name())
                .isGreaterThanOrEqualTo(Policy.standard().require(group.name()).minimumMib());
          }
        }
        assertThat(Layouts.all(plan, Use.CEPH_OSD))
            .as(context)
            .hasSize(roles.contains(Role.CEPH_OSD) ? Math.max(1, drives - 1) : 0);
        assertThat(plan.groups().stream().anyMatch(g -> g.name().equals("cinder")))
            .as(context)
            .isEqualTo(roles.contains(Role.CINDER_LVM));
        assertThat(LayoutTable.render(plan, machine(drives, 400)).lines())
            .as(context)
            .allMatch(l -> l.length() <= 100);
      }
    }
  }

  @Test
  void cinderHasAGroupWithoutVolumesOverEveryOtherDrive() {
    DiskPlan plan = plan(machine(3, 100), Set.of(Role.CINDER_LVM));
    VolumeGroup cinder = plan.groups().getLast();
    assertThat(cinder.name()).isEqualTo("cinder");
    assertThat(cinder.volumes()).isEmpty();
    assertThat(Layouts.all(plan, Use.PHYSICAL_VOLUME))
        .extracting(p -> p.volumeGroup())
        .containsExactly("os", "cinder", "cinder");
  }

  @Test
  void cephTakesTheDrivesBeforeCinderWhichThenSharesTheSystems() {
    DiskPlan plan = plan(machine(3, 100), Set.of(Role.CEPH_OSD, Role.CINDER_LVM));
    assertThat(Layouts.all(plan, Use.CEPH_OSD)).hasSize(2);
    assertThat(plan.disks().getFirst().partitions())
        .extracting(p -> p.volumeGroup())
        .contains("os", "cinder");
  }

  @Test
  void aMonitorHasFortyGibibytesOrIsRefusedWithTheShortfall() {
    assertThat(size(plan(machine(1, 60), Set.of(Role.CEPH_MON)), "mon"))
        .isGreaterThanOrEqualTo(40960);
    LayoutException e = refusal(machine(1, 40), Set.of(Role.CEPH_MON));
    assertThat(e.error()).isEqualTo(LayoutError.DISK_TOO_SMALL);
    // 4608 + 40960 and twice 64 of LVM, 1539 of boot: 47235 MiB
    assertThat(e.detail()).contains("sda").contains("40960 MiB").contains(" 6275 MiB short");
  }

  @Test
  void aRuleGivesAGeneralVolumeItsOwnDisks() {
    DiskPlan plan =
        plan(machine(4, 100), Set.of(Role.COMPUTE), rule("sdb=vm:all"), rule("sdc=vm:50000"));
    assertThat(plan.disks()).extracting(d -> d.name()).containsExactly("sda", "sdb", "sdc");
    assertThat(size(plan, "vm")).isBetween(152_000L, 102_400L + 50_000);
    assertThat(plan.disks().getFirst().partitions())
        .extracting(p -> p.volumeGroup())
        .doesNotContain("vm");
  }

  @Test
  void rootIsAFifthWithinFifteenToFiftyGibibytesWhereItSharesTheDrive() {
    assertThat(size(plan(machine(1, 400), Set.of(Role.COMPUTE)), "os")).isEqualTo(51200);
    assertThat(size(plan(machine(1, 100), Set.of(Role.COMPUTE)), "os")).isEqualTo(20480);
    assertThat(size(plan(machine(1, 60), Set.of(Role.COMPUTE)), "os")).isEqualTo(15360);
  }
}
