package io.kindling.pxe.dhcp;

import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootDecisions;
import io.kindling.pxe.BootStage;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.PxeCounters;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.RateLimitedLog;
import io.kindling.pxe.dhcp.Decision.Destination;
import io.kindling.pxe.dhcp.Decision.Reply;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.net.DatagramPort;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/// The DHCP server between socket and logic: reads a message, asks for a decision, sends the reply
/// or hands it to the committer. Called by the socket's thread and the committer's.
public final class DhcpServer implements DatagramPort.Receiver {

  /// Makes the next datagram to an address reach a machine that does not answer ARP yet.
  public interface NeighbourTable {
    /// 0, or the errno that says why not.
    int put(Inet4Address address, HardwareAddress mac);
  }

  private final Supplier<DhcpConfig> config;
  private final BootDecisions decisions;
  private final LeaseTable leases;
  private final LeaseCommitter committer;
  private final NeighbourTable neighbours;
  private final OfferProbes probes;
  private final Gate gate;
  private final PxeCounters counters;
  private final Clock clock;
  private final int clientPort;
  private final RateLimitedLog log;
  private final DhcpLogic logic;

  /// Whether clients may be answered: not while another server's network is being looked at.
  public interface Gate {
    boolean mayAnswer();

    /// An address was lent.
    void lent();

    /// One that is always open.
    static Gate open() {
      return new Gate() {
        @Override
        public boolean mayAnswer() {
          return true;
        }

        @Override
        public void lent() {}
      };
    }
  }

  /// @param config read anew for every message
  /// @param present whether there is a boot file of that name
  /// @param clientPort 68; another only in tests without privileges
  public DhcpServer(
      Supplier<DhcpConfig> config,
      BootDecisions decisions,
      Predicate<String> present,
      LeaseTable leases,
      LeaseCommitter committer,
      NeighbourTable neighbours,
      OfferProbes probes,
      Gate gate,
      PxeCounters counters,
      Clock clock,
      int clientPort) {
    this.config = config;
    this.decisions = decisions;
    this.leases = leases;
    this.committer = committer;
    this.neighbours = neighbours;
    this.probes = probes;
    this.gate = gate;
    this.counters = counters;
    this.clock = clock;
    this.clientPort = clientPort;
    this.log = new RateLimitedLog(LoggerFactory.getLogger(DhcpServer.class), clock);
    this.logic = new DhcpLogic(leases, new Loaders(present), this::report, counters);
  }

  private void report(PxeError error, String detail) {
    if (error == PxeError.POOL_EXHAUSTED) {
      counters.add(PxeCounter.DHCP_POOL_EXHAUSTED);
    }
    log.error(error, detail);
  }

  @Override
  public void received(DatagramPort port, DatagramPort.Datagram datagram) {
    Datagrams.read(datagram, counters, log).ifPresent(request -> handle(port, request));
  }

  private void handle(DatagramPort port, DhcpRequest request) {
    HardwareAddress mac = request.mac();
    if (!gate.mayAnswer()) {
      counters.add(PxeCounter.DHCP_WITHHELD);
      return; // the watch has said why
    }
    switch (request.type()) {
      case DECLINE -> counters.add(PxeCounter.DHCP_DECLINES);
      case RELEASE -> counters.add(PxeCounter.DHCP_RELEASES);
      default -> {}
    }
    switch (decide(request)) {
      case Decision.Ignore(String reason) -> {
        counters.add(PxeCounter.DHCP_IGNORED);
        log.info("DHCP message left unanswered", reason + " (" + mac + ")");
      }
      case Decision.Send(Reply reply) -> send(port, reply);
      case Decision.Offer offer -> offer(port, request, offer);
      case Decision.Commit(LeaseTable.Change change) ->
          submit(new LeaseCommitter.Pending(mac, change, () -> {}));
      case Decision.CommitThenSend(LeaseTable.Change change, Reply reply) -> {
        gate.lent();
        submit(new LeaseCommitter.Pending(mac, change, () -> send(port, reply)));
      }
    }
  }

  private Decision decide(DhcpRequest request) {
    BootAnswer answer = decisions.answer(request.mac(), BootStage.DHCP);
    // The socket's thread and that of the probes: an address is chosen and held in one step.
    synchronized (logic) {
      return logic.decide(
          request, answer, decisions.fixedAddress(request.mac()), config.get(), clock.instant());
    }
  }

  /// An address that is not this client's already is offered once nobody answers for it.
  private void offer(DatagramPort port, DhcpRequest request, Decision.Offer offer) {
    Inet4Address address = offer.address();
    DhcpConfig now = config.get();
    boolean ask = offer.probe() || probes.isPending(address);
    if (now.probeWait().isZero()
        || !ask
        || !probes.hold(
            address,
            offer.subnet().equals(now.local()),
            request.mac(),
            now.probeWait(),
            () -> send(port, offer.reply()),
            by -> taken(port, request, address, by))) {
      send(port, offer.reply());
    }
  }

  private void taken(
      DatagramPort port, DhcpRequest request, Inet4Address address, Optional<HardwareAddress> by) {
    counters.add(PxeCounter.DHCP_CONFLICTS);
    String who = by.map(mac -> " by " + mac).orElse("");
    log.error(PxeError.ADDRESS_IN_USE, address.getHostAddress() + who + ".");
    decisions.noticed(PxeError.ADDRESS_IN_USE, address.getHostAddress() + who + ".");
    LeaseTable.Change change;
    synchronized (logic) {
      change =
          logic.taken(
              address, request.mac(), clock.instant().plus(config.get().declineQuarantine()));
    }
    submit(new LeaseCommitter.Pending(request.mac(), change, () -> {}));
    handle(port, request); // it still waits for an address
  }

  private void submit(LeaseCommitter.Pending pending) {
    if (!committer.submit(pending)) {
      counters.add(PxeCounter.DHCP_OVERLOAD_DROPS);
      log.error(PxeError.OVERLOADED, "");
      pending
          .change()
          .put()
          .forEach(lease -> {
            if (!lease.declined()) {
              leases.unbind(lease, clock.instant().plus(config.get().offerHold()));
            }
          });
    }
  }

  private void send(DatagramPort port, Reply reply) {
    ByteBuffer bytes = Datagrams.write(reply, log);
    InetSocketAddress to =
        switch (reply.destination()) {
          case Destination.Relay(Inet4Address address) ->
              new InetSocketAddress(address, Destination.SERVER_PORT);
          case Destination.Client(Inet4Address address) ->
              new InetSocketAddress(address, clientPort);
          case Destination.Unconfigured(Inet4Address address, HardwareAddress mac) ->
              new InetSocketAddress(reachable(address, mac), clientPort);
          case Destination.Broadcast() -> new InetSocketAddress(Ipv4.BROADCAST, clientPort);
        };
    if (!port.send(bytes, to)) {
      counters.add(PxeCounter.SEND_DROPS);
    }
    counters.add(reply.counter());
    if (reply.boots()) {
      decisions.reached(reply.mac(), BootStage.DHCP, reply.what());
    } else {
      decisions.leased(reply.mac(), reply.what());
    }
  }

  /// The address itself, or everybody's where the kernel takes no entry for it.
  private Inet4Address reachable(Inet4Address address, HardwareAddress mac) {
    int errno = neighbours.put(address, mac);
    if (errno == 0) {
      return address;
    }
    counters.add(PxeCounter.DHCP_NEIGHBOUR_FAILURES);
    log.info(
        "neighbour entry refused, reply is broadcast",
        "errno " + errno + " for " + address.getHostAddress());
    return Ipv4.BROADCAST;
  }
}
