package io.kindling.pxe.net;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A thread that hands on what a raw socket receives, until it is closed; then the socket is too.
final class Receiving implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Receiving.class);

  private final RawSocket socket;
  private volatile boolean closing;

  Receiving(String name, RawSocket socket, Consumer<ByteBuffer> receiver) {
    this.socket = socket;
    // The thread waits in the kernel, where a virtual one would hold a carrier.
    Thread.ofPlatform().daemon().name(name).start(() -> run(receiver));
  }

  private void run(Consumer<ByteBuffer> receiver) {
    try {
      while (!closing) {
        ByteBuffer received = socket.receive();
        if (received.hasRemaining() && !closing) {
          handOn(received, receiver);
        }
      }
    } finally {
      socket.close();
    }
  }

  private static void handOn(ByteBuffer received, Consumer<ByteBuffer> receiver) {
    try {
      receiver.accept(received);
    } catch (RuntimeException e) {
      LOG.error("A frame could not be handled", e);
    }
  }

  @Override
  public void close() {
    closing = true;
  }
}
