package io.kindling.appliance.cli;

import io.kindling.appliance.console.internal.Words;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `node …`: the inventory.
final class NodeCommands {

  private NodeCommands() {}

  @Command(name = "list", description = "Lists the nodes.", mixinStandardHelpOptions = true)
  static final class Listing implements Callable<Integer> {
    private final Context context;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(names = "--in-state", paramLabel = "STATE", description = "Only nodes in such a state.")
    private List<String> states = List.of();

    @Option(names = "--role", paramLabel = "ROLE", description = "Only nodes with such a role.")
    private List<String> roles = List.of();

    @Option(names = "--label", paramLabel = "LABEL", description = "Only nodes with all of these.")
    private List<String> labels = List.of();

    @Option(
        names = "--find",
        paramLabel = "TEXT",
        description = "Only nodes that have each of these words in name, serial numbers, MACs, …")
    private String find = "";

    @Option(
        names = "--sort",
        paramLabel = "KEY",
        description = {
          "name, state, roles, model, cpus, memory, disks, nics, firmware, seen or discovered; with"
              + " a",
          "dash before it, as in --sort=-memory, the other way round."
        })
    private String sort = "";

    Listing(Context context) {
      this.context = context;
    }

    private String query() {
      var query = new StringJoiner("&", "?", "").setEmptyValue("");
      states.forEach(s -> query.add("state=" + Operators.encode(s)));
      roles.forEach(r -> query.add("role=" + Operators.encode(r)));
      labels.forEach(l -> query.add("label=" + Operators.encode(l)));
      if (!find.isEmpty()) {
        query.add("q=" + Operators.encode(find));
      }
      if (!sort.isEmpty()) {
        query.add("sort=" + Operators.encode(sort));
      }
      return query.toString();
    }

    @Override
    public Integer call() {
      CliEnvironment environment = context.environment();
      String query = query();
      JsonNode nodes = context.appliance().json("/api/v1/nodes" + query);
      if (json) {
        environment.json(Operators.pretty(nodes));
        return 0;
      }
      if (nodes.isEmpty()) {
        environment.say(
            query.isEmpty()
                ? "No machine has reported yet: power some on, with network first."
                : "No node is like that.");
        return 0;
      }
      var table = new Table("NAME", "STATE", "ROLES", "ADDRESS", "BOOT MAC", "DISKS", "SEEN");
      for (JsonNode node : nodes) {
        table.row(
            text(node, "name"),
            state(node),
            joined(node.path("roles")),
            node.path("addresses").valueStream().findFirst().map(a -> a.asString("")).orElse(""),
            text(node, "bootMac"),
            disks(node),
            Words.ago(instant(node.path("lastSeen")), environment.clock().instant()));
      }
      environment.text(table.render());
      return 0;
    }
  }

  @Command(name = "show", description = "Shows one node.", mixinStandardHelpOptions = true)
  static final class Show implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NODE", description = "Name or id.")
    private String node = "";

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    Show(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      CliEnvironment environment = context.environment();
      JsonNode node = context.appliance().json(Operators.node(this.node));
      if (json) {
        environment.json(Operators.pretty(node));
        return 0;
      }
      var about = new Table(text(node, "name"), state(node));
      about.row("id", text(node, "id"));
      row(about, "reason", text(node, "reason"));
      row(about, "waiting", text(node.path("waiting"), "text"));
      row(about, "power", power(node.path("power")));
      row(about, "roles", joined(node.path("roles")));
      row(about, "labels", joined(node.path("labels")));
      about.row("machine", (text(node, "vendor") + " " + text(node, "product")).strip());
      row(about, "serial", text(node, "serial"));
      row(about, "uuid", text(node, "uuid"));
      about.row(
          "firmware",
          (text(node, "firmware") + " " + text(node.path("summary"), "firmwareVersion")).strip()
              + (node.path("secureBoot").asBoolean(false) ? ", Secure Boot" : ""));
      JsonNode cpu = node.path("cpu");
      about.row(
          "cpu",
          "%d × %s, %d threads"
              .formatted(
                  cpu.path("sockets").asInt(0), text(cpu, "model"), cpu.path("threads").asInt(0)));
      about.row("memory", Words.size(node.path("memoryBytes").asLong(0)));
      node.path("addresses")
          .propertyStream()
          .forEach(a -> about.row("address", a.getValue().asString("") + " (" + a.getKey() + ")"));
      for (JsonNode hint : node.path("summary").path("hints")) {
        about.row("odd", hint.asString(""));
      }
      for (JsonNode ailment : node.path("summary").path("ailments")) {
        about.row(
            ailment.path("failing").asBoolean(false) ? "failing" : "worn", text(ailment, "text"));
      }
      row(about, "host key", text(node, "hostKey"));
      about.row("seen", Words.ago(instant(node.path("lastSeen")), environment.clock().instant()));
      environment.text(about.render());

      var disks = new Table("DISK", "ID", "SIZE", "MEDIA", "MODEL", "NOW", "PLANNED");
      for (JsonNode disk : node.path("disks")) {
        disks.row(
            text(disk, "name"),
            text(disk, "id"),
            Words.size(disk.path("sizeBytes").asLong(0)),
            text(disk, "media").toLowerCase(java.util.Locale.ROOT),
            text(disk, "model"),
            parts(disk.path("contents"), "partitionLabel"),
            parts(disk.path("planned"), "label"));
      }
      environment.text("\n" + disks.render());
      var nics = new Table("NIC", "MAC", "LINK", "SPEED", "SWITCH PORT", "ADDRESSES");
      for (JsonNode nic : node.path("nics")) {
        nics.row(
            text(nic, "name"),
            text(nic, "mac"),
            nic.path("linkUp").asBoolean(false) ? "up" : "down",
            Words.speed(nic.path("speedMbps").asLong(0)),
            text(nic, "neighbour"),
            joined(nic.path("addresses")));
      }
      environment.text("\n" + nics.render());
      environment.text(InspectCommands.hardware(node.path("hardware")));
      return 0;
    }
  }

  @Command(
      name = "facts",
      description = "Prints the machine's discovery document, as `plan --facts` reads it.",
      mixinStandardHelpOptions = true)
  static final class FactsOf implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NODE", description = "Name or id.")
    private String node = "";

    FactsOf(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context.environment().json(context.appliance().text(Operators.node(node) + "/facts"));
      return 0;
    }
  }

  @Command(
      name = "label",
      description = "Adds labels to a node or, with a dash behind, takes them away.",
      mixinStandardHelpOptions = true)
  static final class Label implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NODE", description = "Name or id.")
    private String node = "";

    @Parameters(
        index = "1..*",
        arity = "1..*",
        paramLabel = "LABEL[-]",
        description = "`storage` adds the label, `storage-` removes it.")
    private List<String> labels = List.of();

    Label(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      Operators appliance = context.appliance();
      JsonNode now = appliance.json(Operators.node(node));
      var wanted = new TreeSet<String>();
      now.path("labels").forEach(l -> wanted.add(l.asString("")));
      for (String label : labels) {
        if (label.endsWith("-")) {
          wanted.remove(label.substring(0, label.length() - 1));
        } else {
          wanted.add(label);
        }
      }
      var change = new LinkedHashMap<String, Object>();
      change.put("labels", List.copyOf(wanted));
      appliance.send("PATCH", Operators.node(node), change);
      context
          .environment()
          .line(
              text(now, "name")
                  + ": "
                  + (wanted.isEmpty() ? "no labels" : String.join(", ", wanted)));
      return 0;
    }
  }

  @Command(
      name = "rename",
      description = "Gives a node another name.",
      mixinStandardHelpOptions = true)
  static final class Rename implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NODE", description = "Name or id.")
    private String node = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "The new name.")
    private String name = "";

    Rename(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context.appliance().send("PATCH", Operators.node(node), java.util.Map.of("name", name));
      context.environment().line(node + " is now " + name);
      return 0;
    }
  }

  @Command(
      name = "join-token",
      description = {
        "Invites a machine that has its operating system already: prints the lines to run there as",
        "root. The token is for one machine. Nothing on the machine's disks is touched."
      },
      mixinStandardHelpOptions = true)
  static final class JoinToken implements Callable<Integer> {
    private final Context context;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    JoinToken(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      CliEnvironment environment = context.environment();
      JsonNode invitation =
          context.appliance().send("POST", "/api/v1/join-tokens", java.util.Map.of());
      if (json) {
        environment.json(Operators.pretty(invitation));
        return 0;
      }
      environment.say(
          "for one machine, within " + text(invitation, "validFor") + "; run there as root:");
      invitation.path("commands").forEach(command -> environment.line(command.asString("")));
      return 0;
    }
  }

  /// The value as text, "" where there is none.
  static String text(JsonNode json, String key) {
    JsonNode value = json.path(key);
    return value.isNull() || value.isMissingNode() ? "" : value.asString("");
  }

  private static String power(JsonNode power) {
    return power.has("error")
        ? text(power, "error")
        : "%s %s %s"
            .formatted(
                text(power, "kind"),
                text(power, "address"),
                power.has("from") ? "(" + text(power, "from") + ")" : "")
            .strip();
  }

  /// State, and what it is at: `provisioning image 4/8`; what a person is to do first of all.
  static String state(JsonNode node) {
    return text(node.path("waiting"), "text").isEmpty()
        ? task(node)
        : task(node) + ", power-cycle it now";
  }

  private static String task(JsonNode node) {
    JsonNode progress = node.path("progress");
    if (progress.path("of").asInt(0) > 0) {
      return "%s %s %d/%d"
          .formatted(
              text(node, "state"),
              text(progress, "task"),
              progress.path("number").asInt(0),
              progress.path("of").asInt(0));
    }
    return text(node, "state");
  }

  private static String joined(JsonNode list) {
    var joined = new StringJoiner(", ");
    list.forEach(one -> joined.add(one.asString("")));
    return joined.toString();
  }

  private static void row(Table table, String key, String value) {
    if (!value.isEmpty()) {
      table.row(key, value);
    }
  }

  private static String disks(JsonNode node) {
    long bytes = 0;
    for (JsonNode disk : node.path("disks")) {
      bytes += disk.path("sizeBytes").asLong(0);
    }
    return node.path("disks").size() + ", " + Words.size(bytes);
  }

  private static String parts(JsonNode parts, String label) {
    var words = new ArrayList<String>();
    for (JsonNode part : parts) {
      String name = text(part, label);
      long bytes =
          part.has("sizeMib")
              ? part.path("sizeMib").asLong(0) << 20
              : part.path("sizeBytes").asLong(0);
      words.add((name.isEmpty() ? text(part, "name") : name) + " " + Words.size(bytes));
    }
    return String.join(", ", words);
  }

  static Optional<Instant> instant(JsonNode value) {
    try {
      return value.isNull() || value.isMissingNode()
          ? Optional.empty()
          : Optional.of(
              value.isNumber()
                  ? Instant.ofEpochMilli(value.asLong())
                  : Instant.parse(value.asString("")));
    } catch (DateTimeException e) {
      return Optional.empty(); // Shown as "never".
    }
  }
}
