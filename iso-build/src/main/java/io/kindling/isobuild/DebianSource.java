package io.kindling.isobuild;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Where packages come from.
///
/// @param suite of Debian; part of a build's hash
/// @param mirror archive with `suite` and `suite-updates`, empty where none is known; not part of
///   the hash: all mirrors are equal
/// @param security archive with `suite-security`; empty where there is none
public record DebianSource(String suite, String mirror, String security) {

  /// The release that this version of Kindling installs.
  public static final String SUITE = "trixie";

  public DebianSource {
    for (String value : List.of(suite, mirror, security)) {
      if (value.chars().anyMatch(c -> c <= ' ' || c == '\'' || c == '"')) {
        throw new IllegalArgumentException("not a suite or an archive's address: " + value);
      }
    }
  }

  /// The mirrors this machine's apt uses, read from `/etc/apt`; no mirror where it names none.
  public static DebianSource ofHost() {
    return ofHost(Path.of("/etc/apt"));
  }

  /// The same for another apt directory.
  public static DebianSource ofHost(Path apt) {
    String mirror = "";
    String security = "";
    for (String uri : uris(apt).reversed()) {
      String trimmed = uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
      if (trimmed.endsWith("/debian-security")) {
        security = trimmed;
      } else if (trimmed.endsWith("/debian")) {
        mirror = trimmed;
      }
    }
    return new DebianSource(SUITE, mirror, security);
  }

  /// http addresses in `sources.list`, `*.list` (one line each) and `*.sources` (deb822).
  private static List<String> uris(Path apt) {
    var files = new ArrayList<Path>();
    files.add(apt.resolve("sources.list"));
    Path parts = apt.resolve("sources.list.d");
    try (Stream<Path> listed = Files.isDirectory(parts) ? Files.list(parts) : Stream.empty()) {
      listed.filter(f -> f.toString().matches(".*\\.(list|sources)")).sorted().forEach(files::add);
    } catch (IOException unreadable) {
      // Then this machine has no mirror of its own to offer.
      return List.of();
    }
    var found = new ArrayList<String>();
    for (Path file : files) {
      if (!Files.isReadable(file)) {
        continue;
      }
      try {
        for (String line : Files.readAllLines(file)) {
          String text = line.strip();
          if (text.startsWith("deb ") || text.startsWith("URIs:")) {
            Stream.of(text.split("\\s+")).filter(w -> w.matches("https?://.+")).forEach(found::add);
          }
        }
      } catch (IOException unreadable) {
        // As above: one file less to learn from.
      }
    }
    return found;
  }
}
