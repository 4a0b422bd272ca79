package io.kindling.appliance.deploy;

import io.kindling.appliance.power.Restarts;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.NodeStore;
import io.kindling.postinstall.InstallHooks;
import io.kindling.postinstall.InstallPlan;
import io.kindling.postinstall.InstallerReport;
import java.time.Duration;
import java.util.Optional;

/// What happens in the inventory while a node is installed. Thread-safe.
public final class NodeHooks implements InstallHooks {
  private final NodeStore nodes;
  private final EventStore events;
  private final InstallPlans plans;
  private final Kickstarts kickstarts;
  private final InstallerBoard installers;
  private final Restarts restarts;

  public NodeHooks(
      NodeStore nodes,
      EventStore events,
      InstallPlans plans,
      Kickstarts kickstarts,
      InstallerBoard installers,
      Restarts restarts) {
    this.nodes = nodes;
    this.events = events;
    this.plans = plans;
    this.kickstarts = kickstarts;
    this.installers = installers;
    this.restarts = restarts;
  }

  @Override
  public void systemOnDisk(InstallPlan plan, String hostKey) {
    nodes.change(
        plan.node(),
        n -> {
          Assignment assignment = n.assignment();
          if (assignment == null
              || assignment.attempt() != plan.attempt()
              || (assignment.onDisk() && hostKey.equals(assignment.hostKey()))) {
            return n;
          }
          return n.withAssignment(assignment.installed(hostKey));
        });
    events.append(
        plan.node(), "system-on-disk", null, "from now on the node boots from its own disk");
  }

  @Override
  public void installerNext(InstallPlan plan) {
    kickstarts.begin(plan, nodes.find(plan.node()).orElseThrow());
    events.append(
        plan.node(), "installer-next", null, "from now on the node boots its release's installer");
  }

  @Override
  public Optional<InstallerReport> installerReport(InstallPlan plan) {
    return installers.of(plan.node(), plan.attempt()).flatMap(InstallerBoard.Run::report);
  }

  @Override
  public InstallPlan.Bootstrap bootstrap(InstallPlan plan) {
    return nodes.find(plan.node()).map(plans::bootstrap).orElse(plan.bootstrap());
  }

  @Override
  public boolean startAwaited(InstallPlan plan, Duration away) throws InterruptedException {
    return restarts.awaited(plan.node(), away);
  }

  @Override
  public void startOver(InstallPlan plan) {
    restarts.over(plan.node());
  }
}
