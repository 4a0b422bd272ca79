package io.kindling.ksgen;

import static io.kindling.ksgen.Layouts.plan;
import static io.kindling.ksgen.Layouts.refusal;
import static io.kindling.ksgen.Layouts.rule;
import static io.kindling.ksgen.Layouts.spaces;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Facts.Content;
import io.kindling.ksgen.DiskPlan.Extent;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Single volumes that stay where they are.
class KeptVolumesTest {

  private static final Set<Role> OSD = Set.of(Role.CEPH_OSD);
  private static final String LINUX = "0fc63daf-8483-4772-8e79-3d69d8477de4";
  private static final String CEPH = "4fbd7e29-9d25-41b8-afd0-062c0ceff05d";
  private static final String JOURNAL = "45b0969e-9b03-4f30-b4c6-b4b80ceff106";
  private static final long MIB = 1L << 20;

  private static Content osd(String name, int number, long startMib, long mib) {
    return Machines.part(name, number, startMib * MIB, mib * MIB, CEPH, "kindling-ceph-" + number);
  }

  private static Facts machine(Content... onSdb) {
    return Machines.of(
        Machines.disk("sda", 20480),
        Machines.holding(Machines.disk("sdb", 100_000), onSdb),
        Machines.disk("sdc", 100_000));
  }

  @Test
  void aKeptOsdHasItsNumberPlaceIdTypeAndNameAndItsTableStays() {
    DiskPlan plan = plan(machine(osd("sdb2", 2, 2, 99_997)), OSD, rule("sdb=ceph:keep"));
    PlannedDisk disk = Layouts.disk(plan, "sdb");
    assertThat(disk.keepTable()).isTrue();
    assertThat(disk.guid()).hasToString("aaaaaaaa-0000-4000-8000-00000000000a");
    PlannedPartition kept = disk.partitions().get(1);
    assertThat(kept.kept()).isEqualTo(new Extent(2 * MIB, 99_997 * MIB));
    assertThat(kept.number()).isEqualTo(2);
    assertThat(kept.use()).isEqualTo(Use.CEPH_OSD);
    assertThat(kept.label()).isEqualTo("kindling-ceph-2");
    assertThat(kept.guid().toString()).startsWith("bbbbbbbb-0000");
    // the BIOS boot partition is new, in the gap before it
    assertThat(disk.partitions().getFirst().use()).isEqualTo(Use.BIOS_BOOT);
    assertThat(disk.partitions().getFirst().number()).isEqualTo(1);
    assertThat(Layouts.disk(plan, "sdc").keepTable()).isFalse();
  }

  @Test
  void whatIsNewGoesIntoTheLargestGapBetweenWhatIsKept() {
    Facts facts =
        machine(
            Machines.part("sdb3", 3, 17 * 512, 1000 * MIB, LINUX, "first"),
            Machines.part("sdb7", 7, 60_000 * MIB + 512, 100 * MIB, LINUX, "second"),
            Machines.part("sdb8", 8, 70_000 * MIB, 100 * MIB, LINUX, "scratch"));
    DiskPlan plan =
        plan(facts, OSD, rule("sdb=first:keep"), rule("sdb=second:keep"), rule("sdb=ceph:all"));
    assertThat(Layouts.disk(plan, "sdb").partitions())
        .extracting(p -> p.number() + " " + p.startMib() + "+" + p.sizeMib() + " " + p.keep())
        .containsExactly(
            "3 0+1001 true", "1 1001+1 false", "2 1002+58998 false", "7 60000+101 true");
  }

  @Test
  void thePlanIsTheSameBeforeAndAfterTheDiskWasPartitioned() {
    Facts before = machine(osd("sdb2", 2, 50_000, 40_000), osd("sdb5", 5, 10, 100));
    KsSpaces spaces =
        spaces(
            before,
            OSD,
            DiskRule.of(
                java.util.Map.of(
                    "id",
                    "sdb",
                    "keep",
                    List.of("kindling-ceph-2"),
                    "use",
                    java.util.Map.of("ceph", "all"))));
    DiskPlan plan = Expand.expand(spaces, Layouts.NODE, 1, before);
    var now = new ArrayList<Content>();
    for (PlannedPartition p : Layouts.disk(plan, "sdb").partitions()) {
      Extent kept = p.kept();
      now.add(
          new Content(
              "sdb" + p.number(),
              "part",
              p.number(),
              kept != null ? kept.startBytes() : p.startMib() * MIB,
              kept != null ? kept.sizeBytes() : p.sizeMib() * MIB,
              p.type().toString(),
              p.label(),
              p.guid().toString(),
              null,
              null,
              null));
    }
    assertThat(Expand.expand(spaces, Layouts.NODE, 1, machine(now.toArray(Content[]::new))))
        .isEqualTo(plan);
  }

  @Test
  void newPartitionsNeverTakeAKeptName() {
    DiskPlan plan =
        plan(machine(osd("sdb1", 1, 10, 50_000)), OSD, rule("sdb=ceph:keep"), rule("sdb=ceph:all"));
    assertThat(Layouts.all(plan, Use.CEPH_OSD))
        .extracting(PlannedPartition::label)
        .containsExactly("kindling-ceph-1", "kindling-ceph-2", "kindling-ceph-3");
  }

  @Test
  void aKeptOsdTakesNoNewJournalAndOnlyNewOnesAreSpread() {
    Facts facts =
        Machines.of(
            Machines.disk("sda", 20480),
            Machines.holding(Machines.disk("sdb", 100_000), osd("sdb2", 2, 2, 90_000)),
            Machines.disk("sdc", 100_000),
            Machines.holding(
                Machines.disk("sdd", 50_000),
                Machines.part("sdd2", 2, 2 * MIB, 5000 * MIB, JOURNAL, "kindling-cephjournal-1")));
    DiskPlan plan =
        plan(
            facts,
            OSD,
            rule("sdb=ceph:keep"),
            rule("sdd=cephjournal:keep"),
            rule("sdd=cephjournal:all"));
    assertThat(plan.osdDb()).hasSize(1);
    assertThat(plan.osdDb().keySet())
        .containsExactly(Layouts.disk(plan, "sdc").partitions().get(1).guid());
    assertThat(Layouts.all(plan, Use.CEPH_JOURNAL)).hasSize(2);
  }

  @Test
  void aJournalThatAKeptOsdMayNeedIsNotWiped() {
    Facts facts =
        Machines.of(
            Machines.disk("sda", 20480),
            Machines.holding(Machines.disk("sdb", 100_000), osd("sdb2", 2, 2, 90_000)),
            Machines.holding(
                Machines.disk("sdd", 50_000),
                Machines.part("sdd2", 2, 2 * MIB, 5000 * MIB, JOURNAL, "kindling-cephjournal-1")));
    LayoutException e = refusal(facts, OSD, rule("sdb=ceph:keep"), rule("sdd=ceph:all"));
    assertThat(e.error()).isEqualTo(LayoutError.KEEP_NEEDS);
    assertThat(e.detail()).contains("sdd2");
    assertThat(plan(facts, OSD, rule("sdb=ceph:keep"), rule("sdd=keep")).disks()).hasSize(2);
  }

  @Test
  void aKeptGroupIsMountedByTheIdsOfTheAttemptThatMadeIt() {
    Facts blank = Machines.of(Machines.disk("sda", 100_000), Machines.disk("sdb", 100_000));
    Set<Role> roles = Set.of(Role.COMPUTE);
    KsSpaces first = spaces(blank, roles, rule("sdb=vm:all"));
    DiskPlan made = Expand.expand(first, Layouts.NODE, 1, blank);
    PlannedPartition pv = Layouts.disk(made, "sdb").partitions().get(1);
    Facts now =
        Machines.of(
            Machines.disk("sda", 100_000),
            Machines.holding(
                Machines.disk("sdb", 100_000),
                new Content(
                    "sdb2",
                    "part",
                    2,
                    pv.startMib() * MIB,
                    pv.sizeMib() * MIB,
                    pv.type().toString(),
                    pv.label(),
                    pv.guid().toString(),
                    "LVM2_member",
                    null,
                    null)));
    KsSpaces second =
        Layouter.layout(
            new LayoutRequest(Layouts.NODE, 2, now, roles, List.of(rule("sdb=vm:keep"))));
    DiskPlan plan = Expand.expand(KsSpaces.parse(second.toJson()), Layouts.NODE, 2, now);
    assertThat(plan.groups())
        .extracting(g -> g.name() + " " + g.keep())
        .containsExactly("os false", "vm true");
    assertThat(plan.groups().getLast().volumes()).isEqualTo(made.groups().getLast().volumes());
    assertThat(plan.mounts().getLast().mount()).isEqualTo("swap");
    assertThat(plan.mounts())
        .filteredOn(m -> m.mount().equals("/var/lib/nova"))
        .containsExactlyElementsOf(
            made.mounts().stream().filter(m -> m.mount().equals("/var/lib/nova")).toList());
    // another node's is kept as well, but nobody knows its file system
    var other = java.util.UUID.fromString("00000000-0000-4000-8000-000000000002");
    DiskPlan foreign = Expand.expand(second, other, 1, now);
    assertThat(foreign.mounts()).extracting(DiskPlan.Mount::mount).doesNotContain("/var/lib/nova");
    assertThat(LayoutTable.render(foreign, now)).contains("note: volume group vm is kept but not");
  }

  @Test
  void aGroupIsKeptWholeOrNotAtAll() {
    Content one =
        Machines.part(
            "sdb2",
            2,
            2 * MIB,
            9000 * MIB,
            "e6d6d379-f507-44c2-a23c-238f2a3df928",
            "kindling-vm-1");
    Content two =
        Machines.part(
            "sdc2",
            2,
            2 * MIB,
            9000 * MIB,
            "e6d6d379-f507-44c2-a23c-238f2a3df928",
            "kindling-vm-2");
    Facts facts =
        Machines.of(
            Machines.disk("sda", 100_000),
            Machines.holding(Machines.disk("sdb", 10_000), one),
            Machines.holding(Machines.disk("sdc", 10_000), two));
    Set<Role> roles = Set.of(Role.COMPUTE, Role.CINDER_LVM);
    assertThat(refusal(facts, roles, rule("sdb=vm:keep")).error())
        .isEqualTo(LayoutError.KEEP_NEEDS);
    assertThat(plan(facts, roles, rule("sdb=vm:keep"), rule("sdc=vm:keep")).groups()).hasSize(3);
    assertThat(refusal(facts, roles, rule("sdb=vm:keep"), rule("sdc=vm:all")).error())
        .isEqualTo(LayoutError.RULE_CONFLICT);
  }

  @Test
  void whatIsNotThereOrNotToldOrTheSystemsCannotBeKept() {
    Facts facts = machine(Machines.part("sdb1", 1, MIB, 9 * MIB, LINUX, "kindling-os-1"));
    assertThat(refusal(facts, OSD, rule("sdb=ceph:keep")).error())
        .isEqualTo(LayoutError.KEEP_UNMATCHED);
    assertThat(refusal(facts, OSD, rule("sdb=os:keep")).error())
        .isEqualTo(LayoutError.RULE_CONFLICT);
    var noStart =
        new Content(
            "sdb1",
            "part",
            1,
            null,
            9 * MIB,
            LINUX,
            "data",
            "bbbbbbbb-0000-4000-8000-000000000001",
            null,
            null,
            null);
    LayoutException e = refusal(machine(noStart), OSD, rule("sdb=data:keep"));
    assertThat(e.error()).isEqualTo(LayoutError.KEEP_UNKNOWN);
    assertThat(e.detail()).contains("sdb1");
    Facts.Disk dos = Machines.disk("sdb", 100_000);
    Content part = Machines.part("sdb1", 1, MIB, 9 * MIB, LINUX, "data");
    Facts mbr =
        Machines.of(
            Machines.disk("sda", 20480),
            Machines.with(dos, dos.id(), dos.bestLink(), dos.links(), "dos", "0x1", List.of(part)));
    assertThat(refusal(mbr, OSD, rule("sdb=data:keep")).detail()).contains("dos");
  }

  @Test
  void aKeptVolumeThatMovedOrWentSinceTheLayoutIsRefused() {
    Facts before = machine(osd("sdb2", 2, 2, 90_000));
    KsSpaces spaces = spaces(before, OSD, rule("sdb=ceph:keep"));
    for (Facts now :
        List.of(
            machine(), machine(osd("sdb2", 2, 3, 90_000)), machine(osd("sdb2", 3, 2, 90_000)))) {
      var e =
          catchThrowableOfType(
              LayoutException.class, () -> Expand.expand(spaces, Layouts.NODE, 1, now));
      assertThat(e).isNotNull();
      assertThat(e.error()).isEqualTo(LayoutError.KEEP_CHANGED);
    }
  }

  @Test
  void tooLittleRoomBesideWhatIsKeptIsNamed() {
    Facts facts =
        machine(Machines.part("sdb2", 2, 3000 * MIB, 97_000 * MIB - 33 * 512, LINUX, "data"));
    LayoutException e = refusal(facts, OSD, rule("sdb=data:keep"), rule("sdb=ceph:all"));
    // 3000 MiB less the first and the BIOS boot partition
    assertThat(e.detail()).contains("sdb").contains("74 MiB short: ceph beside what is kept");
  }

  @Test
  void theTableShowsWhatStaysAndWhatGoes() {
    Facts facts =
        machine(
            osd("sdb2", 2, 2, 90_000),
            Machines.part("sdb4", 4, 95_000 * MIB, MIB, LINUX, "old\u001b"));
    String table = LayoutTable.render(plan(facts, OSD, rule("sdb=ceph:keep")), facts);
    assertThat(table)
        .contains("90000 MiB  KEPT  OSD")
        .contains("lost: sdb4 part old\uFFFD".replace("\uFFFD", "\\u{1b}"))
        .doesNotContain("lost: sdb2")
        .contains("2 disks wiped, 1 disk with kept volumes, 0 disks untouched");
  }
}
