package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DiskWipeTest {
  private static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-0000000000aa");

  private static DiskPlan plan(Facts facts, String... ids) {
    return DiskWipe.plan(NODE, facts, Set.of(ids), UUID::randomUUID);
  }

  private static void refused(LayoutError error, Facts facts, String... ids) {
    assertThatThrownBy(() -> plan(facts, ids))
        .isInstanceOfSatisfying(LayoutException.class, e -> assertThat(e.error()).isEqualTo(error));
  }

  @Test
  void onlyNamedDisksAreInThePlanWithAllThatTellsThemAndNoPartition() {
    Facts.Disk sda = Machines.disk("sda", 10_000);
    Facts.Disk sdb = Machines.bare("sdb", 20_000);
    DiskPlan plan = plan(Machines.of(sda, sdb), sda.id());
    PlannedDisk only = plan.disks().getFirst();
    assertThat(plan.disks()).hasSize(1);
    assertThat(only.id()).isEqualTo(sda.id());
    assertThat(only.links()).startsWith(sda.bestLink()).containsAll(sda.links());
    assertThat(only.sizeBytes()).isEqualTo(sda.sizeBytes());
    assertThat(only.serial()).isEqualTo(sda.serial());
    assertThat(only.model()).isEqualTo(sda.model());
    assertThat(only.partitions()).isEmpty();
    assertThat(only.keepTable()).isFalse();
    assertThat(PartitionScript.render(plan)).contains(sda.id()).doesNotContain("sdb");
  }

  @Test
  void itsDiskGuidIsNeverThatOfAnInstallation() {
    Facts.Disk sda = Machines.disk("sda", 10_000);
    Facts facts = Machines.of(sda);
    assertThat(plan(facts, sda.id()).disks().getFirst().guid())
        .isNotEqualTo(plan(facts, sda.id()).disks().getFirst().guid());
  }

  @Test
  void whatIsNotOneWritableDiskIsRefused() {
    Facts.Disk sda = Machines.disk("sda", 10_000);
    refused(LayoutError.NO_DISK, Machines.of(sda));
    refused(LayoutError.UNKNOWN_DISK, Machines.of(sda), sda.id(), "sdb");
    refused(LayoutError.UNKNOWN_DISK, Machines.of(sda), "../" + sda.id());
    refused(LayoutError.AMBIGUOUS_DISK, Machines.of(2048, List.of(sda, sda)), sda.id());
    Facts.Disk dead = Machines.disk("sdc", 0);
    refused(LayoutError.CHECK_READ_ONLY, Machines.of(sda, dead), dead.id());
  }
}
