package io.kindling.pxe.http;

import io.kindling.pxe.Catalogue;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSinkChannel;

/// Sends a boot file or a part of it: from memory, or from the disk by the kernel's sendfile
/// without blocking a thread.
final class FileResponse {
  private static final Logger LOG = LoggerFactory.getLogger(FileResponse.class);

  /// Between turns of one connection, so that many are served evenly.
  private static final long BYTES_PER_TURN = 4 << 20;

  private FileResponse() {}

  static void send(HttpServerExchange exchange, Catalogue.Found found) throws IOException {
    exchange.getResponseHeaders().put(Headers.ACCEPT_RANGES, "bytes");
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/octet-stream");
    ByteRange range =
        ByteRange.of(exchange.getRequestHeaders().getFirst(Headers.RANGE), found.size());
    switch (range) {
      case ByteRange.Unsatisfiable unused -> {
        exchange.setStatusCode(StatusCodes.REQUEST_RANGE_NOT_SATISFIABLE);
        exchange.getResponseHeaders().put(Headers.CONTENT_RANGE, "bytes */" + found.size());
        exchange.setResponseContentLength(0);
        exchange.endExchange();
      }
      case ByteRange.Whole unused -> send(exchange, found, 0, found.size());
      case ByteRange.Part(long first, long length) -> {
        exchange.setStatusCode(StatusCodes.PARTIAL_CONTENT);
        exchange
            .getResponseHeaders()
            .put(
                Headers.CONTENT_RANGE,
                "bytes " + first + "-" + (first + length - 1) + "/" + found.size());
        send(exchange, found, first, length);
      }
    }
  }

  private static void send(
      HttpServerExchange exchange, Catalogue.Found found, long first, long length)
      throws IOException {
    if (exchange.getRequestMethod().equals(Methods.HEAD)) {
      exchange.setResponseContentLength(length);
      exchange.endExchange();
      return;
    }
    switch (found) {
      case Catalogue.InMemory memory -> {
        exchange.setResponseContentLength(length);
        exchange
            .getResponseSender()
            .send(ByteBuffer.wrap(memory.content(), (int) first, (int) length));
      }
      case Catalogue.OnDisk file -> {
        FileChannel source = FileChannel.open(file.path(), StandardOpenOption.READ);
        exchange.addExchangeCompleteListener((completed, next) -> {
          IoUtils.safeClose(source);
          next.proceed();
        });
        exchange.setResponseContentLength(length);
        if (length == 0) {
          exchange.endExchange();
          return;
        }
        StreamSinkChannel sink = exchange.getResponseChannel();
        Writer writer = new Writer(exchange, source, first, length);
        sink.getWriteSetter().set(writer);
        // Undertow starts calling the listener when the handler has returned.
        sink.resumeWrites();
      }
    }
  }

  /// Moves a piece whenever the socket has room. Called by the connection's I/O thread only.
  private static final class Writer implements ChannelListener<StreamSinkChannel> {
    private final HttpServerExchange exchange;
    private final FileChannel source;
    private long position;
    private long remaining;

    Writer(HttpServerExchange exchange, FileChannel source, long position, long remaining) {
      this.exchange = exchange;
      this.source = source;
      this.position = position;
      this.remaining = remaining;
    }

    @Override
    public void handleEvent(StreamSinkChannel sink) {
      try {
        long turn = BYTES_PER_TURN;
        while (remaining > 0 && turn > 0) {
          long moved = sink.transferFrom(source, position, Math.min(remaining, turn));
          if (moved <= 0) {
            if (source.size() <= position) {
              throw new IOException("the file became shorter while it was being sent");
            }
            return; // called again when there is room
          }
          position += moved;
          remaining -= moved;
          turn -= moved;
        }
        if (remaining == 0) {
          finish(sink);
        }
      } catch (IOException e) {
        LOG.debug("{} was not sent to its end", exchange.getRequestPath(), e);
        IoUtils.safeClose(exchange.getConnection());
        exchange.endExchange();
      }
    }

    private void finish(StreamSinkChannel sink) throws IOException {
      sink.shutdownWrites();
      if (sink.flush()) {
        sink.suspendWrites();
        exchange.endExchange();
      }
      // Not yet flushed: the listener is called again and finds nothing remaining.
    }
  }
}
