package io.kindling.appliance.testing;

import io.kindling.appliance.api.NodeViews;
import io.kindling.appliance.api.OperatorApi;
import io.kindling.appliance.api.Replays;
import io.kindling.appliance.boot.BootTokens;
import io.kindling.appliance.boot.LiveBootDecisions;
import io.kindling.appliance.boot.StageBoard;
import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.cluster.ClusterParser;
import io.kindling.appliance.config.KindlingConfig;
import io.kindling.appliance.config.KindlingConfig.Provisioning;
import io.kindling.appliance.deploy.Assigner;
import io.kindling.appliance.deploy.ClusterBook;
import io.kindling.appliance.deploy.Deployer;
import io.kindling.appliance.deploy.InstallPlans;
import io.kindling.appliance.deploy.InstallerBoard;
import io.kindling.appliance.deploy.Kickstarts;
import io.kindling.appliance.deploy.KsgenPlanner;
import io.kindling.appliance.deploy.NodeHooks;
import io.kindling.appliance.deploy.NodeImages;
import io.kindling.appliance.deploy.Phases;
import io.kindling.appliance.machines.BootstrapBoard;
import io.kindling.appliance.machines.JoinBook;
import io.kindling.appliance.machines.MachineDoor;
import io.kindling.appliance.machines.MachineLogs;
import io.kindling.appliance.machines.RefusedReports;
import io.kindling.appliance.power.FakeBmc;
import io.kindling.appliance.power.Power;
import io.kindling.appliance.power.PowerBook;
import io.kindling.appliance.power.Restarts;
import io.kindling.appliance.release.ReleaseFiles;
import io.kindling.appliance.release.Releases;
import io.kindling.appliance.support.Snapshot;
import io.kindling.inventory.Credentials;
import io.kindling.inventory.Inventory;
import io.kindling.inventory.MemoryEventStore;
import io.kindling.inventory.MemoryNodeStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.Presence;
import io.kindling.inventory.ReportResult;
import io.kindling.postinstall.MemoryTaskLog;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.TestClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// The appliance's parts on fakes: nodes, events and settings in memory, an installer that does
/// what the test says, the real planner.
public final class Bench implements AutoCloseable {
  /// Where machines reach the machines' listener.
  public static final String MACHINES = "http://10.20.0.1:8000";

  public static final String PUBLIC_KEY = "ssh-ed25519 AAAAAPPLIANCE kindling";

  public final TestClock clock = new TestClock();
  public final MemoryNodeStore nodes = new MemoryNodeStore();
  public final MemoryEventStore events = new MemoryEventStore(clock);
  public final MemorySettings settings = new MemorySettings();
  public final FakeInstaller installer = new FakeInstaller();
  public final Provisioning provisioning =
      KindlingConfig.parse("kindling.yaml", "provisioning: {interface: eno1}").provisioning();
  public final ClusterParser parser = new ClusterParser(provisioning);
  public final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  public final Inventory inventory = new Inventory(nodes, events, clock, UUID::randomUUID);
  public final Presence presence = new Presence(clock);
  public final StageBoard stages = new StageBoard(clock);
  public final BootstrapBoard board = new BootstrapBoard();
  public final Images images = new Images();
  public final JoinBook joins = new JoinBook(settings, clock, new SecureRandom());
  public final BootTokens tokens;
  public final LiveBootDecisions decisions;
  public final ClusterBook clusters;
  public final Assigner assigner;
  public final InstallPlans plans;
  public final Releases releases;
  public final InstallerBoard installers;
  public final Kickstarts kickstarts;
  public final MemoryTaskLog logs = new MemoryTaskLog();
  public final MemorySettings accesses = new MemorySettings();
  public final PowerBook bmcs = new PowerBook(accesses);
  public final FakeBmc bmc = new FakeBmc();
  public final Power power =
      new Power(
          bmcs,
          access -> bmc,
          events,
          clock,
          (time, cancellation) -> clock.advance(time),
          Power.Limits.standard());
  public final Restarts restarts;
  public final NodeHooks hooks;
  public final NodeViews views;
  public Phases phases = Phases.NONE;
  public Deployer deployer;

  /// The image of the node, absent when the test says so.
  public static final class Images implements NodeImages {
    public volatile Optional<NodeImage> image =
        Optional.of(new NodeImage(Path.of("/nowhere/node.tar.zst"), "ab".repeat(32), 1000));

    @Override
    public Optional<NodeImage> current() {
      return image;
    }

    @Override
    public Optional<NodeImage> bySha256(String sha256) {
      return image.filter(i -> i.sha256().equals(sha256));
    }
  }

  public Bench(Path stateDir) {
    try {
      tokens = BootTokens.open(stateDir, clock, new SecureRandom());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    clusters = new ClusterBook(settings, parser);
    var planner = new KsgenPlanner();
    assigner = new Assigner(nodes, events, settings, planner);
    releases = new Releases(stateDir.resolve(Releases.DIRECTORY));
    plans =
        new InstallPlans(
            provisioning, 8000, planner, images, releases, PUBLIC_KEY, board::addressOf);
    installers = new InstallerBoard(settings);
    kickstarts = new Kickstarts(MACHINES, plans, clusters, releases, installers, tokens);
    restarts =
        new Restarts(nodes, events, logs, stages, presence, bmcs, power, clock, Runnable::run);
    hooks = new NodeHooks(nodes, events, plans, kickstarts, installers, restarts);
    decisions =
        new LiveBootDecisions(nodes, events, tokens, stages, kickstarts, PUBLIC_KEY, Runnable::run);
    deployer = newDeployer();
    views = new NodeViews(presence, stages, deployer, plans, bmcs, restarts);
  }

  private Deployer newDeployer() {
    return new Deployer(
        nodes, events, clusters, assigner, plans, installer, phases, restarts, threads, 4);
  }

  /// Ends the deployer as a stopping appliance does and makes a new one on the same stores.
  public void restartDeployer() {
    deployer.close();
    deployer = newDeployer();
  }

  /// Machine `number` reports; the node it is.
  public Node report(int number) {
    return report(Machines.document(number));
  }

  public Node report(byte[] document) {
    return switch (inventory.report(document, new Credentials.Anyone())) {
      case ReportResult.Created made -> made.node();
      case ReportResult.Updated known -> known.node();
      case ReportResult.Quarantined set -> set.node();
      case ReportResult.Rejected no -> throw new AssertionError(no.error() + " " + no.reason());
    };
  }

  public Node node(int number) {
    return nodes.findByMac(Machines.mac(number)).orElseThrow();
  }

  public HardwareAddress address(int number) {
    return new HardwareAddress(Machines.mac(number));
  }

  /// Puts the node into that state, as is.
  public void put(int number, NodeState state) {
    nodes.change(node(number).id(), n -> n.withState(state, null, null));
  }

  /// Keeps the file as the cluster applied, without assigning anything.
  public Cluster keep(String yaml) {
    Cluster cluster = clusters.read("cluster.yaml", yaml);
    clusters.keep(yaml, cluster);
    return cluster;
  }

  @Override
  public void close() {
    deployer.close();
    threads.shutdownNow();
  }

  /// The operators' API over all of this, but what phases, checks and invitations say.
  public OperatorApi operatorApi(Path state, MemoryTaskLog taskLog) {
    return new OperatorApi(
        nodes,
        events,
        views,
        clusters,
        assigner,
        deployer,
        plans,
        taskLog,
        Map::of,
        () -> "no phases\n",
        () -> Map.of("good", true),
        new Snapshot(
            state.resolve("log"),
            clock,
            nodes,
            events,
            views::of,
            Map::of,
            () -> "",
            Map::of,
            Stream::empty),
        () -> Map.of("token", "t"),
        cluster -> {},
        () -> {},
        new Replays(settings, clock));
  }

  /// The machines' listener over all of this; `/boot/**` answers 299.
  public MachineDoor machineDoor(Path state, Consumer<Node> reported) {
    return new MachineDoor(
        exchange -> exchange.setStatusCode(299).endExchange(),
        inventory,
        nodes,
        tokens,
        presence,
        board,
        decisions,
        images,
        joins,
        new MachineLogs(state.resolve("log")),
        new RefusedReports(state.resolve("refused"), clock),
        new ReleaseFiles(releases),
        kickstarts,
        installers,
        events,
        state.resolve("mirror"),
        node -> false,
        reported,
        threads);
  }
}
