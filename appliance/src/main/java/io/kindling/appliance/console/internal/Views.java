package io.kindling.appliance.console.internal;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/// Turns the API's maps into complete maps of texts and figures for the templates: every key is
/// there, so that a key that is not is a fault. Pure; safe to call with anything a machine can
/// send.
public final class Views {

  /// A node that was silent for longer is shown as such; agents report every 10 s.
  static final Duration PRESENT = Duration.ofSeconds(35);

  /// The order of states in the header: where work stands, then what needs a person.
  static final List<String> STATES =
      List.of(
          "discovered",
          "assigned",
          "provisioning",
          "provisioned",
          "deploying",
          "ready",
          "error",
          "wiping",
          "rescue",
          "quarantined",
          "adoptable",
          "removed");

  private static final Set<String> KNOWN_STATES = Set.copyOf(STATES);
  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  private Views() {}

  /// The page's header.
  public static Map<String, Object> status(Map<String, Object> status, int total) {
    var view = new LinkedHashMap<String, Object>();
    view.put("version", Values.text(status, "version"));
    OptionalLong uptime = Values.number(status, "uptimeSeconds");
    view.put(
        "uptime", uptime.isPresent() ? Words.duration(Duration.ofSeconds(uptime.getAsLong())) : "");
    view.put("memory", memory(Values.map(status, "memory")));
    view.put("total", total);
    return view;
  }

  /// The appliance, for its settings.
  public static Map<String, Object> appliance(Map<String, Object> status) {
    Map<String, Object> view = status(status, 0);
    Map<String, Object> dhcp = Values.map(status, "dhcp");
    view.put("dhcp", Values.text(dhcp, "mode"));
    view.put("silence", Values.text(dhcp, "silence"));
    view.put("others", Values.texts(dhcp, "otherServers"));
    view.put("missing", Values.texts(status, "missingImages"));
    return view;
  }

  /// A node, for its row in the list.
  public static Map<String, Object> row(Map<String, Object> node, Instant now) {
    Map<String, Object> summary = Values.map(node, "summary");
    var view = new LinkedHashMap<String, Object>();
    identity(view, node);
    view.put("labels", links("label", Values.texts(node, "labels")));
    view.put("roles", links("role", Values.texts(node, "roles")));
    view.put("hardware", join(" ", Values.text(summary, "vendor"), Values.text(summary, "model")));
    view.put("serial", Values.text(summary, "serial"));
    view.put("cpus", count(summary, "cpus"));
    view.put("cpuModel", Values.text(summary, "cpuModel"));
    long mib = Values.number(summary, "memoryMib").orElse(0);
    view.put("memory", mib > 0 ? Words.size(mib << 20) : "");
    String modules = count(summary, "memoryModules");
    view.put("modules", modules.isEmpty() ? "" : modules + " DIMMs");
    view.put("disks", count(summary, "disks"));
    long bytes = Values.number(summary, "diskBytes").orElse(0);
    view.put("diskSize", bytes > 0 ? Words.size(bytes) : "");
    view.put("nics", count(summary, "nics"));
    view.put("speed", Words.speed(Values.number(summary, "nicSpeedMbps").orElse(0)));
    view.put("firmware", Values.text(summary, "firmware").toUpperCase(Locale.ROOT));
    view.put("firmwareVersion", Values.text(summary, "firmwareVersion"));
    view.put("hints", Values.texts(summary, "hints"));
    view.put("ailments", ailments(summary));
    view.put("progress", progress(Values.map(node, "progress")));
    seen(view, node, now);
    return view;
  }

  /// What it is called, where it stands, what is said of it.
  private static void identity(Map<String, Object> view, Map<String, Object> node) {
    String id = Values.text(node, "id");
    String name = Values.text(node, "name");
    String key = PLAIN_NAME.matcher(name).matches() ? name : id;
    view.put("id", id);
    view.put("name", name.isEmpty() ? id : name);
    view.put("key", URLEncoder.encode(key, StandardCharsets.UTF_8).replace("+", "%20"));
    view.put("state", stateOf(node));
    view.put("stage", Values.text(node, "stage"));
    view.put("reason", Values.text(node, "reason"));
    view.put("waiting", Values.text(Values.map(node, "waiting"), "text"));
    view.put("labels", Values.texts(node, "labels"));
    view.put("roles", Values.texts(node, "roles"));
  }

  /// Each with the list of the nodes that have it too.
  private static List<Map<String, Object>> links(String parameter, List<String> values) {
    var views = new ArrayList<Map<String, Object>>();
    for (String value : values) {
      String href = "/?" + parameter + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
      views.add(Map.of("text", value, "href", href));
    }
    return views;
  }

  private static void seen(Map<String, Object> view, Map<String, Object> node, Instant now) {
    Optional<Instant> seen = Values.instant(node, "lastSeen");
    view.put("seen", Words.ago(seen, now));
    view.put("seenAt", seen.map(Instant::toString).orElse(""));
    view.put(
        "present", seen.map(at -> Duration.between(at, now).compareTo(PRESENT) < 0).orElse(false));
  }

  /// Parts that fail or are worn.
  private static List<Map<String, Object>> ailments(Map<String, Object> summary) {
    var views = new ArrayList<Map<String, Object>>();
    for (Map<String, Object> ailment : Values.maps(summary, "ailments")) {
      views.add(
          Map.of(
              "kind",
              Values.flag(ailment, "failing") ? "failing" : "worn",
              "text",
              Values.text(ailment, "text")));
    }
    return views;
  }

  private static String count(Map<String, Object> summary, String key) {
    long number = Values.number(summary, key).orElse(0);
    return number > 0 ? String.valueOf(number) : "";
  }

  /// A node, for its own page.
  public static Map<String, Object> node(Map<String, Object> node, Instant now) {
    var view = new LinkedHashMap<String, Object>();
    Map<String, Object> summary = Values.map(node, "summary");
    identity(view, node);
    view.put("power", power(Values.map(node, "power")));
    view.put("hints", Values.texts(summary, "hints"));
    view.put("ailments", ailments(summary));
    view.put("firmwareVersion", Values.text(summary, "firmwareVersion"));
    view.put("hardware", join(" ", Values.text(node, "vendor"), Values.text(node, "product")));
    view.put("serial", Values.text(node, "serial"));
    view.put("uuid", Values.text(node, "uuid"));
    view.put("firmware", firmware(node));
    view.put("cpu", cpu(Values.map(node, "cpu")));
    OptionalLong memory = Values.number(node, "memoryBytes");
    view.put(
        "memory",
        memory.isPresent() && memory.getAsLong() > 0 ? Words.size(memory.getAsLong()) : "");
    view.put("disks", Values.maps(node, "disks").stream().map(DiskBars::of).toList());
    view.put("diskText", diskText(Values.maps(node, "disks")));
    view.put("nics", nics(node));
    view.put("addresses", addresses(node));
    view.put("macs", Values.texts(node, "macs"));
    view.put("bootMac", Values.text(node, "bootMac"));
    view.put("boot", boot(Values.map(node, "boot"), now));
    view.put("stages", stages(Values.map(node, "boot"), now));
    view.put("progress", progress(Values.map(node, "progress")));
    view.put("existing", !Values.text(node, "machineId").isEmpty());
    view.put("serves", serves(node));
    view.put("compute", Values.texts(node, "roles").contains("compute"));
    view.put(
        "revocable", stateOf(node).equals("wiping") && Values.text(node, "stage").equals("boot"));
    view.put("onDisk", Values.flag(node, "onDisk"));
    view.put("hostKey", Values.text(node, "hostKey"));
    view.put("attempt", Values.text(node, "attempt"));
    view.put("version", Values.text(node, "version"));
    seen(view, node, now);
    view.put("discovered", Words.ago(Values.instant(node, "discovered"), now));
    view.put("reported", Words.ago(Values.instant(node, "reported"), now));
    return view;
  }

  /// Events for the eye, newest first.
  public static List<Map<String, Object>> events(List<Map<String, Object>> events, Instant now) {
    var views = new ArrayList<Map<String, Object>>();
    for (Map<String, Object> event : events) {
      var view = new LinkedHashMap<String, Object>();
      Optional<Instant> at = Values.instant(event, "at");
      view.put("number", Values.number(event, "sequence").orElse(0));
      view.put("at", at.map(Instant::toString).orElse(""));
      view.put("ago", Words.ago(at, now));
      String name = Values.text(event, "nodeName");
      view.put("node", name.isEmpty() ? Values.text(event, "node") : name);
      view.put("nodeId", Values.text(event, "node"));
      view.put("kind", Values.text(event, "kind"));
      view.put("error", Values.text(event, "error"));
      view.put("text", Values.text(event, "text"));
      views.add(view);
    }
    return views.reversed();
  }

  /// The node's state where it is one we know, else `unknown`: it becomes a CSS class.
  private static String stateOf(Map<String, Object> node) {
    String state = Values.text(node, "state").toLowerCase(Locale.ROOT);
    return KNOWN_STATES.contains(state) ? state : "unknown";
  }

  /// Whether it was installed for a cluster.
  private static boolean serves(Map<String, Object> node) {
    return Values.flag(node, "onDisk")
        && Values.texts(node, "roles").stream().anyMatch(role -> !role.equals("base"));
  }

  private static String memory(Map<String, Object> memory) {
    for (String key : List.of("residentBytes", "resident", "usedBytes", "heapUsedBytes", "used")) {
      OptionalLong bytes = Values.number(memory, key);
      if (bytes.isPresent()) {
        return Words.size(bytes.getAsLong());
      }
    }
    return "";
  }

  private static String firmware(Map<String, Object> node) {
    String firmware = Values.text(node, "firmware").toUpperCase(Locale.ROOT);
    return Values.flag(node, "secureBoot") ? firmware + ", Secure Boot" : firmware;
  }

  /// How a BMC is reached, in words; empty where nothing says so.
  public static String power(Map<String, Object> power) {
    String user = Values.text(power, "user");
    String by =
        join(
            " ",
            join(" ", Values.text(power, "kind"), Values.text(power, "address")),
            user.isEmpty() ? "" : "as " + user);
    return by.isEmpty() ? Values.text(power, "error") : by;
  }

  private static String cpu(Map<String, Object> cpu) {
    long sockets = Values.number(cpu, "sockets").orElse(0);
    long threads = Values.number(cpu, "threads").orElse(0);
    String model = Values.text(cpu, "model");
    String text = sockets > 1 ? sockets + " × " + model : model;
    String count = threads == 0 ? "" : threads + (threads == 1 ? " thread" : " threads");
    return text.isEmpty() || count.isEmpty() ? text + count : text + ", " + count;
  }

  private static String diskText(List<Map<String, Object>> disks) {
    long bytes = disks.stream().mapToLong(d -> Values.number(d, "sizeBytes").orElse(0)).sum();
    return switch (disks.size()) {
      case 0 -> "none";
      case 1 -> "1 disk, " + Words.size(bytes);
      default -> disks.size() + " disks, " + Words.size(bytes);
    };
  }

  private static List<Map<String, Object>> nics(Map<String, Object> node) {
    var views = new ArrayList<Map<String, Object>>();
    String bootMac = Values.text(node, "bootMac");
    for (Map<String, Object> nic : Values.maps(node, "nics")) {
      var view = new LinkedHashMap<String, Object>();
      String mac = Values.text(nic, "mac");
      view.put("name", Values.text(nic, "name"));
      view.put("mac", mac);
      view.put("link", Values.flag(nic, "linkUp"));
      view.put("boots", !mac.isEmpty() && mac.equalsIgnoreCase(bootMac));
      view.put("addresses", String.join(", ", Values.texts(nic, "addresses")));
      view.put("speed", Words.speed(Values.number(nic, "speedMbps").orElse(0)));
      view.put("neighbour", Values.text(nic, "neighbour"));
      views.add(view);
    }
    return views;
  }

  private static List<Map<String, Object>> addresses(Map<String, Object> node) {
    var views = new ArrayList<Map<String, Object>>();
    Values.map(node, "addresses")
        .forEach((network, address) ->
            views.add(Map.of("network", network, "address", address.toString())));
    return views;
  }

  private static String boot(Map<String, Object> boot, Instant now) {
    String stage = Values.text(boot, "stage").toLowerCase(Locale.ROOT);
    Optional<Instant> at = Values.instant(boot, "at");
    if (stage.isEmpty()) {
      return "";
    }
    String missing = Values.text(boot, "missing");
    return (at.isPresent() ? stage + ", " + Words.ago(at, now) : stage)
        + (missing.isEmpty() ? "" : ": " + missing);
  }

  /// The stages of the last boot, each with the time since the one before.
  private static List<Map<String, Object>> stages(Map<String, Object> boot, Instant now) {
    var views = new ArrayList<Map<String, Object>>();
    Optional<Instant> before = Optional.empty();
    for (Map<String, Object> step : Values.maps(boot, "stages")) {
      Optional<Instant> at = Values.instant(step, "at");
      String after =
          before.isPresent() && at.isPresent()
              ? "+" + Words.duration(Duration.between(before.get(), at.get()))
              : "";
      views.add(
          Map.of(
              "stage", Values.text(step, "stage"),
              "at", at.map(Instant::toString).orElse(""),
              "ago", Words.ago(at, now),
              "after", after,
              "detail", Values.text(step, "detail")));
      before = at;
    }
    return views;
  }

  private static Map<String, Object> progress(Map<String, Object> progress) {
    var view = new LinkedHashMap<String, Object>();
    String task = Values.text(progress, "task");
    long number = Values.number(progress, "number").orElse(0);
    long of = Values.number(progress, "of").orElse(0);
    OptionalLong percent = Values.number(progress, "percent");
    boolean shown = !task.isEmpty() && of > 0;
    long ofTask = Math.clamp(percent.orElse(0), 0, 100);
    view.put("shown", shown);
    view.put("task", task);
    view.put("number", number);
    view.put("of", of);
    view.put(
        "percent", shown ? Math.clamp((Math.max(0, number - 1) * 100 + ofTask) / of, 0, 100) : 0);
    view.put("detail", percent.isPresent() ? ofTask + " %" : "");
    return view;
  }

  private static String join(String between, String a, String b) {
    return a.isEmpty() || b.isEmpty() ? a + b : a + between + b;
  }
}
