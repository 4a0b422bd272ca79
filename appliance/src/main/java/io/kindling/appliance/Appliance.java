package io.kindling.appliance;

import io.kindling.appliance.account.Entrance;
import io.kindling.appliance.adopt.Adoptions;
import io.kindling.appliance.api.AccessApi;
import io.kindling.appliance.api.AdoptApi;
import io.kindling.appliance.api.ApiDescription;
import io.kindling.appliance.api.AsideApi;
import io.kindling.appliance.api.BackupApi;
import io.kindling.appliance.api.DayTwoApi;
import io.kindling.appliance.api.DeploymentApi;
import io.kindling.appliance.api.DesignApi;
import io.kindling.appliance.api.InspectApi;
import io.kindling.appliance.api.Labels;
import io.kindling.appliance.api.LiveConsoleModel;
import io.kindling.appliance.api.NetVerifyApi;
import io.kindling.appliance.api.NodeViews;
import io.kindling.appliance.api.OpenStackApi;
import io.kindling.appliance.api.OperatorApi;
import io.kindling.appliance.api.PowerApi;
import io.kindling.appliance.api.RemovalApi;
import io.kindling.appliance.api.Replays;
import io.kindling.appliance.aside.Rescues;
import io.kindling.appliance.aside.Wipes;
import io.kindling.appliance.backup.Restore;
import io.kindling.appliance.boot.BootTokens;
import io.kindling.appliance.boot.DhcpNetworks;
import io.kindling.appliance.boot.LiveBootDecisions;
import io.kindling.appliance.boot.StageBoard;
import io.kindling.appliance.boot.StalledBoots;
import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.cluster.ClusterParser;
import io.kindling.appliance.config.KindlingConfig;
import io.kindling.appliance.config.KindlingConfig.Provisioning;
import io.kindling.appliance.console.AccountPages;
import io.kindling.appliance.console.ClusterPages;
import io.kindling.appliance.console.ConsoleHandler;
import io.kindling.appliance.console.DeploymentPages;
import io.kindling.appliance.console.SettingsPage;
import io.kindling.appliance.console.internal.Pages;
import io.kindling.appliance.daytwo.DayTwo;
import io.kindling.appliance.daytwo.Decisions;
import io.kindling.appliance.daytwo.NodeAsk;
import io.kindling.appliance.deploy.Assigner;
import io.kindling.appliance.deploy.CephSecrets;
import io.kindling.appliance.deploy.Checking;
import io.kindling.appliance.deploy.ClusterBook;
import io.kindling.appliance.deploy.ClusterPhases;
import io.kindling.appliance.deploy.Deployer;
import io.kindling.appliance.deploy.Deployments;
import io.kindling.appliance.deploy.Designs;
import io.kindling.appliance.deploy.InstallPlans;
import io.kindling.appliance.deploy.InstallerBoard;
import io.kindling.appliance.deploy.Kickstarts;
import io.kindling.appliance.deploy.KsgenPlanner;
import io.kindling.appliance.deploy.NetVerifying;
import io.kindling.appliance.deploy.NodeHooks;
import io.kindling.appliance.deploy.NodeOsds;
import io.kindling.appliance.deploy.OneRun;
import io.kindling.appliance.deploy.OpenStackSecrets;
import io.kindling.appliance.deploy.Pace;
import io.kindling.appliance.door.UnixDoor;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Listeners;
import io.kindling.appliance.machines.AgentScript;
import io.kindling.appliance.machines.BootstrapBoard;
import io.kindling.appliance.machines.BuiltImages;
import io.kindling.appliance.machines.Invitations;
import io.kindling.appliance.machines.JoinBook;
import io.kindling.appliance.machines.MachineDoor;
import io.kindling.appliance.machines.MachineLogs;
import io.kindling.appliance.machines.RefusedReports;
import io.kindling.appliance.net.Addresses;
import io.kindling.appliance.power.Power;
import io.kindling.appliance.power.PowerBook;
import io.kindling.appliance.power.Restarts;
import io.kindling.appliance.release.ReleaseFiles;
import io.kindling.appliance.release.Releases;
import io.kindling.appliance.secret.KeyFile;
import io.kindling.appliance.secret.SealedSettings;
import io.kindling.appliance.store.StoredLeases;
import io.kindling.appliance.store.StoredOutcomes;
import io.kindling.appliance.store.StoredSettings;
import io.kindling.appliance.time.TimeServer;
import io.kindling.appliance.tls.OperatorTls;
import io.kindling.appliance.tls.ServiceCertificates;
import io.kindling.inventory.Event;
import io.kindling.inventory.Inventory;
import io.kindling.inventory.Node;
import io.kindling.inventory.Presence;
import io.kindling.inventory.facts.FactsParser;
import io.kindling.inventory.store.Database;
import io.kindling.inventory.store.JdbcEventStore;
import io.kindling.inventory.store.JdbcNodeStore;
import io.kindling.inventory.store.LeaseTable;
import io.kindling.inventory.store.OutcomeTable;
import io.kindling.inventory.store.SettingsTable;
import io.kindling.isobuild.ImageBuilder;
import io.kindling.isobuild.Mirror;
import io.kindling.isobuild.Progress;
import io.kindling.postinstall.FileTaskLog;
import io.kindling.postinstall.InstallSettings;
import io.kindling.postinstall.Installer;
import io.kindling.postinstall.Sleeper;
import io.kindling.postinstall.bootstrap.Bootstraps;
import io.kindling.postinstall.check.CephCheck;
import io.kindling.postinstall.check.FirewallCheck;
import io.kindling.postinstall.check.HostNotes;
import io.kindling.postinstall.check.OpenStackCheck;
import io.kindling.postinstall.engine.Engine;
import io.kindling.postinstall.engine.EngineSettings;
import io.kindling.postinstall.net.NetVerify;
import io.kindling.postinstall.ssh.ApplianceKey;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshjConnector;
import io.kindling.pxe.PxeConfig;
import io.kindling.pxe.PxeServer;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The appliance: everything wired by constructors, started once, closed once.
public final class Appliance implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(Appliance.class);

  /// The operators' socket in the state directory.
  public static final String SOCKET = "kindling.sock";

  /// A server's firmware takes that long, with its memory test.
  private static final Duration BOOT = Duration.ofMinutes(20);

  private final KindlingConfig config;
  private final Clock clock;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("work-", 0).factory());
  private final JdbcNodeStore nodes;
  private final JdbcEventStore events;
  private final PxeServer pxe;
  private final BuiltImages images;
  private final ClusterBook clusters;
  private final Assigner assigner;
  private final Deployer deployer;
  private final ClusterPhases phases;
  private final StalledBoots stalled;
  private final Adoptions adoptions;
  private final Rescues rescues;
  private final Wipes wipes;
  private final DayTwo dayTwo;
  private final HttpHandler machines;
  private final Handlers routes;
  private final HttpHandler operators;
  private final Entrance entrance;
  private final Optional<OperatorTls> tls;
  private final Status status;

  /// Opens the state directory; no listener yet.
  ///
  /// @throws ApplianceException where the state directory, the database or a key cannot be used
  public Appliance(KindlingConfig config, Clock clock, SecureRandom random) {
    this.config = config;
    this.clock = clock;
    Path state = config.state();
    Provisioning provisioning = config.provisioning();
    try {
      Restore.requireFinished(state);
      Database database = database(state);
      open.push(database);
      LeaseTable leases = new LeaseTable(database, threads);
      open.push(leases);
      ApplianceKey key = ApplianceKey.loadOrCreate(state, random);
      nodes = new JdbcNodeStore(database, new FactsParser());
      events = new JdbcEventStore(database, clock);
      var settings = new StoredSettings(new SettingsTable(database));
      var presence = new Presence(clock);
      var stages = new StageBoard(clock);
      stalled = new StalledBoots(stages, nodes, events);
      var board = new BootstrapBoard();
      var logs = new FileTaskLog(state.resolve("log").resolve("nodes"), clock);
      BootTokens tokens = BootTokens.open(state, clock, random);
      Path cache = config.images().cache();
      Mirror mirror = Mirror.in(cache);
      images = new BuiltImages(new ImageBuilder(cache, Progress.SILENT), mirror);
      clusters = new ClusterBook(settings, new ClusterParser(provisioning));
      var releases = new Releases(state.resolve(Releases.DIRECTORY));
      var planner = new KsgenPlanner();
      var plans =
          new InstallPlans(
              provisioning,
              config.listen().machines(),
              planner,
              images,
              releases,
              key.publicKey(),
              board::addressOf);
      var installers = new InstallerBoard(settings);
      var sealed =
          new SealedSettings(
              settings, KeyFile.loadOrCreate(state.resolve("secrets.key"), random), random);
      var bmcs = new PowerBook(sealed);
      var power =
          new Power(
              bmcs,
              Power.connector(Sleeper.real()),
              events,
              clock,
              Sleeper.real(),
              Power.Limits.standard());
      var restarts =
          new Restarts(nodes, events, logs, stages, presence, bmcs, power, clock, threads);
      var kickstarts =
          new Kickstarts(machinesUrl().toString(), plans, clusters, releases, installers, tokens);
      var decisions =
          new LiveBootDecisions(
              nodes, events, tokens, stages, kickstarts, key.publicKey(), threads);
      pxe =
          new PxeServer(
              PxeConfig.on(
                  provisioning.networkInterface(),
                  provisioning.dhcp().mode(),
                  provisioning.dhcp().beside(),
                  DhcpNetworks.of(provisioning, machinesUrl())),
              decisions,
              new StoredLeases(leases),
              images,
              clock);
      assigner = new Assigner(nodes, events, settings, planner);
      var connector = new SshjConnector(key);
      var outcomes = new StoredOutcomes(new OutcomeTable(database));
      var installer =
          new Installer(
              outcomes,
              connector,
              logs,
              new NodeHooks(nodes, events, plans, kickstarts, installers, restarts),
              clock,
              Sleeper.real(),
              InstallSettings.defaults());
      var engine = engine(outcomes, connector, logs, EngineSettings.standard());
      var osds = new NodeOsds(plans, settings);
      var turn = new OneRun();
      var secrets = new CephSecrets(sealed, clock, random);
      var openstack = new OpenStackSecrets(sealed, random);
      var certificates = new ServiceCertificates(state, clock, random);
      phases =
          new ClusterPhases(
              nodes,
              events,
              clusters,
              plans,
              osds,
              secrets,
              openstack,
              certificates,
              ServiceCertificates.ofComputes(state, clock, random),
              engine,
              turn,
              new Pace(settings, clock),
              threads);
      dayTwo =
          new DayTwo(
              nodes,
              events,
              phases,
              new Decisions(nodes, osds, new NodeAsk(connector), new AgentScript()),
              osds,
              settings,
              engine,
              engine(outcomes, connector, logs, EngineSettings.standard().within(BOOT)),
              turn,
              threads);
      deployer =
          new Deployer(
              nodes,
              events,
              clusters,
              assigner,
              plans,
              installer::install,
              phases,
              restarts,
              threads,
              config.deploy().parallel());
      var joins = new JoinBook(settings, clock, random);
      var inventory = new Inventory(nodes, events, clock, UUID::randomUUID);
      var refused = new RefusedReports(state.resolve("refused"), clock);
      var invitations = new Invitations(joins, machinesUrl(), key.publicKey());
      adoptions =
          new Adoptions(
              nodes,
              events,
              settings,
              presence,
              plans,
              connector,
              () -> invitations.invite().commands(),
              key.publicKey(),
              provisioning.address(),
              restarts,
              clock,
              Sleeper.real(),
              threads);
      var bootstraps = new Bootstraps(connector);
      rescues =
          new Rescues(
              nodes,
              events,
              logs,
              presence,
              plans,
              deployer,
              bootstraps,
              restarts,
              settings,
              threads);
      wipes =
          new Wipes(
              nodes,
              events,
              logs,
              presence,
              plans,
              planner,
              deployer,
              bootstraps,
              restarts,
              settings,
              UUID::randomUUID,
              threads);
      machines =
          new MachineDoor(
                  pxe.bootHandler(),
                  inventory,
                  nodes,
                  tokens,
                  presence,
                  board,
                  decisions,
                  images,
                  joins,
                  new MachineLogs(state.resolve("log").resolve("machines")),
                  refused,
                  new ReleaseFiles(releases),
                  kickstarts,
                  installers,
                  events,
                  mirror.current(),
                  node ->
                      assigner.needsReport(node)
                          || adoptions.wantsReport(node)
                          || rescues.wantsReport(node)
                          || wipes.wantsReport(node),
                  this::reported,
                  threads)
              .handler();
      var views = new NodeViews(presence, stages, deployer, plans, bmcs, restarts);
      status = new Status(Version.text(), clock, nodes, stages, deployer, images, pxe);
      entrance = Entrance.of(database, clock, random);
      tls =
          config
              .listen()
              .tls()
              .map(t -> OperatorTls.open(t, config.listen(), state, clock, random));
      routes = new Handlers(threads, entrance.guard());
      var checking =
          new Checking(
              phases,
              new CephCheck(connector),
              new OpenStackCheck(connector),
              new FirewallCheck(connector),
              events,
              state,
              clock);
      var exports = new Exports(config, clock, database, nodes, events, clusters);
      var replays = new Replays(settings, clock);
      var designs = new Designs(nodes, clusters, planner);
      var operatorApi =
          new OperatorApi(
              nodes,
              events,
              views,
              clusters,
              assigner,
              deployer,
              plans,
              logs,
              status::now,
              phases::look,
              checking::look,
              exports.snapshot(
                  views::of,
                  status::now,
                  () -> phases.notes(new HostNotes(connector)),
                  names ->
                      Stream.of(secrets.all(names), openstack.all(names), bmcs.passwords(names))
                          .flatMap(Collection::stream)),
              invitations::invite,
              this::clusterChanged,
              designs::prepare,
              replays);
      operatorApi.routes(routes);
      new DesignApi(nodes, clusters, assigner, designs, operatorApi).routes(routes);
      var deployments = new Deployments(nodes, outcomes, deployer, phases, phases);
      new DeploymentApi(deployments, checking::last).routes(routes);
      new RemovalApi(nodes, events, phases).routes(routes);
      new DayTwoApi(nodes, dayTwo, replays).routes(routes);
      new OpenStackApi(openstack, secrets, certificates, events).routes(routes);
      var networks =
          new NetVerifying(
              nodes,
              events,
              clusters,
              plans,
              provisioning,
              new NetVerify(connector, clock, random)::run,
              state,
              clock);
      new NetVerifyApi(networks).routes(routes);
      var labels = new Labels(nodes, bmcs, new SettingsTable(database)::names);
      new PowerApi(nodes, events, bmcs, power, labels, replays).routes(routes);
      new AccessApi(entrance.accounts(), entrance.tokens(), entrance.audit(), this::consoleUrl)
          .routes(routes);
      new BackupApi(exports.backup(cache, mirror, leases, releases, random), events).routes(routes);
      new ApiDescription().routes(routes);
      new InspectApi(nodes, kickstarts, refused).routes(routes);
      new AdoptApi(nodes, adoptions, replays).routes(routes);
      new AsideApi(nodes, rescues, wipes, replays).routes(routes);
      operators =
          console(
              views,
              plans,
              kickstarts,
              logs,
              networks,
              designs,
              deployments,
              checking,
              refused,
              labels);
    } catch (IOException e) {
      close();
      throw new ApplianceException(ApplianceError.STATE_DIR, state + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /// The routing table with the console's pages.
  private HttpHandler console(
      NodeViews views,
      InstallPlans plans,
      Kickstarts kickstarts,
      FileTaskLog logs,
      NetVerifying networks,
      Designs designs,
      Deployments deployments,
      Checking checking,
      RefusedReports refused,
      Labels labels) {
    var pages = new Pages();
    routes.problems(pages::problem);
    new DeploymentPages(deployments, checking::last, dayTwo::last, clock, this::newest, pages)
        .routes(routes);
    new AccountPages(
            entrance.accounts(),
            entrance.sessions(),
            entrance.tokens(),
            entrance.audit(),
            pages,
            clock)
        .routes(routes);
    new SettingsPage(
            status::now,
            tls.map(OperatorTls::fingerprint),
            refused::all,
            clusters,
            labels::all,
            pages)
        .routes(routes);
    var model =
        new LiveConsoleModel(
            nodes, events, views, plans, kickstarts, logs, status::now, networks::last);
    new ClusterPages(designs, clusters, assigner, nodes, model, this::newest, pages).routes(routes);
    var console = new ConsoleHandler(model, clock, pages);
    return routes
        .on("GET", "/static/{hash}/{file}", Access.ANYBODY, console::show)
        .on("GET", "/metrics", Access.VIEWER, this::metrics)
        .on("GET", "/favicon.ico", Access.ANYBODY, console::show)
        .build(Access.VIEWER, console::show);
  }

  /// The number of the last event.
  private long newest() {
    return events.last(1).stream().mapToLong(Event::sequence).findFirst().orElse(0);
  }

  private void metrics(HttpServerExchange exchange) {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, Metrics.TYPE);
    exchange.getResponseSender().send(Metrics.text(status.now()), StandardCharsets.UTF_8);
  }

  private Engine engine(
      StoredOutcomes outcomes, SshConnector connector, FileTaskLog logs, EngineSettings settings) {
    return new Engine(outcomes, connector, logs, clock, Sleeper.real(), settings);
  }

  private static Database database(Path state) {
    return switch (Database.open(state)) {
      case Database.Opened(Database database) -> database;
      case Database.Refused(var error, String reason) ->
          throw new ApplianceException(
              ApplianceError.STATE_DIR,
              error.id() + " " + error.summary() + " " + reason + ". " + error.cure());
    };
  }

  /// Opens the listeners, then goes on with what a former run left unfinished.
  ///
  /// @param startedNanos `System.nanoTime()` when the process began, for the log
  public void start(long startedNanos) {
    try {
      InetSocketAddress door =
          new InetSocketAddress(
              config.provisioning().address().address(), config.listen().machines());
      stopLater(Listeners.open("machines' listener", door, MachineDoor.BODY_LIMIT, machines));
      pxe.start();
      open.push(pxe);
      stalled.start();
      open.push(stalled);
      if (config.time().serve()) {
        var time = new TimeServer(config.provisioning().address(), TimeServer.PORT);
        time.start();
        open.push(time);
      }
      stopLater(
          Listeners.open(
              "operators' listener",
              config.listen().operators(),
              tls.map(OperatorTls::context).orElse(null),
              OperatorApi.CUT_LIMIT,
              operatorsHandler()));
      open.push(
          new UnixDoor(config.state().resolve(SOCKET), OperatorApi.CUT_LIMIT, operators, threads));
      open.push(deployer);
      open.push(phases);
      open.push(dayTwo);
      long millis = (System.nanoTime() - startedNanos) / 1_000_000;
      logger.info(
          "Kindling {} ready in {} ms: console {}, machines {}, {} nodes",
          Version.text(),
          millis,
          consoleUrl("/"),
          Listeners.text(door),
          nodes.all().size());
      tls.ifPresent(t -> logger.info("the console's certificate: SHA-256 {}", t.fingerprint()));
      if (entrance.accounts().needsFirst()) {
        logger.warn(
            "There is no administrator yet. Make the first one, once, within 24 hours: {}",
            consoleUrl(AccountPages.welcome(entrance.accounts().adminLink())));
      }
      status.started(millis); // who makes another link waits for it
      List<String> missing = images.missing();
      if (!missing.isEmpty()) {
        logger.warn(
            "{} not in {} yet: {}; build with `kindling image NAME`",
            ApplianceError.NO_IMAGE.id(),
            config.images().cache(),
            String.join(", ", missing));
      }
      clusters.applied().ifPresent(a -> clusterChanged(a.cluster()));
      dayTwo.resumeAfterStart();
      deployer.resumeAfterStart();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /// What the operators' listener serves.
  HttpHandler operatorsHandler() {
    return OperatorApi.guarded(operators, config.listen().names());
  }

  /// What the socket serves.
  HttpHandler socketHandler() {
    return operators;
  }

  /// What the machines' listener serves.
  HttpHandler machinesHandler() {
    return machines;
  }

  /// Every route of the operators' listener.
  List<Handlers.Route> operatorRoutes() {
    return routes.routes();
  }

  /// @param path of a page
  private String consoleUrl(String path) {
    return config.listen().url(config.provisioning().address().address()) + path;
  }

  private void stopLater(Undertow server) {
    open.push(server::stop);
  }

  private void reported(Node told) {
    wipes.reported(told);
    Node node = nodes.find(told.id()).orElse(told); // one that was wiped is another by now
    rescues.reported(node);
    clusters.applied().ifPresent(applied -> assigner.apply(applied.cluster(), node.id()));
    deployer.reported(node.id());
    adoptions.reported(node);
  }

  private void clusterChanged(Cluster cluster) {
    pxe.reconfigure(DhcpNetworks.of(config.provisioning(), machinesUrl(), cluster));
  }

  private URI machinesUrl() {
    int port = config.listen().machines();
    return URI.create(
        "http://"
            + Addresses.text(config.provisioning().address().address())
            + (port == 80 ? "" : ":" + port));
  }

  /// Closes in the reverse order of opening; installations stop where they are.
  @Override
  public void close() {
    while (!open.isEmpty()) {
      if (open.size() == 1) {
        threads.shutdownNow(); // only the database is left, which they may still use
        try {
          threads.awaitTermination(10, java.util.concurrent.TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      try {
        open.pop().close();
      } catch (Exception e) {
        logger.warn("{} while closing: {}", ApplianceError.INTERNAL.id(), e.toString());
      }
    }
  }
}
