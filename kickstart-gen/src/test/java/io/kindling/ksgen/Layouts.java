package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.Use;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// Layouts for tests: each goes through ks_spaces as JSON, as a frozen one does.
final class Layouts {

  static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-000000000001");

  private Layouts() {}

  static KsSpaces spaces(Facts facts, Set<Role> roles, DiskRule... rules) {
    return Layouter.layout(new LayoutRequest(NODE, 1, facts, roles, List.of(rules)));
  }

  static DiskPlan plan(Facts facts, Set<Role> roles, DiskRule... rules) {
    KsSpaces spaces = spaces(facts, roles, rules);
    KsSpaces again = KsSpaces.parse(spaces.toJson());
    assertThat(again).isEqualTo(spaces);
    return Expand.expand(again, NODE, 1, facts);
  }

  static LayoutException refusal(Facts facts, Set<Role> roles, DiskRule... rules) {
    var e = catchThrowableOfType(LayoutException.class, () -> plan(facts, roles, rules));
    assertThat(e).as("is refused").isNotNull();
    return e;
  }

  static DiskRule rule(String override) {
    return DiskOverride.parse(override).rule();
  }

  static List<String> uses(PlannedDisk disk) {
    return disk.partitions().stream().map(p -> p.use() + " " + p.sizeMib()).toList();
  }

  static List<PlannedPartition> all(DiskPlan plan, Use use) {
    return plan.disks().stream()
        .flatMap(d -> d.partitions().stream())
        .filter(p -> p.use() == use)
        .toList();
  }

  static PlannedDisk disk(DiskPlan plan, String name) {
    return plan.disks().stream().filter(d -> d.name().equals(name)).findFirst().orElseThrow();
  }
}
