package io.kindling.appliance.console;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Figures in words for people.
public final class Words {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");

  private Words() {}

  /// Decimal, as disks are sold: `960 GB`.
  public static String diskSize(long bytes) {
    return size(bytes, 1000, "GB", "TB");
  }

  /// Binary, as memory is sold: `64 GiB`.
  public static String memory(long bytes) {
    return bytes <= 0 ? "memory unknown" : size(bytes, 1024, "GiB", "TiB");
  }

  private static String size(long bytes, int unit, String giga, String tera) {
    double g = bytes / Math.pow(unit, 3);
    if (g >= unit) {
      return number(g / unit) + " " + tera;
    }
    return number(g) + " " + giga;
  }

  private static String number(double n) {
    return n >= 100 || Math.abs(n - Math.rint(n)) < 0.05
        ? String.format(Locale.ROOT, "%.0f", n)
        : String.format(Locale.ROOT, "%.1f", n);
  }

  public static String ago(@Nullable Instant at, Instant now) {
    if (at == null) {
      return "not seen since the appliance started";
    }
    long s = Math.max(0, Duration.between(at, now).toSeconds());
    if (s < 60) {
      return "seen " + s + " s ago";
    }
    if (s < 7200) {
      return "seen " + s / 60 + " min ago";
    }
    return s < 172_800 ? "seen " + s / 3600 + " h ago" : "seen " + s / 86_400 + " days ago";
  }

  /// The time of day, with the date where it is another day.
  public static String time(Instant at, Instant now) {
    ZoneId zone = ZoneId.systemDefault();
    boolean today = at.atZone(zone).toLocalDate().equals(now.atZone(zone).toLocalDate());
    return (today ? TIME : DAY).withZone(zone).format(at);
  }
}
