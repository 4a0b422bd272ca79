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

  /// Sends without waiting; false where the datagram was dropped, as when too many are under way.
  boolean send(ByteBuffer payload, InetSocketAddress to);

  /// Sends several datagrams that lie one behind the other, all of the same size but the last,
  /// which may be shorter; false where one was dropped.
  ///
  /// @param size bytes of each
  default boolean sendEach(ByteBuffer payloads, int size, InetSocketAddress to) {
    ByteBuffer left = payloads.slice();
    boolean all = true;
    while (left.hasRemaining()) {
      int length = Math.min(size, left.remaining());
      all &= send(left.slice(left.position(), length), to);
      left.position(left.position() + length);
    }
    return all;
  }

  @Override
  void close();
}
