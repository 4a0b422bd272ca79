package io.kindling.tests.rack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// A loopback port of the host that leads to a port inside a network namespace: to the operators'
/// listener, which asks who comes. Thread-safe.
public final class Forwarder implements AutoCloseable {

  private static final int BUFFER = 64 << 10;

  private final ServerSocketChannel server;
  private final Path namespace;
  private final InetSocketAddress to;
  private final NamespaceSockets sockets = new NamespaceSockets();

  /// @param port 0 for any
  /// @param to the address inside
  public Forwarder(int port, Network network, InetSocketAddress to) {
    this.namespace = network.file();
    this.to = to;
    try {
      server = ServerSocketChannel.open();
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().name("forwarder").start(this::accept);
  }

  public int port() {
    return server.socket().getLocalPort();
  }

  @Override
  public void close() {
    closeQuietly(server);
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel browser = server.accept();
        Thread.ofVirtual().start(() -> forward(browser));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void forward(SocketChannel browser) {
    try (browser;
        SocketChannel appliance = sockets.connect(namespace, to)) {
      Thread up = Thread.ofVirtual().start(() -> pump(browser, appliance));
      pump(appliance, browser);
      closeQuietly(browser);
      up.join();
    } catch (IOException refused) {
      // The appliance is down: the browser sees its connection closed and tries again.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void pump(SocketChannel from, SocketChannel to) {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    try {
      while (from.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
      to.shutdownOutput();
    } catch (IOException ended) {
      // Either side closed; closing both ends the other direction too.
      closeQuietly(to);
    }
  }

  static void closeQuietly(java.io.Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException ignored) {
      // Nothing more can be done with it.
    }
  }
}
