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
import io.kindling.pxe.dhcp.wire.Decoded;
import io.kindling.pxe.dhcp.wire.DhcpCodec;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.net.DatagramPort;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Clock;
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
  private final PxeCounters counters;
  private final Clock clock;
  private final int clientPort;
  private final RateLimitedLog log;
  private final DhcpLogic logic;

  /// @param config read anew for every message
  /// @param clientPort 68; another only in tests without privileges
  public DhcpServer(
      Supplier<DhcpConfig> config,
      BootDecisions decisions,
      LeaseTable leases,
      LeaseCommitter committer,
      NeighbourTable neighbours,
      PxeCounters counters,
      Clock clock,
      int clientPort) {
    this.config = config;
    this.decisions = decisions;
    this.leases = leases;
    this.committer = committer;
    this.neighbours = neighbours;
    this.counters = counters;
    this.clock = clock;
    this.clientPort = clientPort;
    this.log = new RateLimitedLog(LoggerFactory.getLogger(DhcpServer.class), clock);
    this.logic = new DhcpLogic(leases, this::report);
  }

  private void report(PxeError error, String detail) {
    if (error == PxeError.POOL_EXHAUSTED) {
      counters.add(PxeCounter.DHCP_POOL_EXHAUSTED);
    }
    log.error(error, detail);
  }

  @Override
  public void received(DatagramPort port, DatagramPort.Datagram datagram) {
    counters.add(PxeCounter.DHCP_RECEIVED);
    switch (DhcpCodec.decode(datagram.payload())) {
      case Decoded.Malformed(String reason, int offset) -> {
        counters.add(PxeCounter.DHCP_MALFORMED);
        log.info(
            "malformed DHCP message", reason + " at byte " + offset + " from " + datagram.from());
      }
      case Decoded.Parsed(var packet) ->
          DhcpRequest.of(packet)
              .ifPresentOrElse(
                  request -> handle(port, request), () -> counters.add(PxeCounter.DHCP_IGNORED));
    }
  }

  private void handle(DatagramPort port, DhcpRequest request) {
    HardwareAddress mac = request.mac();
    BootAnswer answer = decisions.answer(mac, BootStage.DHCP);
    Decision decision =
        logic.decide(request, answer, decisions.fixedAddress(mac), config.get(), clock.instant());
    switch (request.type()) {
      case DECLINE -> counters.add(PxeCounter.DHCP_DECLINES);
      case RELEASE -> counters.add(PxeCounter.DHCP_RELEASES);
      default -> {}
    }
    switch (decision) {
      case Decision.Ignore(String reason) -> {
        counters.add(PxeCounter.DHCP_IGNORED);
        log.info("DHCP message left unanswered", reason + " (" + mac + ")");
      }
      case Decision.Send(Reply reply) -> send(port, reply);
      case Decision.Commit(LeaseTable.Change change) ->
          submit(new LeaseCommitter.Pending(mac, change, () -> {}));
      case Decision.CommitThenSend(LeaseTable.Change change, Reply reply) ->
          submit(new LeaseCommitter.Pending(mac, change, () -> send(port, reply)));
    }
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
    DhcpCodec.Encoded encoded = DhcpCodec.encode(reply.packet(), reply.maxLength());
    if (!encoded.leftOut().isEmpty()) {
      log.info("DHCP options left out for want of room", encoded.leftOut() + " for " + reply.mac());
    }
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
    send(port, encoded.bytes(), to);
    counters.add(reply.counter());
    decisions.reached(reply.mac(), BootStage.DHCP, reply.what());
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

  private void send(DatagramPort port, ByteBuffer bytes, InetSocketAddress to) {
    if (!port.send(bytes, to)) {
      counters.add(PxeCounter.SEND_DROPS);
    }
  }
}
