package io.kindling.postinstall;

import java.time.Duration;
import java.util.Map;

/// Limits of an installation.
///
/// @param firstRetry wait before the second attempt to connect; doubled up to `longestRetry`
/// @param reconnect how long the bootstrap may be away before the task fails
/// @param systemUp from reboot to the installed system's answer over SSH
/// @param taskLimits task's name → the longest it may take
/// @param systemPort SSH port of the installed system
public record InstallSettings(
    Duration firstRetry,
    Duration longestRetry,
    Duration reconnect,
    Duration systemUp,
    Map<String, Duration> taskLimits,
    int systemPort) {

  /// How long a machine is waited for that a person was asked to start.
  public static final Duration BY_HAND = Duration.ofHours(2);

  /// For a task not named in `taskLimits`.
  public static final Duration DEFAULT_TASK_LIMIT = Duration.ofMinutes(30);

  public InstallSettings {
    taskLimits = Map.copyOf(taskLimits);
  }

  /// Generous enough for an emulated machine and for slow firmware (a server's POST may take ten
  /// minutes) or a large disk's discard.
  public static InstallSettings defaults() {
    return new InstallSettings(
        Duration.ofSeconds(1),
        Duration.ofSeconds(15),
        Duration.ofMinutes(10),
        Duration.ofMinutes(30),
        Map.of(
            "check-disks", Duration.ofMinutes(10),
            "wipe", Duration.ofMinutes(60),
            "partition", Duration.ofMinutes(60),
            "image", Duration.ofMinutes(120),
            "installer", Duration.ofMinutes(120)),
        22);
  }

  public Duration limit(String task) {
    return taskLimits.getOrDefault(task, DEFAULT_TASK_LIMIT);
  }
}
