package io.kindling.inventory.facts.internal;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How much memory there is, by the best of the tools that told it.
public final class Memory {
  private static final Pattern TOTAL = Pattern.compile("(?m)^MemTotal:\\s+(\\d{1,15}) kB$");

  private Memory() {}

  /// /proc/meminfo (what the kernel can use) before the modules' sum before lshw; else 0.
  ///
  /// @param modules the modules' sum, 0 where none was told
  public static long bytes(@Nullable String meminfo, long modules, Lshw lshw) {
    Matcher total = TOTAL.matcher(meminfo == null ? "" : meminfo);
    if (total.find()) {
      return Long.parseLong(total.group(1)) << 10;
    }
    return modules > 0 ? modules : lshw.memoryBytes();
  }
}
