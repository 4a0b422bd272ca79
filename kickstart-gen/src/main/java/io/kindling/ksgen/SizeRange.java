package io.kindling.ksgen;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Disk sizes a selector takes, in bytes, both ends included.
public record SizeRange(long minBytes, long maxBytes) {

  private static final Pattern SIZE =
      Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,6})?) ?([A-Za-z]*)");
  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("", 1L << 20),
          Map.entry("mib", 1L << 20),
          Map.entry("gib", 1L << 30),
          Map.entry("tib", 1L << 40),
          Map.entry("m", 1_000_000L),
          Map.entry("mb", 1_000_000L),
          Map.entry("g", 1_000_000_000L),
          Map.entry("gb", 1_000_000_000L),
          Map.entry("t", 1_000_000_000_000L),
          Map.entry("tb", 1_000_000_000_000L));

  public boolean holds(long bytes) {
    return bytes >= minBytes && bytes <= maxBytes;
  }

  /// Reads `480GB` (as drives are sold: within 3 %), `>=1TB`, `<=500GB` or `400GB-1TB`; a number
  /// alone is MiB, units are GB (10⁹) or GiB (2³⁰).
  public static SizeRange parse(String text) {
    String plain = text.strip();
    if (plain.startsWith(">=")) {
      return new SizeRange(bytes(plain.substring(2), text), Long.MAX_VALUE);
    }
    if (plain.startsWith("<=")) {
      return new SizeRange(0, bytes(plain.substring(2), text));
    }
    int dash = plain.indexOf('-');
    if (dash > 0) {
      return new SizeRange(
          bytes(plain.substring(0, dash), text), bytes(plain.substring(dash + 1), text));
    }
    long about = bytes(plain, text);
    return new SizeRange(about - about / 100 * 3, about + about / 100 * 3);
  }

  private static long bytes(String size, String whole) {
    Matcher m = SIZE.matcher(size.strip());
    Long unit = m.matches() ? UNITS.get(m.group(2).toLowerCase(Locale.ROOT)) : null;
    if (unit == null) {
      throw new LayoutException(
          LayoutError.BAD_RULE,
          "a disk's size is like `480GB`, `>=1TB` or `1TB-4TB`, not `" + whole + "`");
    }
    BigDecimal exact = new BigDecimal(m.group(1)).multiply(BigDecimal.valueOf(unit));
    return exact.min(BigDecimal.valueOf(Long.MAX_VALUE / 2)).longValue();
  }
}
