package io.kindling.pxe.net;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/// One UDP socket. Implementations are thread-safe; their receiver is called by one thread and must
/// not block.
public interface DatagramPort extends AutoCloseable {

  /// A datagram that arrived. The payload is the receiver's own.
  ///
  /// @param ifIndex interface it came in by, 0 where the socket cannot tell
  record Datagram(ByteBuffer payload, InetSocketAddress from, int ifIndex) {}

  interface Receiver {
    void received(DatagramPort port, Datagram datagram);
  }

  InetSocketAddress localAddress();

  /// Sends without waiting; false where the datagram was dropped because too many are under way.
  boolean send(ByteBuffer payload, InetSocketAddress to);

  @Override
  void close();
}
