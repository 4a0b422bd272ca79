package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Hardware;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// lscpu's JSON: `{field, data}` pairs, flat before util-linux 2.38, since then with children.
public final class Cpus {
  private static final int MAX_CPUS = 65_536;
  private static final Pattern ARCHITECTURE = Pattern.compile("[A-Za-z0-9_.-]{1,32}");

  private static final Pattern NUMA = Pattern.compile("NUMA node(\\d{1,5}) CPU\\(s\\)");
  private static final Pattern CPU_LIST = Pattern.compile("[0-9,-]{0,200}");
  private static final Pattern MHZ = Pattern.compile("(\\d{1,6})([.,]\\d+)?");

  private Cpus() {}

  /// All that lscpu tells.
  static Hardware.Processors processors(Reader lscpu, Dmi dmi, Lshw lshw) {
    Facts.Cpu cpu = of(lscpu, dmi, lshw);
    Map<String, String> fields = fields(lscpu);
    Matcher mhz = MHZ.matcher(fields.getOrDefault("CPU max MHz", ""));
    return new Hardware.Processors(
        cpu.model(),
        Placeholders.meaningful(fields.get("Vendor ID")),
        cpu.architecture(),
        cpu.sockets(),
        number(fields.get("Core(s) per socket"), 0),
        number(fields.get("Thread(s) per core"), 0),
        cpu.threads(),
        mhz.matches() ? Integer.parseInt(mhz.group(1)) : 0,
        numa(fields));
  }

  private static List<Hardware.NumaNode> numa(Map<String, String> fields) {
    var nodes = new ArrayList<Hardware.NumaNode>();
    fields.forEach((name, cpus) -> {
      Matcher node = NUMA.matcher(name);
      if (node.matches()) {
        nodes.add(
            new Hardware.NumaNode(
                Integer.parseInt(node.group(1)), CPU_LIST.matcher(cpus).matches() ? cpus : ""));
      }
    });
    nodes.sort(Comparator.comparingInt(Hardware.NumaNode::number));
    return nodes;
  }

  private static Map<String, String> fields(Reader lscpu) {
    var fields = new HashMap<String, String>();
    collect(lscpu, "lscpu", fields);
    return fields;
  }

  public static Facts.Cpu of(Reader lscpu, Dmi dmi, Lshw lshw) {
    Map<String, String> fields = fields(lscpu);
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
      String data = field.longText("data"); // The list of flags is long, and not asked for.
      if (name != null && data != null) {
        to.putIfAbsent(
            name.endsWith(":") ? name.substring(0, name.length() - 1) : name, Reader.clean(data));
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
