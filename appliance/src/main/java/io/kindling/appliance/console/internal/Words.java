package io.kindling.appliance.console.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Figures as people read them; used by the console and the command line.
public final class Words {

  private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB");

  private Words() {}

  /// `447 GiB`, `1.8 TiB`; binary units, as `lsblk` shows them.
  public static String size(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1000 && unit < UNITS.size() - 1) {
      value /= 1024;
      unit++;
    }
    boolean whole = value >= 100 || Math.abs(value - Math.rint(value)) < 0.05;
    return String.format(Locale.ROOT, whole ? "%.0f %s" : "%.1f %s", value, UNITS.get(unit));
  }

  /// `25 Gbit/s`, `100 Mbit/s`; empty where it is not known.
  public static String speed(long megabits) {
    if (megabits <= 0) {
      return "";
    }
    if (megabits % 1000 == 0) {
      return megabits / 1000 + " Gbit/s";
    }
    return megabits > 1000
        ? String.format(Locale.ROOT, "%.1f Gbit/s", megabits / 1000.0)
        : megabits + " Mbit/s";
  }

  /// `12 s`, `5 min`, `3 h`, `4 d`.
  public static String duration(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 120) {
      return seconds + " s";
    }
    if (seconds < 2 * 3600) {
      return seconds / 60 + " min";
    }
    if (seconds < 2 * 86_400) {
      return seconds / 3600 + " h";
    }
    return seconds / 86_400 + " d";
  }

  /// `12 s ago`, or `never`.
  public static String ago(Optional<Instant> then, Instant now) {
    return then.map(at -> duration(Duration.between(at, now)) + " ago").orElse("never");
  }
}
