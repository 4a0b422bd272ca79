package io.kindling.postinstall.engine;

import java.time.Duration;

/// @param parallel tasks on hosts at the same time, at most
/// @param reconnect how long a host may be out of reach before it is set aside
/// @param firstRetry pause before the first repetition; doubles each time
/// @param longestRetry the longest pause
/// @param transientTries how often what is transient is tried in all
public record EngineSettings(
    int parallel,
    Duration reconnect,
    Duration firstRetry,
    Duration longestRetry,
    int transientTries) {

  /// Rides out a switch that restarts or a minute without SSH.
  public static EngineSettings standard() {
    return new EngineSettings(
        64, Duration.ofMinutes(3), Duration.ofSeconds(1), Duration.ofSeconds(20), 6);
  }

  /// The same, but hosts may be out of reach for so long.
  public EngineSettings within(Duration out) {
    return new EngineSettings(parallel, out, firstRetry, longestRetry, transientTries);
  }
}
