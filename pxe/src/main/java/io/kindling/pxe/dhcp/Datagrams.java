package io.kindling.pxe.dhcp;

import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.PxeCounters;
import io.kindling.pxe.RateLimitedLog;
import io.kindling.pxe.dhcp.wire.Decoded;
import io.kindling.pxe.dhcp.wire.DhcpCodec;
import io.kindling.pxe.net.DatagramPort;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Between datagrams and messages, counting and logging what is lost on the way.
final class Datagrams {

  private Datagrams() {}

  /// The client's message in a datagram, if one is.
  static Optional<DhcpRequest> read(
      DatagramPort.Datagram datagram, PxeCounters counters, RateLimitedLog log) {
    counters.add(PxeCounter.DHCP_RECEIVED);
    return switch (DhcpCodec.decode(datagram.payload())) {
      case Decoded.Malformed(String reason, int offset) -> {
        counters.add(PxeCounter.DHCP_MALFORMED);
        log.info(
            "malformed DHCP message", reason + " at byte " + offset + " from " + datagram.from());
        yield Optional.empty();
      }
      case Decoded.Parsed(var packet) -> {
        Optional<DhcpRequest> request = DhcpRequest.of(packet);
        if (request.isEmpty()) {
          counters.add(PxeCounter.DHCP_IGNORED);
        }
        yield request;
      }
    };
  }

  static ByteBuffer write(Decision.Reply reply, RateLimitedLog log) {
    DhcpCodec.Encoded encoded = DhcpCodec.encode(reply.packet(), reply.maxLength());
    if (!encoded.leftOut().isEmpty()) {
      log.info("DHCP options left out for want of room", encoded.leftOut() + " for " + reply.mac());
    }
    return encoded.bytes();
  }
}
