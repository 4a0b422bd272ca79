package io.kindling.appliance.http;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// Opens HTTP listeners with the limits every one of them has.
public final class Listeners {
  /// Between two reads of a request; what trickles longer than a body's own limit is cut off there.
  private static final int READ_TIMEOUT_MS = 20_000;

  private static final int IDLE_MS = 60_000;
  private static final int MAX_HEADERS = 64;
  private static final int MAX_HEADER_BYTES = 16 << 10;

  /// A buffer, as Undertow sizes them.
  private static final int BUFFER = (16 << 10) - 20;

  /// Buffers of a listener that are kept for the next requests.
  private static final int KEPT_BUFFERS = 512;

  /// At once, of all clients: more than a rack's machines and its operators' browsers need. The
  /// next ones wait in the kernel's queue until one ends; idle ones are ended after [#IDLE_MS].
  private static final int MOST_CONNECTIONS = 16_384;

  private Listeners() {}

  /// Starts a server at the address; the caller stops it.
  ///
  /// @param maxBody bytes of a request's body that no route may exceed
  public static Undertow open(
      String what, InetSocketAddress address, long maxBody, HttpHandler handler) {
    return open(what, address, null, maxBody, handler);
  }

  /// The same over TLS.
  ///
  /// @param tls null for plain HTTP
  public static Undertow open(
      String what,
      InetSocketAddress address,
      @Nullable SSLContext tls,
      long maxBody,
      HttpHandler handler) {
    return open(what, address, tls, maxBody, MOST_CONNECTIONS, handler);
  }

  /// @param connections accepted at once
  static Undertow open(
      String what,
      InetSocketAddress address,
      @Nullable SSLContext tls,
      long maxBody,
      int connections,
      HttpHandler handler) {
    Undertow.Builder builder = Undertow.builder();
    String host = address.getAddress().getHostAddress();
    Undertow server =
        (tls == null
                ? builder.addHttpListener(address.getPort(), host)
                : builder.addHttpsListener(address.getPort(), host, tls))
            .setIoThreads(2)
            .setWorkerThreads(2) // requests run on virtual threads
            // Undertow's own pool keeps buffers for each thread: a virtual one takes them along.
            .setByteBufferPool(new DefaultByteBufferPool(true, BUFFER, KEPT_BUFFERS, 0))
            .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, maxBody)
            .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, IDLE_MS)
            .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, READ_TIMEOUT_MS)
            .setServerOption(UndertowOptions.MAX_HEADERS, MAX_HEADERS)
            .setServerOption(UndertowOptions.MAX_HEADER_SIZE, MAX_HEADER_BYTES)
            .setServerOption(UndertowOptions.ALWAYS_SET_KEEP_ALIVE, false)
            .setSocketOption(org.xnio.Options.READ_TIMEOUT, READ_TIMEOUT_MS)
            .setSocketOption(org.xnio.Options.REUSE_ADDRESSES, true)
            .setSocketOption(org.xnio.Options.CONNECTION_HIGH_WATER, connections)
            .setSocketOption(org.xnio.Options.CONNECTION_LOW_WATER, connections)
            .setHandler(handler)
            .build();
    try {
      server.start();
    } catch (RuntimeException e) {
      throw new ApplianceException(
          ApplianceError.LISTEN, what + " at " + text(address) + ": " + rootMessage(e), e);
    }
    return server;
  }

  /// The port that a started server really has.
  public static int port(Undertow server) {
    return ((InetSocketAddress) server.getListenerInfo().getFirst().getAddress()).getPort();
  }

  public static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }
}
