package io.kindling.appliance.console;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The console's files, under addresses that hold a hash of their content: kept by browsers for
/// ever, new where they changed. Immutable, thread-safe.
final class Statics {
  private static final int HASH = 16;

  private record Entry(String type, byte[] content) {}

  private final Map<String, Entry> byPath = new HashMap<>();
  private final Map<String, String> paths = new HashMap<>();

  Statics() {
    add("console.css", "text/css; charset=utf-8", Templates.bytes("console.css"));
    add("console.js", "text/javascript; charset=utf-8", Templates.bytes("console.js"));
    add("icon.svg", "image/svg+xml", Templates.bytes("icon.svg"));
    add("htmx.js", "text/javascript; charset=utf-8", htmx());
  }

  private static byte[] htmx() {
    return Templates.bytes(
        "/META-INF/resources/webjars/htmx.org/" + htmxVersion() + "/dist/htmx.min.js");
  }

  private static String htmxVersion() {
    String text =
        new String(
            Templates.bytes("/META-INF/maven/org.webjars.npm/htmx.org/pom.properties"),
            java.nio.charset.StandardCharsets.UTF_8);
    return text.lines()
        .filter(l -> l.startsWith("version="))
        .map(l -> l.substring("version=".length()).strip())
        .findFirst()
        .orElseThrow();
  }

  private void add(String name, String type, byte[] content) {
    String path = "/static/" + hash(content) + "/" + name;
    byPath.put(path, new Entry(type, content));
    paths.put(name, path);
  }

  /// The address of that file.
  String path(String name) {
    return java.util.Objects.requireNonNull(paths.get(name), name);
  }

  /// True where the address was one of these files and has been answered.
  boolean send(HttpServerExchange exchange) {
    @Nullable Entry entry = byPath.get(exchange.getRequestPath());
    if (entry == null) {
      return false;
    }
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, entry.type());
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "public, max-age=31536000, immutable");
    exchange.getResponseSender().send(ByteBuffer.wrap(entry.content()));
    return true;
  }

  private static String hash(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return HexFormat.of().formatHex(digest).substring(0, HASH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has SHA-256
    }
  }
}
