package io.kindling.ksgen;

import static io.kindling.ksgen.Layouts.plan;
import static io.kindling.ksgen.Layouts.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Facts.Media;
import io.kindling.ksgen.DiskPlan.Use;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What the table suggests and what it never takes by itself.
class AdviceTest {

  private static final Facts MIXED =
      Machines.of(
          Machines.disk("sda", 100_000),
          Machines.disk("sdb", 4_000_000),
          Machines.disk("sdc", 4_000_000),
          Machines.disk("sdd", 800_000, Media.NVME));

  @Test
  void aFastDriveIsSuggestedForJournalsAndNotTaken() {
    DiskPlan plan = plan(MIXED, Set.of(Role.CEPH_OSD));
    assertThat(Layouts.all(plan, Use.CEPH_JOURNAL)).isEmpty();
    assertThat(Layouts.all(plan, Use.CEPH_OSD)).hasSize(3);
    assertThat(LayoutTable.render(plan, MIXED))
        .contains("suggestion: sdd (nvme) could hold the journals of 2 OSDs on slower drives:")
        .contains("--disk " + MIXED.disks().getLast().id() + "=cephjournal:all");
  }

  @Test
  void whereTheFastDriveHoldsTheJournalsNothingIsSuggested() {
    DiskPlan plan = plan(MIXED, Set.of(Role.CEPH_OSD), rule("sdd=cephjournal:all"));
    assertThat(LayoutTable.render(plan, MIXED)).doesNotContain("suggestion", "note:");
  }

  @Test
  void aMachineOfFastDrivesAloneIsLeftInPeace() {
    Facts fast =
        Machines.of(
            Machines.disk("sda", 800_000, Media.NVME), Machines.disk("sdb", 800_000, Media.NVME));
    assertThat(LayoutTable.render(plan(fast, Set.of(Role.CEPH_OSD)), fast))
        .doesNotContain("suggestion");
  }

  @Test
  void journalsBelowCephsGuidanceAreNoted() {
    DiskPlan plan = plan(MIXED, Set.of(Role.CEPH_OSD), rule("sdd=cephjournal:20000"));
    assertThat(LayoutTable.render(plan, MIXED))
        .contains("note: journals on sdd have 0.3 % of their OSD; Ceph wants 1 to 2 %");
  }
}
