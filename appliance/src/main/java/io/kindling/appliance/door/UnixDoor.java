package io.kindling.appliance.door;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.http.Caller;
import io.kindling.appliance.http.Listeners;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The operators' API on a Unix socket (mode 0600): who may open the file may do everything.
///
/// The HTTP server listens on TCP only. So each connection to the socket is carried over loopback
/// to a listener of its own, which speaks only to peers whose port this bridge has bound
/// beforehand; another program of this machine that finds the listener is refused. Thread-safe.
public final class UnixDoor implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(UnixDoor.class);
  private static final int BUFFER = 32 << 10;

  private final Path path;
  private final ExecutorService threads;
  private final ServerSocketChannel door;
  private final Undertow inner;
  private final int innerPort;

  /// The bridge's own ports, and who speaks through each.
  private final Map<Integer, String> ours = new ConcurrentHashMap<>();

  /// Opens the socket; an old one that nobody answers is replaced.
  ///
  /// @param threads one virtual thread per task; not closed here
  public UnixDoor(Path path, long maxBody, HttpHandler handler, ExecutorService threads) {
    this.path = path;
    this.threads = threads;
    this.inner =
        Listeners.open(
            "the socket's bridge",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            maxBody,
            exchange -> {
              InetSocketAddress peer =
                  exchange.getConnection().getPeerAddress(InetSocketAddress.class);
              String user = peer == null ? null : ours.get(peer.getPort());
              if (user == null) {
                exchange.setPersistent(false);
                exchange.getConnection().close(); // a stranger gets no answer at all
                return;
              }
              Caller.atSocket(user).attach(exchange);
              handler.handleRequest(exchange);
            });
    this.innerPort = Listeners.port(inner);
    try {
      this.door = listen(path);
    } catch (IOException e) {
      inner.stop();
      throw new ApplianceException(ApplianceError.SOCKET, path + ": " + e.getMessage(), e);
    }
    threads.execute(this::acceptAll);
  }

  private static ServerSocketChannel listen(Path path) throws IOException {
    Files.deleteIfExists(path);
    // Bound under a name in a directory only the owner may enter, then moved: never open to others.
    Path hidden = path.resolveSibling(".door");
    Files.deleteIfExists(hidden.resolve("s"));
    Files.deleteIfExists(hidden);
    Files.createDirectory(
        hidden, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path temporary = hidden.resolve("s");
    ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      door.bind(UnixDomainSocketAddress.of(temporary), 64);
      Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-------"));
      Files.move(temporary, path);
    } catch (IOException e) {
      door.close();
      throw e;
    } finally {
      Files.deleteIfExists(temporary);
      Files.deleteIfExists(hidden);
    }
    return door;
  }

  /// Port of the inner listener; it refuses everybody but this bridge.
  int innerPort() {
    return innerPort;
  }

  private void acceptAll() {
    while (door.isOpen()) {
      try {
        SocketChannel client = door.accept();
        threads.execute(() -> carry(client));
      } catch (ClosedChannelException closed) {
        return;
      } catch (IOException e) {
        logger.warn("{} {}: {}", ApplianceError.SOCKET.id(), path, e.getMessage());
        return;
      }
    }
  }

  private void carry(SocketChannel client) {
    Integer port = null;
    try (client;
        SocketChannel server = SocketChannel.open(StandardProtocolFamily.INET)) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      port = ((InetSocketAddress) server.getLocalAddress()).getPort();
      ours.put(port, user(client));
      server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), innerPort));
      var up =
          threads.submit(() -> {
            pump(client, server);
            server.shutdownOutput();
            return null;
          });
      pump(server, client);
      client.close(); // the answer is over: a request still on its way has no reader
      up.cancel(true);
    } catch (IOException broken) {
      logger.debug("a connection through {} broke off", path, broken);
    } finally {
      if (port != null) {
        ours.remove(port);
      }
    }
  }

  /// The user that the kernel says is at the other end.
  private static String user(SocketChannel client) throws IOException {
    return client.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
  }

  private static void pump(ByteChannel from, ByteChannel to) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    while (from.read(buffer) >= 0) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        to.write(buffer);
      }
      buffer.clear();
    }
  }

  @Override
  public void close() {
    try {
      door.close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      logger.debug("closing {}", path, e);
    }
    inner.stop();
  }
}
