package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Facts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// dmidecode's text: structures (`Handle 0x0100, DMI type 1, 27 bytes`), their title, and
/// tab-indented `Key: value` lines. Lists under a key (two tabs) are not needed and skipped.
public final class Dmi {
  private static final Pattern HANDLE =
      Pattern.compile("Handle 0x[0-9A-Fa-f]+, DMI type (\\d+),.*");
  private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final int MAX_STRUCTURES = 10_000;

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

  /// The values of all structures of that type, in the table's order.
  List<Map<String, String>> structures(int type) {
    return structures.stream().filter(s -> s.type() == type).map(Structure::values).toList();
  }

  /// The model of the first populated processor (type 4).
  public @Nullable String cpuModel() {
    for (Structure s : structures) {
      if (populated(s)) {
        return Placeholders.meaningful(s.values().get("Version"));
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
        return Placeholders.meaningful(s.values().get(key));
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

  private static @Nullable String or(@Nullable String first, @Nullable String second) {
    return first == null ? Placeholders.meaningful(second) : first;
  }
}
