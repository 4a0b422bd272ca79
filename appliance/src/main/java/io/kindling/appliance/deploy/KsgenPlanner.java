package io.kindling.appliance.deploy;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.DiskRule;
import io.kindling.ksgen.Expand;
import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.LayoutException;
import io.kindling.ksgen.LayoutRequest;
import io.kindling.ksgen.Layouter;
import io.kindling.ksgen.PartitionScript;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// The planner that `kickstart-gen` is. Thread-safe.
public final class KsgenPlanner implements Planner {

  @Override
  public Planned plan(UUID node, int attempt, Facts facts, Set<Role> roles, List<DiskRule> rules) {
    try {
      KsSpaces spaces = Layouter.layout(new LayoutRequest(node, attempt, facts, roles, rules));
      return new Planned.Laid(spaces.toJson(), Expand.expand(spaces, node, attempt, facts));
    } catch (LayoutException e) {
      return impossible(e);
    }
  }

  @Override
  public Planned expand(UUID node, int attempt, Facts facts, String ksSpaces) {
    try {
      return new Planned.Laid(
          ksSpaces, Expand.expand(KsSpaces.parse(ksSpaces), node, attempt, facts));
    } catch (LayoutException e) {
      return impossible(e);
    }
  }

  @Override
  public String script(DiskPlan plan) {
    return PartitionScript.render(plan);
  }

  private static Planned.Impossible impossible(LayoutException e) {
    return new Planned.Impossible(e.error().id(), e.error().summary() + " " + e.detail());
  }
}
