package io.kindling.pxe.dhcp;

import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootDecisions;
import io.kindling.pxe.BootStage;
import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.PxeCounters;
import io.kindling.pxe.RateLimitedLog;
import io.kindling.pxe.dhcp.Decision.Destination;
import io.kindling.pxe.dhcp.Decision.Reply;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.net.DatagramPort;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/// A proxyDHCP server between sockets and logic. Called by the sockets' threads.
public final class ProxyServer {
  private final Supplier<DhcpConfig> config;
  private final BootDecisions decisions;
  private final PxeCounters counters;
  private final int clientPort;
  private final RateLimitedLog log;
  private final ProxyLogic logic;

  /// @param config read anew for every message
  /// @param present whether there is a boot file of that name
  public ProxyServer(
      Supplier<DhcpConfig> config,
      BootDecisions decisions,
      Predicate<String> present,
      PxeCounters counters,
      Clock clock,
      int clientPort) {
    this.config = config;
    this.decisions = decisions;
    this.counters = counters;
    this.clientPort = clientPort;
    this.log = new RateLimitedLog(LoggerFactory.getLogger(ProxyServer.class), clock);
    this.logic = new ProxyLogic(new Loaders(present), log::error);
  }

  /// Takes a datagram of port 67.
  public void received(DatagramPort port, DatagramPort.Datagram datagram) {
    Datagrams.read(datagram, counters, log)
        .ifPresent(request -> answer(port, datagram, logic.offer(request, told(request), now())));
  }

  /// Takes a datagram of port 4011.
  public void bootService(DatagramPort port, DatagramPort.Datagram datagram) {
    Datagrams.read(datagram, counters, log)
        .ifPresent(
            request -> answer(port, datagram, logic.bootService(request, told(request), now())));
  }

  private BootAnswer told(DhcpRequest request) {
    return decisions.answer(request.mac(), BootStage.DHCP);
  }

  private DhcpConfig now() {
    return config.get();
  }

  private void answer(DatagramPort port, DatagramPort.Datagram datagram, Decision decision) {
    if (!(decision instanceof Decision.Send(Reply reply))) {
      counters.add(PxeCounter.DHCP_IGNORED);
      return; // on a network with its own server that is most messages: not worth a line
    }
    if (!port.send(Datagrams.write(reply, log), destination(datagram, reply))) {
      counters.add(PxeCounter.SEND_DROPS);
    }
    counters.add(reply.counter());
    decisions.reached(reply.mac(), BootStage.DHCP, reply.what());
  }

  private InetSocketAddress destination(DatagramPort.Datagram datagram, Reply reply) {
    InetAddress sender = datagram.from().getAddress();
    return switch (reply.destination()) {
      case Destination.Relay(Inet4Address relay) ->
          new InetSocketAddress(relay, Destination.SERVER_PORT);
      // Who asks a boot server has an address and listens where it asked from.
      case Destination.Client(Inet4Address client) ->
          sender.equals(client) ? datagram.from() : new InetSocketAddress(client, clientPort);
      case Destination.Unconfigured unused -> new InetSocketAddress(Ipv4.BROADCAST, clientPort);
      case Destination.Broadcast() -> new InetSocketAddress(Ipv4.BROADCAST, clientPort);
    };
  }
}
