package io.kindling.appliance.machines;

import io.kindling.appliance.http.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The last reports that were refused, in files, to be looked at: who sends what can only be told
/// from the report itself. Thread-safe.
///
/// Anybody on the provisioning network can send some, so their number and size are bounded; what
/// they hold is untrusted.
public final class RefusedReports {
  /// So many are kept; the oldest goes first.
  static final int MOST = 20;

  /// Of each, bytes from its beginning.
  static final int MOST_BYTES = 4 << 20;

  private static final String META = ".meta";
  private static final String DOCUMENT = ".document";
  private static final Pattern ID = Pattern.compile("[0-9]{13,19}-[0-9]{1,9}");
  private static final Logger logger = LoggerFactory.getLogger(RefusedReports.class);

  private final Path directory;
  private final Clock clock;
  private int count;

  public RefusedReports(Path directory, Clock clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /// A refused report.
  ///
  /// @param id names it here
  /// @param from the address that it came from
  /// @param error the error's id
  /// @param bytes the report's size
  /// @param kept as many of them are kept, from its beginning
  public record Refused(
      String id, Instant at, String from, String error, String reason, int bytes, int kept) {}

  /// Keeps it. A disk that does not take it is logged: the machine gets its answer anyway.
  synchronized void keep(String from, String error, String reason, byte[] document) {
    Instant now = clock.instant();
    String id = now.toEpochMilli() + "-" + count++ % 1_000_000_000;
    int kept = Math.min(document.length, MOST_BYTES);
    try {
      Files.createDirectories(directory);
      Files.write(directory.resolve(id + DOCUMENT), Arrays.copyOf(document, kept));
      Path temporary = directory.resolve(id + ".new");
      Files.write(
          temporary, Json.bytes(new Refused(id, now, from, error, reason, document.length, kept)));
      Files.move(temporary, directory.resolve(id + META), StandardCopyOption.ATOMIC_MOVE);
      dropOldest();
    } catch (IOException e) {
      logger.warn("A refused report could not be kept", e);
    }
  }

  /// Those kept, newest first.
  public synchronized List<Refused> all() throws IOException {
    var all = new ArrayList<Refused>();
    for (Path meta : files(META)) {
      byte[] content = Files.readAllBytes(meta);
      if (content.length == 0) {
        Files.delete(meta); // a power cut came before its bytes
      } else {
        all.add(Json.read(content, Refused.class));
      }
    }
    all.sort(Comparator.comparing(Refused::at).thenComparing(Refused::id).reversed());
    return all;
  }

  /// The report as it came, or its beginning.
  public synchronized Optional<byte[]> document(String id) throws IOException {
    Path file = directory.resolve(ID.matcher(id).matches() ? id + DOCUMENT : "none");
    return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
  }

  private void dropOldest() throws IOException {
    List<Refused> all = all();
    for (Refused old : all.subList(Math.min(MOST, all.size()), all.size())) {
      Files.deleteIfExists(directory.resolve(old.id() + META));
      Files.deleteIfExists(directory.resolve(old.id() + DOCUMENT));
    }
  }

  private List<Path> files(String ending) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(f -> f.toString().endsWith(ending)).toList();
    }
  }
}
