package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Facts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// dmidecode's text: structures (`Handle 0x0100, DMI type 1, 27 bytes`), their title, and
/// tab-indented `Key: value` lines. Lists under a key (two tabs) are not needed and skipped.
public final class Dmi {
  private static final Pattern HANDLE =
      Pattern.compile("Handle 0x[0-9A-Fa-f]+, DMI type (\\d+),.*");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12}) (bytes|kB|MB|GB|TB)");
  private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final int MAX_STRUCTURES = 10_000;

  /// What firmware says where the vendor filled nothing in.
  private static final Set<String> NOTHING =
      Set.of(
          "",
          "not specified",
          "not present",
          "none",
          "unknown",
          "n/a",
          "to be filled by o.e.m.",
          "default string",
          "system manufacturer",
          "system product name",
          "system serial number");

  private record Structure(int type, Map<String, String> values) {}

  private final List<Structure> structures;
  private final Reader.Warnings warnings;

  private Dmi(List<Structure> structures, Reader.Warnings warnings) {
    this.structures = structures;
    this.warnings = warnings;
  }

  public static Dmi of(@Nullable String text, Reader.Warnings warnings) {
    var structures = new ArrayList<Structure>();
    Map<String, String> open = null;
    for (String line : (text == null ? "" : text).split("\n", -1)) {
      Matcher handle = HANDLE.matcher(line);
      if (handle.matches() && handle.group(1).length() <= 3) {
        if (structures.size() == MAX_STRUCTURES) {
          warnings.add("$.raw.dmidecode", "more than " + MAX_STRUCTURES + " structures");
          break;
        }
        open = new LinkedHashMap<>();
        structures.add(new Structure(Integer.parseInt(handle.group(1)), open));
      } else if (open != null && line.startsWith("\t") && !line.startsWith("\t\t")) {
        int colon = line.indexOf(':');
        if (colon > 0) {
          open.putIfAbsent(line.substring(1, colon), Reader.clean(line.substring(colon + 1)));
        }
      }
    }
    return new Dmi(structures, warnings);
  }

  /// Types 0 and 1, else lshw's root.
  public Facts.SystemInfo system(Lshw lshw) {
    return new Facts.SystemInfo(
        or(value(1, "Manufacturer"), lshw.vendor()),
        or(value(1, "Product Name"), lshw.product()),
        or(value(1, "Serial Number"), lshw.serial()),
        uuid(or(value(1, "UUID"), lshw.uuid())),
        or(value(0, "Version"), lshw.firmwareVersion()));
  }

  /// Sum of the memory modules (type 17), 0 where none is told.
  public long memoryBytes() {
    long sum = 0;
    for (Structure s : structures) {
      Matcher size = SIZE.matcher(s.values().getOrDefault("Size", ""));
      if (s.type() == 17 && size.matches()) {
        sum = saturatedAdd(sum, bytes(Long.parseLong(size.group(1)), size.group(2)));
      }
    }
    return sum;
  }

  /// The model of the first populated processor (type 4).
  public @Nullable String cpuModel() {
    for (Structure s : structures) {
      if (populated(s)) {
        return meaningful(s.values().get("Version"));
      }
    }
    return null;
  }

  /// Populated sockets.
  public int sockets() {
    return (int) structures.stream().filter(Dmi::populated).count();
  }

  private static boolean populated(Structure s) {
    String status = s.values().getOrDefault("Status", "");
    return s.type() == 4 && status.startsWith("Populated");
  }

  private @Nullable String value(int type, String key) {
    for (Structure s : structures) {
      if (s.type() == type) {
        return meaningful(s.values().get(key));
      }
    }
    return null;
  }

  private @Nullable String uuid(@Nullable String text) {
    if (text == null) {
      return null;
    }
    String lower = text.toLowerCase(Locale.ROOT);
    if (UUID.matcher(lower).matches()) {
      return lower;
    }
    if (!lower.equals("not settable")) {
      warnings.add("$.raw.dmidecode", "the system UUID is none");
    }
    return null;
  }

  static @Nullable String meaningful(@Nullable String text) {
    return text == null || NOTHING.contains(text.toLowerCase(Locale.ROOT)) ? null : text;
  }

  private static @Nullable String or(@Nullable String first, @Nullable String second) {
    return first == null ? meaningful(second) : first;
  }

  static long saturatedAdd(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  private static long bytes(long count, String unit) {
    int shift =
        switch (unit) {
          case "kB" -> 10;
          case "MB" -> 20;
          case "GB" -> 30;
          case "TB" -> 40;
          default -> 0;
        };
    return count > (Long.MAX_VALUE >> shift) ? Long.MAX_VALUE : count << shift;
  }
}
