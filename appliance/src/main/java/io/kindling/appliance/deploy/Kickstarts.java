package io.kindling.appliance.deploy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.boot.BootTokens;
import io.kindling.appliance.boot.InstallerAnswers;
import io.kindling.appliance.boot.LiveBootDecisions;
import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.release.ReleaseTree;
import io.kindling.appliance.release.Releases;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.ksgen.LayoutException;
import io.kindling.ksgen.kickstart.Kickstart;
import io.kindling.ksgen.kickstart.KickstartRequest;
import io.kindling.ksgen.kickstart.KickstartRequest.Repository;
import io.kindling.postinstall.InstallPlan;
import io.kindling.postinstall.InstallPlan.HostSettings;
import io.kindling.postinstall.InstallerReport;
import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What nodes get whose release installs by kickstart: the boot answer while its installer is to
/// work, and the kickstart, both made when they are asked for. Thread-safe.
public final class Kickstarts implements InstallerAnswers {

  private final String base;
  private final InstallPlans plans;
  private final ClusterBook clusters;
  private final Releases releases;
  private final InstallerBoard board;
  private final BootTokens tokens;

  /// @param base `http://ADDRESS[:PORT]` of the machines' listener
  public Kickstarts(
      String base,
      InstallPlans plans,
      ClusterBook clusters,
      Releases releases,
      InstallerBoard board,
      BootTokens tokens) {
    this.base = base;
    this.plans = plans;
    this.clusters = clusters;
    this.releases = releases;
    this.board = board;
    this.tokens = tokens;
  }

  /// From now on the node boots the installer of the newest imported tree. Durable.
  ///
  /// @throws ApplianceException where its kickstart cannot be made
  void begin(InstallPlan plan, Node node) {
    ReleaseTree tree = plans.tree(clusters.require());
    render(node, tree); // a value that cannot be is named before the machine restarts
    board.begin(plan.node(), plan.attempt(), tree.id());
  }

  @Override
  public Optional<BootAnswer.Installer> next(Node node, BootStage stage) {
    Assignment assignment = node.assignment();
    if (assignment == null || node.state() != NodeState.PROVISIONING) {
      return Optional.empty();
    }
    Optional<ReleaseTree> tree =
        board
            .of(node.id(), assignment.attempt())
            .filter(run -> run.report().isEmpty())
            .flatMap(run -> releases.find(run.tree()));
    if (tree.isPresent() && stage == BootStage.SCRIPT && board.hasFetched(node.id())) {
      // Or it would be installed again and again.
      board.report(
          node.id(),
          assignment.attempt(),
          new InstallerReport.Failed("the machine restarted in the installer without a report"));
      return Optional.empty();
    }
    return tree.map(t -> answer(node, assignment, t));
  }

  private BootAnswer.Installer answer(Node node, Assignment assignment, ReleaseTree tree) {
    String token = tokens.issue(new BootTokens.Attempt(node.id(), assignment.attempt()));
    var arguments = new ArrayList<String>();
    arguments.add("inst.repo={base}" + tree.path());
    arguments.add("inst.ks={base}/agent/v1/kickstart/" + token);
    arguments.add("inst.nosave=all_ks");
    arguments.add("ip=dhcp");
    if (node.bootMac() != null) {
      // As PXELINUX tells it: the hardware type, then the address.
      arguments.add("BOOTIF=01-" + node.bootMac().replace(':', '-'));
    }
    LiveBootDecisions.CONSOLES.forEach(console -> arguments.add("console=" + console));
    return new BootAnswer.Installer(
        tree.path() + "/" + tree.info().kernel(),
        tree.path() + "/" + tree.info().initrd(),
        arguments);
  }

  /// The kickstart of a node that an installer works on; empty where none does.
  public Optional<String> kickstart(Node node) {
    Assignment assignment = node.assignment();
    return assignment == null
        ? Optional.empty()
        : board
            .of(node.id(), assignment.attempt())
            .filter(run -> run.report().isEmpty())
            .flatMap(run -> releases.find(run.tree()))
            .map(tree -> render(node, tree));
  }

  /// The kickstart that the node would get now from the newest imported tree, to be looked at: the
  /// attempt's token, its one secret, is not in it. Empty where the node is not assigned or the
  /// cluster's release has none.
  ///
  /// @throws ApplianceException where it cannot be made
  public Optional<String> preview(Node node) {
    Optional<Cluster> cluster = clusters.applied().map(ClusterBook.Applied::cluster);
    return node.assignment() == null || cluster.flatMap(Cluster::kickstartRelease).isEmpty()
        ? Optional.empty()
        : cluster.map(c -> render(node, plans.tree(c), "THE-TOKEN-OF-THE-ATTEMPT"));
  }

  private String render(Node node, ReleaseTree tree) {
    Assignment assignment = node.assignment();
    int attempt = assignment == null ? 1 : assignment.attempt();
    return render(node, tree, tokens.issue(new BootTokens.Attempt(node.id(), attempt)));
  }

  private String render(Node node, ReleaseTree tree, String token) {
    Cluster cluster = clusters.require();
    InstallPlan plan = plans.of(cluster, node);
    HostSettings system = plan.system();
    List<String> kernel =
        Stream.concat(
                system.consoles().stream().map(c -> "console=" + c),
                cluster.kickstart().kernel().stream())
            .toList();
    try {
      return Kickstart.render(
          new KickstartRequest(
              tree.release(),
              plan.disks(),
              system.firmware(),
              new KickstartRequest.Appliance(
                  base + tree.path(),
                  tree.info().repositories().entrySet().stream()
                      .map(e -> new Repository(e.getKey(), e.getValue()))
                      .toList(),
                  base + "/agent/v1",
                  token),
              new KickstartRequest.Host(
                  system.hostName(),
                  system.domain(),
                  system.dns(),
                  system.ntpServers(),
                  system.adminUser(),
                  system.adminPublicKey(),
                  cluster.kickstart().locale(),
                  kernel,
                  cluster.kickstart().packages()),
              system.network()));
    } catch (LayoutException e) {
      throw new ApplianceException(
          ApplianceError.LAYOUT_IMPOSSIBLE, e.error().id() + " " + e.detail(), e);
    }
  }
}
