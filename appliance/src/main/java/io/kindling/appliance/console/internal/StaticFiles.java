package io.kindling.appliance.console.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The console's few files, held in memory, each under a URL with the hash of its content: browsers
/// keep them for good, and a new version has a new URL. Thread-safe.
public final class StaticFiles {

  private static final String HTMX = "/META-INF/resources/webjars/htmx.org/2.0.10/dist/htmx.min.js";
  private static final String OWN = "/io/kindling/appliance/console/static/";

  /// A file as it is sent.
  public record StaticFile(String type, byte[] content) {}

  private final Map<String, StaticFile> byPath = new LinkedHashMap<>();
  private final Map<String, Object> urls = new LinkedHashMap<>();

  public StaticFiles() {
    add("htmx", "htmx.js", "text/javascript; charset=utf-8", HTMX);
    add("live", "live.js", "text/javascript; charset=utf-8", OWN + "live.js");
    add("script", "console.js", "text/javascript; charset=utf-8", OWN + "console.js");
    add("actions", "actions.js", "text/javascript; charset=utf-8", OWN + "actions.js");
    add("cluster", "cluster.js", "text/javascript; charset=utf-8", OWN + "cluster.js");
    add("deploy", "deploy.js", "text/javascript; charset=utf-8", OWN + "deploy.js");
    add("settings", "settings.js", "text/javascript; charset=utf-8", OWN + "settings.js");
    add("machine", "machine.js", "text/javascript; charset=utf-8", OWN + "machine.js");
    add("work", "work.js", "text/javascript; charset=utf-8", OWN + "work.js");
    add("style", "console.css", "text/css; charset=utf-8", OWN + "console.css");
    add("icon", "icon.svg", "image/svg+xml", OWN + "icon.svg");
  }

  /// The file at `HASH/NAME`.
  public Optional<StaticFile> at(String path) {
    return Optional.ofNullable(byPath.get(path));
  }

  /// Key for the templates → URL.
  public Map<String, Object> urls() {
    return Map.copyOf(urls);
  }

  private void add(String key, String name, String type, String resource) {
    try (InputStream in = StaticFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not on the class path");
      }
      byte[] content = in.readAllBytes();
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      String path = HexFormat.of().formatHex(hash, 0, 8) + "/" + name;
      byPath.put(path, new StaticFile(type, content));
      urls.put(key, "/static/" + path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
