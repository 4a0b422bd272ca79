package io.kindling.pxe;

import io.kindling.pxe.dhcp.DhcpConfig;
import io.kindling.pxe.dhcp.DhcpServer;
import io.kindling.pxe.dhcp.LeaseCommitter;
import io.kindling.pxe.dhcp.LeaseTable;
import io.kindling.pxe.files.BootFiles;
import io.kindling.pxe.http.BootHandler;
import io.kindling.pxe.http.BootScripts;
import io.kindling.pxe.net.DatagramPort;
import io.kindling.pxe.net.MinaDatagramPort;
import io.kindling.pxe.net.Neighbours;
import io.kindling.pxe.net.NettyDatagramPort;
import io.kindling.pxe.tftp.TftpServer;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// DHCP and TFTP on the provisioning network, and the `/boot/**` handler for the HTTP server of
/// whoever owns this. Thread-safe; started once, closed once.
public final class PxeServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PxeServer.class);
  private static final String GRUB_START = "grub/grub.cfg";

  private final PxeConfig config;
  private final AtomicReference<DhcpConfig> dhcp;
  private final BootDecisions decisions;
  private final LeaseTable leases;
  private final LeaseCommitter committer;
  private final TftpServer tftp;
  private final BootHandler bootHandler;
  private final BootScripts scripts = new BootScripts();
  private final Map<URI, byte[]> grubStarts = new ConcurrentHashMap<>();
  private final PxeCounters counters = new PxeCounters();
  private final Clock clock;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private int tftpPort;

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
    BootFiles files = new BootFiles(catalogue, this::generated);
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
    DatagramPort transfers =
        NettyDatagramPort.open(
            "tftp-transfers", Optional.empty(), new InetSocketAddress(address, 0), tftp::transfer);
    open.push(transfers);
    DatagramPort requests =
        MinaDatagramPort.open(
            new InetSocketAddress(address, config.tftpPort()),
            (port, datagram) -> tftp.request(transfers, datagram));
    open.push(requests);
    tftpPort = requests.localAddress().getPort();
    LOG.info("TFTP answers on {}", requests.localAddress());
  }

  private void startDhcp(String interfaceName) {
    Neighbours neighbours = new Neighbours(interfaceName);
    open.push(neighbours);
    DhcpServer server =
        new DhcpServer(
            dhcp::get,
            decisions,
            leases,
            committer,
            neighbours::put,
            counters,
            clock,
            config.dhcpPort() + 1);
    open.push(
        NettyDatagramPort.open(
            "dhcp-" + interfaceName,
            Optional.of(interfaceName),
            new InetSocketAddress(config.dhcpPort()),
            server));
    LOG.info("DHCP answers on {}, pool {}", interfaceName, dhcp.get().pool());
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
    LOG.info("DHCP pool is now {}", changed.pool());
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
