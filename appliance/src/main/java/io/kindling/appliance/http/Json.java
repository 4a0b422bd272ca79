package io.kindling.appliance.http;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// JSON as the API speaks it: records as they are, times in ISO-8601. Thread-safe.
public final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  public static byte[] bytes(Object value) {
    return MAPPER.writeValueAsBytes(value);
  }

  /// One line of JSON.
  public static String text(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  public static String pretty(Object value) {
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value);
  }

  public static JsonNode tree(byte[] bytes) {
    return MAPPER.readTree(bytes);
  }

  public static JsonNode tree(String text) {
    return MAPPER.readTree(text);
  }

  /// Reads a record; unknown or ill-typed members are an exception.
  public static <T> T read(byte[] bytes, Class<T> type) {
    return MAPPER.readValue(bytes, type);
  }

  /// The value as a template sees it: maps, lists, text, numbers.
  @SuppressWarnings("unchecked")
  public static java.util.Map<String, Object> map(Object value) {
    return MAPPER.convertValue(value, java.util.Map.class);
  }

  public static void send(HttpServerExchange exchange, int status, Object value) {
    exchange.setStatusCode(status);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    exchange.getResponseSender().send(ByteBuffer.wrap(bytes(value)));
  }

  /// A list, written element by element: thousands take no more memory than one.
  public static void sendEach(HttpServerExchange exchange, Stream<?> values) throws IOException {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    if (!exchange.isBlocking()) {
      exchange.startBlocking();
    }
    try (OutputStream out = exchange.getOutputStream()) {
      out.write('[');
      boolean first = true;
      for (Iterator<?> each = values.iterator(); each.hasNext(); first = false) {
        if (!first) {
          out.write(',');
        }
        out.write(bytes(each.next()));
      }
      out.write(']');
    }
  }
}
