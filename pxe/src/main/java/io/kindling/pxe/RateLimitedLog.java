package io.kindling.pxe;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;

/// Logs each kind of error at most once per interval and says how many it kept back: what anybody
/// on the wire can provoke must not fill the disk. Thread-safe.
public final class RateLimitedLog {
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private record Seen(Instant last, long keptBack) {}

  private final Logger log;
  private final Clock clock;
  private final Map<String, Seen> seen = new HashMap<>();

  public RateLimitedLog(Logger log, Clock clock) {
    this.log = log;
    this.clock = clock;
  }

  public void error(PxeError error, String detail) {
    long keptBack = admit(error.id());
    if (keptBack >= 0) {
      log.error("{}{}", error.line(detail), suffix(keptBack));
    }
  }

  /// @param kind one of a fixed set of words: never text from a packet
  public void info(String kind, String detail) {
    long keptBack = admit(kind);
    if (keptBack >= 0) {
      log.info("{}: {}{}", kind, detail, suffix(keptBack));
    }
  }

  private static String suffix(long keptBack) {
    return keptBack == 0 ? "" : " (" + keptBack + " more like it were not logged)";
  }

  private synchronized long admit(String kind) {
    Instant now = clock.instant();
    Seen before = seen.get(kind);
    if (before != null && now.isBefore(before.last().plus(INTERVAL))) {
      seen.put(kind, new Seen(before.last(), before.keptBack() + 1));
      return -1;
    }
    seen.put(kind, new Seen(now, 0));
    return before == null ? 0 : before.keptBack();
  }
}
