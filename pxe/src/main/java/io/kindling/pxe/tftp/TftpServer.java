package io.kindling.pxe.tftp;

import io.kindling.pxe.Catalogue;
import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.PxeCounters;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.RateLimitedLog;
import io.kindling.pxe.net.DatagramPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Read-only TFTP (RFC 1350, 2347, 2348, 2349, 7440). Requests come in by one port; all transfers
/// share a second one, which may have several sockets, and are told apart by their client's address
/// and port. Thread-safe.
public final class TftpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TftpServer.class);
  private static final long TICK_MILLIS = 50;
  private static final int MAX_NAME_IN_LOG = 80;

  private record Running(String file, Transfer transfer) {}

  private final TftpConfig config;
  private final Catalogue catalogue;
  private final BiConsumer<InetSocketAddress, String> served;
  private final PxeCounters counters;
  private final LongSupplier nanos;
  private final RateLimitedLog log;
  private final ConcurrentHashMap<InetSocketAddress, Running> transfers = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer;
  private final AtomicBoolean ticking = new AtomicBoolean();

  /// @param served told which client asked for which file, found or not
  /// @param nanos a monotonic clock
  public TftpServer(
      TftpConfig config,
      Catalogue catalogue,
      BiConsumer<InetSocketAddress, String> served,
      PxeCounters counters,
      Clock clock,
      LongSupplier nanos) {
    this.config = config;
    this.catalogue = catalogue;
    this.served = served;
    this.counters = counters;
    this.nanos = nanos;
    this.log = new RateLimitedLog(LOG, clock);
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("tftp-timer").unstarted(task));
  }

  public int activeTransfers() {
    return transfers.size();
  }

  /// Takes a datagram of the request port.
  ///
  /// @param transferPort where the answer is sent from
  public void request(DatagramPort transferPort, DatagramPort.Datagram datagram) {
    counters.add(PxeCounter.TFTP_REQUESTS);
    InetSocketAddress client = datagram.from();
    switch (TftpPacket.decode(datagram.payload())) {
      case TftpPacket.Read read -> read(transferPort, client, read);
      case TftpPacket.Write(String file) -> {
        counters.add(PxeCounter.TFTP_WRITES_REFUSED);
        log.info("TFTP write refused", printable(file) + " from " + client);
        send(transferPort, client, TftpError.ACCESS_VIOLATION, "this server is read-only");
      }
      case TftpPacket.Error unused -> {} // never answer an error
      case TftpPacket.Ack unused ->
          send(transferPort, client, TftpError.ILLEGAL_OPERATION, "not a request");
      case TftpPacket.Other unused ->
          send(transferPort, client, TftpError.ILLEGAL_OPERATION, "not a request");
      case TftpPacket.Malformed(String reason) -> {
        counters.add(PxeCounter.TFTP_MALFORMED);
        log.info("malformed TFTP request", reason + " from " + client);
      }
    }
  }

  private void read(DatagramPort port, InetSocketAddress client, TftpPacket.Read read) {
    Running before = transfers.get(client);
    if (before != null) {
      synchronized (before.transfer()) {
        boolean repeated = before.file().equals(read.file()) && before.transfer().untouched();
        if (repeated && before.transfer().state() == Transfer.State.RUNNING) {
          return; // the timer sends the first packet again
        }
        before.transfer().supersede();
      }
      settle(client, before);
    }
    boolean netascii = read.mode().equals("netascii");
    if (!netascii && !read.mode().equals("octet")) {
      send(port, client, TftpError.ILLEGAL_OPERATION, "modes are octet and netascii");
      return;
    }
    served.accept(client, printable(read.file()));
    if (!(catalogue.find(read.file()) instanceof Catalogue.Found found)) {
      counters.add(PxeCounter.TFTP_UNKNOWN_FILES);
      LOG.debug("TFTP: no file {} for {}", printable(read.file()), client);
      send(port, client, TftpError.FILE_NOT_FOUND, "no such file");
      return;
    }
    if (transfers.size() >= config.maxTransfers() && !giveUpUnheard()) {
      counters.add(PxeCounter.TFTP_OVERLOAD_DROPS);
      log.info("TFTP request dropped", config.maxTransfers() + " transfers are under way");
      return;
    }
    try {
      start(port, client, read, BlockSource.open(found, netascii));
    } catch (IOException e) {
      counters.add(PxeCounter.TFTP_FAILED);
      log.error(PxeError.FILE_UNREADABLE, printable(read.file()) + ": " + e + ".");
      send(port, client, TftpError.NOT_DEFINED, "the file cannot be read");
    }
  }

  /// Ends the oldest transfer whose client has not answered yet: requests alone, which may come
  /// from made-up addresses, keep nobody out.
  private boolean giveUpUnheard() {
    Optional<Map.Entry<InetSocketAddress, Running>> oldest =
        transfers.entrySet().stream()
            .filter(entry -> entry.getValue().transfer().unheard())
            .min(Comparator.comparingLong(entry -> entry.getValue().transfer().startedAt()));
    if (oldest.isEmpty()) {
      return false;
    }
    Running running = oldest.get().getValue();
    synchronized (running.transfer()) {
      running.transfer().cancel("its client never answered, and others wait");
    }
    settle(oldest.get().getKey(), running);
    counters.add(PxeCounter.TFTP_UNHEARD_DROPS);
    return true;
  }

  private void start(
      DatagramPort port, InetSocketAddress client, TftpPacket.Read read, BlockSource source) {
    Negotiation negotiation = Negotiation.of(read.options(), source.size(), config);
    Transfer transfer =
        new Transfer(
            source,
            negotiation,
            config,
            (datagrams, size) -> send(port, client, datagrams, size),
            nanos.getAsLong());
    Running running = new Running(read.file(), transfer);
    synchronized (transfer) {
      transfers.put(client, running);
      transfer.start(nanos.getAsLong());
    }
    settle(client, running);
    wakeTimer();
  }

  /// Takes a datagram of the transfer port.
  public void transfer(DatagramPort port, DatagramPort.Datagram datagram) {
    Running running = transfers.get(datagram.from());
    TftpPacket packet = TftpPacket.decode(datagram.payload());
    if (running == null) {
      // An ACK of a transfer that ended is a stray, not worth an answer.
      return;
    }
    synchronized (running.transfer()) {
      switch (packet) {
        case TftpPacket.Ack(int block) -> running.transfer().acknowledge(block, nanos.getAsLong());
        case TftpPacket.Error error -> running.transfer().error(error);
        case TftpPacket.Read unused -> {}
        case TftpPacket.Write unused -> {}
        case TftpPacket.Other unused -> {}
        case TftpPacket.Malformed unused -> counters.add(PxeCounter.TFTP_MALFORMED);
      }
    }
    settle(datagram.from(), running);
  }

  /// Forgets a transfer that has ended, and counts how.
  private void settle(InetSocketAddress client, Running running) {
    Transfer transfer = running.transfer();
    synchronized (transfer) {
      if (transfer.state() == Transfer.State.RUNNING || !transfers.remove(client, running)) {
        return;
      }
      counters.add(PxeCounter.TFTP_BYTES, transfer.acknowledgedBytes());
      counters.add(PxeCounter.TFTP_RETRANSMITS, transfer.retransmits());
      switch (transfer.state()) {
        case COMPLETED -> counters.add(PxeCounter.TFTP_COMPLETED);
        case PROBED -> counters.add(PxeCounter.TFTP_PROBES);
        case FAILED, RUNNING -> {
          counters.add(PxeCounter.TFTP_FAILED);
          log.info(
              "TFTP transfer failed",
              printable(running.file()) + " to " + client + ": " + printable(transfer.reason()));
        }
      }
      try {
        transfer.close();
      } catch (IOException e) {
        LOG.debug("closing {}", printable(running.file()), e);
      }
    }
  }

  /// Lets every transfer look at the time.
  void tick() {
    long now = nanos.getAsLong();
    transfers.forEach((client, running) -> {
      synchronized (running.transfer()) {
        running.transfer().tick(now);
      }
      settle(client, running);
    });
  }

  /// The timer runs while there are transfers, and not otherwise.
  private void wakeTimer() {
    if (!transfers.isEmpty() && !timer.isShutdown() && ticking.compareAndSet(false, true)) {
      timer.schedule(this::tickAndGoOn, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void tickAndGoOn() {
    try {
      tick();
    } catch (RuntimeException e) {
      LOG.error("TFTP timer", e);
    } finally {
      ticking.set(false);
      wakeTimer();
    }
  }

  private void send(DatagramPort port, InetSocketAddress client, TftpError error, String message) {
    ByteBuffer bytes = TftpPacket.error(error, message);
    send(port, client, bytes, bytes.remaining());
  }

  private void send(DatagramPort port, InetSocketAddress client, ByteBuffer datagrams, int size) {
    if (!port.sendEach(datagrams, size, client)) {
      counters.add(PxeCounter.SEND_DROPS);
    }
  }

  /// Names come from the wire: no control characters in logs and events, and not too long.
  private static String printable(String text) {
    String cut = text.length() > MAX_NAME_IN_LOG ? text.substring(0, MAX_NAME_IN_LOG) + "…" : text;
    return cut.replaceAll("[^\\x20-\\x7e…]", "?");
  }

  @Override
  public void close() {
    timer.shutdownNow();
    transfers.forEach((client, running) -> {
      synchronized (running.transfer()) {
        running.transfer().cancel("the server stops");
      }
      settle(client, running);
    });
  }
}
