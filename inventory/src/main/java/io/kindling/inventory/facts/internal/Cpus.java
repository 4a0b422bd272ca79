package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Facts;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// lscpu's JSON: `{field, data}` pairs, flat before util-linux 2.38, since then with children.
public final class Cpus {
  private static final int MAX_CPUS = 65_536;
  private static final Pattern ARCHITECTURE = Pattern.compile("[A-Za-z0-9_.-]{1,32}");

  private Cpus() {}

  public static Facts.Cpu of(Reader lscpu, Dmi dmi, Lshw lshw) {
    var fields = new HashMap<String, String>();
    collect(lscpu, "lscpu", fields);
    String architecture = fields.getOrDefault("Architecture", lshw.x86() ? "x86_64" : "unknown");
    if (!ARCHITECTURE.matcher(architecture).matches()) {
      architecture = "unknown";
    }
    int sockets = number(fields.get("Socket(s)"), dmi.sockets());
    int threads = number(fields.get("CPU(s)"), 0);
    String model = fields.get("Model name");
    if (model == null) {
      String other = dmi.cpuModel();
      model = other == null ? lshw.cpuModel() : other;
    }
    return new Facts.Cpu(model, architecture, sockets, threads);
  }

  private static void collect(Reader from, String key, Map<String, String> to) {
    for (Reader field : from.objects(key)) {
      String name = field.text("field");
      String data = field.text("data");
      if (name != null && data != null) {
        to.putIfAbsent(name.endsWith(":") ? name.substring(0, name.length() - 1) : name, data);
      }
      if (field.has("children")) {
        collect(field, "children", to);
      }
    }
  }

  /// "-" stands for unknown (sockets of some virtual machines).
  private static int number(@Nullable String text, int otherwise) {
    return text != null && text.matches("\\d{1,6}")
        ? Math.min(Integer.parseInt(text), MAX_CPUS)
        : otherwise;
  }
}
