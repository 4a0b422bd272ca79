package io.kindling.inventory;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// When each node was last heard of. Only in memory: after a start nobody has been seen yet, and
/// ten seconds later all that live have. Thread-safe.
public final class Presence {

  /// Three signs of life missed.
  public static final Duration PRESENT = Duration.ofSeconds(35);

  private final Clock clock;
  private final Map<UUID, Instant> seen = new ConcurrentHashMap<>();

  public Presence(Clock clock) {
    this.clock = clock;
  }

  /// The node gave a sign of life.
  public void seen(UUID node) {
    seen.put(node, clock.instant());
  }

  /// When it last did, if it did since the start.
  public Optional<Instant> lastSeen(UUID node) {
    return Optional.ofNullable(seen.get(node));
  }

  /// True where it did within [#PRESENT].
  public boolean isPresent(UUID node) {
    Instant at = seen.get(node);
    return at != null && !at.plus(PRESENT).isBefore(clock.instant());
  }

  /// The node is removed.
  public void forget(UUID node) {
    seen.remove(node);
  }
}
