package io.kindling.pxe;

import io.kindling.pxe.dhcp.DhcpConfig;
import io.kindling.pxe.dhcp.DhcpMode;
import io.kindling.pxe.dhcp.DhcpServer;
import io.kindling.pxe.dhcp.ForeignServer;
import io.kindling.pxe.dhcp.ForeignWatch;
import io.kindling.pxe.dhcp.LeaseCommitter;
import io.kindling.pxe.dhcp.LeaseTable;
import io.kindling.pxe.dhcp.OfferProbes;
import io.kindling.pxe.dhcp.ProxyServer;
import io.kindling.pxe.dhcp.Rehearsal;
import io.kindling.pxe.dhcp.Subnet;
import io.kindling.pxe.files.BootFiles;
import io.kindling.pxe.http.BootHandler;
import io.kindling.pxe.http.BootScripts;
import io.kindling.pxe.net.AddressWire;
import io.kindling.pxe.net.DatagramPort;
import io.kindling.pxe.net.DhcpEar;
import io.kindling.pxe.net.LinuxDatagramPort;
import io.kindling.pxe.net.MinaDatagramPort;
import io.kindling.pxe.net.Neighbours;
import io.kindling.pxe.tftp.TftpServer;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// DHCP and TFTP on the provisioning network, and the `/boot/**` handler for the HTTP server of
/// whoever owns this. Thread-safe; started once, closed once.
public final class PxeServer implements AutoCloseable {
  /// More would only wait for each other: a block costs the kernel more than the server.
  private static final int MAX_TRANSFER_SOCKETS = 4;

  private static final Logger LOG = LoggerFactory.getLogger(PxeServer.class);
  private static final String GRUB_START = "grub/grub.cfg";

  private final PxeConfig config;
  private final AtomicReference<DhcpConfig> dhcp;
  private final BootDecisions decisions;
  private final LeaseTable leases;
  private final LeaseCommitter committer;
  private final BootFiles files;
  private final TftpServer tftp;
  private final BootHandler bootHandler;
  private final BootScripts scripts = new BootScripts();
  private final Map<URI, byte[]> grubStarts = new ConcurrentHashMap<>();
  private final PxeCounters counters = new PxeCounters();
  private final Clock clock;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private int tftpPort;
  private volatile @Nullable OfferProbes probes;
  private volatile @Nullable ForeignWatch foreign;

  /// Reads the stored leases; opens nothing.
  public PxeServer(
      PxeConfig config,
      BootDecisions decisions,
      LeaseStore leaseStore,
      Catalogue catalogue,
      Clock clock) {
    this.config = config;
    this.dhcp = new AtomicReference<>(config.dhcp());
    this.decisions = decisions;
    this.clock = clock;
    this.leases = new LeaseTable(leaseStore.all());
    this.committer = new LeaseCommitter(leaseStore, leases, decisions, counters, clock);
    files = new BootFiles(catalogue, this::generated);
    this.tftp =
        new TftpServer(config.tftp(), files, this::served, counters, clock, System::nanoTime);
    this.bootHandler =
        new BootHandler(
            decisions,
            files,
            scripts,
            () -> dhcp.get().httpBase(),
            this::holder,
            counters,
            Executors.newVirtualThreadPerTaskExecutor());
  }

  private byte @Nullable [] generated(String name) {
    return name.equals(GRUB_START)
        ? grubStarts.computeIfAbsent(
            dhcp.get().httpBase(), base -> scripts.grubStart(base).getBytes(StandardCharsets.UTF_8))
        : null;
  }

  private Optional<HardwareAddress> holder(InetAddress address) {
    return address instanceof Inet4Address v4
        ? leases.holder(v4, clock.instant())
        : Optional.empty();
  }

  private void served(InetSocketAddress client, String file) {
    holder(client.getAddress())
        .ifPresent(mac -> decisions.reached(mac, BootStage.LOADER, "TFTP " + file));
  }

  /// Opens the sockets.
  ///
  /// @throws PxeException PXE-008 where one cannot be had; nothing stays open then
  public synchronized void start() {
    try {
      committer.start();
      open.push(committer);
      open.push(tftp);
      startTftp();
      config.interfaceName().ifPresent(this::startDhcp);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void startTftp() {
    Inet4Address address = config.dhcp().serverAddress();
    List<LinuxDatagramPort> transfers =
        LinuxDatagramPort.openShared(
            "tftp-transfers",
            Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MAX_TRANSFER_SOCKETS),
            new InetSocketAddress(address, 0),
            tftp::transfer);
    transfers.forEach(open::push);
    DatagramPort requests =
        MinaDatagramPort.open(
            new InetSocketAddress(address, config.tftpPort()),
            (port, datagram) -> tftp.request(transfers.getFirst(), datagram));
    open.push(requests);
    tftpPort = requests.localAddress().getPort();
    LOG.info("TFTP answers on {}", requests.localAddress());
  }

  private void startDhcp(String interfaceName) {
    if (config.mode() == DhcpMode.OFF) {
      LOG.info("DHCP is off: another server sends machines here");
      return;
    }
    Thread.ofPlatform().daemon().name("dhcp-rehearsal").start(this::rehearse);
    watch(interfaceName);
    InetSocketAddress port = new InetSocketAddress(config.dhcpPort());
    if (config.mode() == DhcpMode.PROXY) {
      var proxy =
          new ProxyServer(dhcp::get, decisions, this::has, counters, clock, config.dhcpPort() + 1);
      openDhcp(interfaceName, port, proxy::received);
      openDhcp(
          interfaceName, new InetSocketAddress(PxeConfig.BOOT_SERVER_PORT), proxy::bootService);
      LOG.info("proxyDHCP answers on {}, beside the site's server", interfaceName);
      return;
    }
    Neighbours neighbours = new Neighbours(interfaceName);
    open.push(neighbours);
    var server =
        new DhcpServer(
            dhcp::get,
            decisions,
            this::has,
            leases,
            committer,
            neighbours::put,
            probes(interfaceName),
            gate(),
            counters,
            clock,
            config.dhcpPort() + 1);
    openDhcp(interfaceName, port, server);
    LOG.info("DHCP answers on {}, networks {}", interfaceName, networks(dhcp.get()));
  }

  /// While the watch looks for other servers, nobody is answered.
  private void rehearse() {
    try {
      long replies = Rehearsal.run(Rehearsal.EXCHANGES, clock);
      LOG.debug("{} replies rehearsed", replies);
    } catch (RuntimeException e) {
      LOG.debug("No rehearsal: the first machines are answered more slowly", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void openDhcp(
      String interfaceName, InetSocketAddress at, DatagramPort.Receiver receiver) {
    open.push(
        LinuxDatagramPort.open("dhcp-" + interfaceName, Optional.of(interfaceName), at, receiver));
  }

  private boolean has(String file) {
    return files.find(file) instanceof Catalogue.Found;
  }

  private OfferProbes probes(String interfaceName) {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("dhcp-probes").unstarted(task));
    open.push(timer::shutdownNow);
    OfferProbes.Timer later =
        (wait, task) -> timer.schedule(task, wait.toMillis(), TimeUnit.MILLISECONDS);
    try {
      var wire = new AddressWire(interfaceName, (address, mac) -> answered(address, mac));
      open.push(wire);
      probes = new OfferProbes(wire::ask, later, counters);
    } catch (PxeException e) {
      noticed(PxeError.PROBES_UNAVAILABLE, String.valueOf(e.getMessage()));
      probes = new OfferProbes((address, onThisLink) -> false, later, counters);
    }
    open.push(probes);
    return probes;
  }

  private void answered(Inet4Address address, Optional<HardwareAddress> mac) {
    OfferProbes asking = probes;
    if (asking != null) {
      asking.answered(address, mac);
    }
  }

  /// Looks for other servers, from before the first answer on.
  private void watch(String interfaceName) {
    try {
      var ear = new DhcpEar(interfaceName, this::heard);
      open.push(ear);
      var watching =
          new ForeignWatch(
              new ForeignWatch.Place(
                  config.mode(), config.beside(), config.dhcp().serverAddress(), ear.mac()),
              ear::ask,
              this::noticed,
              clock);
      if (leases.activeCount(clock.instant()) > 0) {
        watching.lent(); // a restart: machines depend on this server already
      }
      foreign = watching;
      ScheduledExecutorService timer =
          Executors.newSingleThreadScheduledExecutor(
              task -> Thread.ofPlatform().daemon().name("dhcp-watch").unstarted(task));
      timer.scheduleWithFixedDelay(() -> tick(watching), 0, 1, TimeUnit.SECONDS);
      open.push(timer::shutdownNow);
    } catch (PxeException e) {
      noticed(PxeError.PROBES_UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  private static void tick(ForeignWatch watching) {
    try {
      watching.tick();
    } catch (RuntimeException e) {
      LOG.error("The look for other DHCP servers failed", e);
    }
  }

  private void heard(HardwareAddress mac, ByteBuffer payload) {
    ForeignWatch watching = foreign;
    if (watching != null) {
      watching.heard(mac, payload);
    }
  }

  private DhcpServer.Gate gate() {
    ForeignWatch watching = foreign;
    if (watching == null) {
      return DhcpServer.Gate.open();
    }
    return new DhcpServer.Gate() {
      @Override
      public boolean mayAnswer() {
        return watching.mayAnswer();
      }

      @Override
      public void lent() {
        watching.lent();
      }
    };
  }

  private void noticed(PxeError notice, String detail) {
    LOG.warn("{}", notice.line(detail));
    decisions.noticed(notice, detail);
  }

  private static List<Subnet> networks(DhcpConfig config) {
    return Stream.concat(Stream.of(config.local()), config.relayed().stream()).toList();
  }

  public DhcpMode mode() {
    return config.interfaceName().isPresent() ? config.mode() : DhcpMode.OFF;
  }

  /// Other DHCP servers heard of late.
  public List<ForeignServer> foreignServers() {
    ForeignWatch watching = foreign;
    return watching == null ? List.of() : watching.servers();
  }

  /// Why DHCP answers nobody now; empty where it does.
  public Optional<String> silence() {
    ForeignWatch watching = foreign;
    return watching == null ? Optional.empty() : watching.silence();
  }

  /// Puts another configuration in force from the next packet on. The server's address cannot
  /// change while it runs.
  ///
  /// @throws PxeException PXE-009 where it would
  public void reconfigure(DhcpConfig changed) {
    if (!changed.serverAddress().equals(config.dhcp().serverAddress())) {
      throw new PxeException(
          PxeError.BAD_CONFIGURATION, "The server's address cannot change while it runs.");
    }
    dhcp.set(changed);
    LOG.info("DHCP networks are now {}", networks(changed));
  }

  /// The handler of `/boot/**`; it works whether the server is started or not.
  public BootHandler bootHandler() {
    return bootHandler;
  }

  /// The port TFTP listens on, once started.
  public synchronized int tftpPort() {
    return tftpPort;
  }

  /// Leases and declined addresses that have not expired.
  public List<Lease> activeLeases() {
    return leases.active(clock.instant());
  }

  public PxeMetrics metrics() {
    DhcpConfig now = dhcp.get();
    return new PxeMetrics(
        counters.snapshot(),
        leases.activeCount(clock.instant()),
        now.poolSize(),
        tftp.activeTransfers());
  }

  /// Stops receiving, then lets leases that wait be stored.
  @Override
  public synchronized void close() {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        LOG.warn("A part of the network server did not close", e);
      }
    }
  }
}
