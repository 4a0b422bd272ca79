package io.kindling.appliance.deploy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.boot.LiveBootDecisions;
import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.cluster.Cluster.NodeRule;
import io.kindling.appliance.config.KindlingConfig.Provisioning;
import io.kindling.appliance.deploy.NodeImages.NodeImage;
import io.kindling.appliance.deploy.Planner.Planned;
import io.kindling.appliance.net.Addresses;
import io.kindling.appliance.release.ReleaseTree;
import io.kindling.appliance.release.Releases;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.LayoutTable;
import io.kindling.postinstall.InstallPlan;
import io.kindling.postinstall.InstallPlan.Bootstrap;
import io.kindling.postinstall.InstallPlan.Entry;
import io.kindling.postinstall.InstallPlan.HostSettings;
import io.kindling.postinstall.InstallPlan.Image;
import io.kindling.postinstall.InstallPlan.PackageSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Makes a node's install plan from the inventory as it is now. Thread-safe.
public final class InstallPlans {
  /// The user of installed systems: sudo by the appliance's key, no password.
  public static final String ADMIN_USER = "kindling";

  private static final int SSH = 22;

  private final Provisioning provisioning;
  private final int machinesPort;
  private final Planner planner;
  private final NodeImages images;
  private final Releases releases;
  private final String publicKey;
  private final Function<UUID, Optional<String>> bootstrapAddress;

  /// @param publicKey the appliance's OpenSSH public key line
  /// @param bootstrapAddress where the node's agent spoke from last
  public InstallPlans(
      Provisioning provisioning,
      int machinesPort,
      Planner planner,
      NodeImages images,
      Releases releases,
      String publicKey,
      Function<UUID, Optional<String>> bootstrapAddress) {
    this.provisioning = provisioning;
    this.machinesPort = machinesPort;
    this.planner = planner;
    this.images = images;
    this.releases = releases;
    this.publicKey = publicKey;
    this.bootstrapAddress = bootstrapAddress;
  }

  /// A named failure where what the cluster's release is installed from is not there.
  void requireSource(Cluster cluster) {
    if (cluster.kickstartRelease().isPresent()) {
      tree(cluster);
    } else {
      image();
    }
  }

  private NodeImage image() {
    return images
        .current()
        .orElseThrow(
            () -> new ApplianceException(ApplianceError.NO_IMAGE, "no image in the cache"));
  }

  /// The newest imported tree of the cluster's release.
  ReleaseTree tree(Cluster cluster) {
    return cluster
        .kickstartRelease()
        .flatMap(releases::newest)
        .orElseThrow(() -> new ApplianceException(ApplianceError.NO_RELEASE, cluster.release()));
  }

  private @Nullable Image source(Cluster cluster, Node node, Facts facts) {
    if (cluster.kickstartRelease().isPresent()) {
      if (facts.agent().secureBoot()) {
        throw new ApplianceException(
            ApplianceError.SECURE_BOOT, node.name() + ", release " + cluster.release());
      }
      tree(cluster);
      return null;
    }
    NodeImage image = image();
    String url = base() + "/agent/v1/image/" + image.sha256();
    return new Image(url, image.sha256(), image.bytes());
  }

  /// @throws ApplianceException where something that the plan needs is not there
  public InstallPlan of(Cluster cluster, Node node) {
    Assignment assignment = node.assignment();
    Facts facts = node.facts();
    if (assignment == null || facts == null) {
      throw new ApplianceException(
          ApplianceError.LAYOUT_IMPOSSIBLE, node.name() + " is not assigned");
    }
    NodeRule rule =
        cluster
            .ruleFor(node)
            .orElseThrow(() ->
                new ApplianceException(
                    ApplianceError.FROZEN, "the cluster file has no rule for " + node.name()));
    DiskPlan disks = disks(node);
    return new InstallPlan(
        node.id(),
        assignment.attempt(),
        bootstrap(node),
        disks,
        planner.script(disks),
        source(cluster, node, facts),
        new HostSettings(
            node.name(),
            cluster.domain().orElse(null),
            facts.agent().firmware(),
            NodeNetwork.devices(
                cluster, rule, node, facts, assignment.addresses(), provisioning.router()),
            management(assignment, node),
            cluster.dns(),
            ntp(cluster),
            ADMIN_USER,
            publicKey,
            LiveBootDecisions.CONSOLES,
            packages().orElse(null)),
        // Under Secure Boot only the firmware's own chain starts a system.
        rule.kexec() && !facts.agent().secureBoot() ? Entry.KEXEC : Entry.FIRMWARE);
  }

  private static String management(Assignment assignment, Node node) {
    String address = assignment.addresses().get(Cluster.MANAGEMENT);
    if (address == null) {
      throw new ApplianceException(
          ApplianceError.NO_ADDRESS, node.name() + ", network `" + Cluster.MANAGEMENT + "`");
    }
    return address.substring(0, address.indexOf('/'));
  }

  /// Where nodes get packages; empty until the mirror is there.
  public Optional<PackageSource> packages() {
    return images
        .packages()
        .map(key -> new PackageSource(base() + "/mirror", key.suite(), key.armoured()));
  }

  private String base() {
    return "http://"
        + Addresses.text(provisioning.address().address())
        + (machinesPort == 80 ? "" : ":" + machinesPort);
  }

  /// The node's frozen partitions.
  public DiskPlan disks(Node node) {
    Assignment assignment = node.assignment();
    Facts facts = node.facts();
    if (assignment == null || facts == null) {
      throw new ApplianceException(
          ApplianceError.LAYOUT_IMPOSSIBLE, node.name() + " is not assigned");
    }
    return switch (planner.expand(node.id(), assignment.attempt(), facts, assignment.ksSpaces())) {
      case Planned.Laid laid -> laid.disks();
      case Planned.Impossible(String error, String reason) ->
          throw new ApplianceException(ApplianceError.LAYOUT_IMPOSSIBLE, error + " " + reason);
    };
  }

  /// The node's frozen partitions as a picture in text, or why they no longer fit the machine;
  /// empty where nothing is frozen.
  public Optional<String> table(Node node) {
    Facts facts = node.facts();
    if (node.assignment() == null || facts == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(LayoutTable.render(disks(node), facts));
    } catch (ApplianceException e) {
      return Optional.of(e.error().id() + " " + e.detail());
    }
  }

  /// The node's partition script.
  public String script(Node node) {
    return planner.script(disks(node));
  }

  /// How to reach the node's bootstrap at this moment.
  public Bootstrap bootstrap(Node node) {
    Facts facts = node.facts();
    List<String> keys = facts == null ? List.of() : facts.sshHostKeys();
    String address = bootstrapAddress.apply(node.id()).or(() -> reported(facts)).orElse("");
    return new Bootstrap(address, SSH, keys);
  }

  /// An address of the last report that is on the provisioning network.
  private Optional<String> reported(@Nullable Facts facts) {
    return facts == null
        ? Optional.empty()
        : facts.nics().stream()
            .flatMap(nic -> nic.addresses().stream())
            .map(a -> a.contains("/") ? a.substring(0, a.indexOf('/')) : a)
            .filter(a -> Addresses.parse(a).filter(provisioning.address()::contains).isPresent())
            .findFirst();
  }

  /// The cluster's time sources, by address or name.
  List<String> ntp(Cluster cluster) {
    return cluster.ntp().stream()
        .map(name -> name.equals("appliance") ? appliance() : name)
        .toList();
  }

  /// The appliance's own address, from which it comes to nodes.
  String appliance() {
    return Addresses.text(provisioning.address().address());
  }
}
