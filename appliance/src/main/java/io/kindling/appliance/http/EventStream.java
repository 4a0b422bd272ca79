package io.kindling.appliance.http;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Server-sent events written from a blocking (virtual) thread; the reader's slowness stops only
/// this thread. Not thread-safe.
public final class EventStream implements AutoCloseable {
  private final OutputStream out;

  private EventStream(OutputStream out) {
    this.out = out;
  }

  /// Starts the answer.
  public static EventStream open(HttpServerExchange exchange) throws IOException {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/event-stream; charset=utf-8");
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    exchange.setPersistent(false);
    if (!exchange.isBlocking()) {
      exchange.startBlocking();
    }
    var stream = new EventStream(exchange.getOutputStream());
    stream.comment("stream");
    return stream;
  }

  /// One event; line breaks in the data become several `data:` lines.
  public void send(@Nullable String id, @Nullable String event, String data) throws IOException {
    var text = new StringBuilder();
    if (id != null) {
      text.append("id: ").append(oneLine(id)).append('\n');
    }
    if (event != null) {
      text.append("event: ").append(oneLine(event)).append('\n');
    }
    data.lines().forEach(line -> text.append("data: ").append(line).append('\n'));
    if (data.isEmpty()) {
      text.append("data: \n");
    }
    write(text.append('\n').toString());
  }

  /// Something readers ignore; shows whether they are still there.
  public void comment(String text) throws IOException {
    write(": " + oneLine(text) + "\n\n");
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static String oneLine(String text) {
    return text.replace('\n', ' ').replace('\r', ' ');
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
