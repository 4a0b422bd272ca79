package io.kindling.appliance.cli;

import static io.kindling.appliance.cli.NodeCommands.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `deploy`: installs what is assigned.
@Command(
    name = "deploy",
    description = "Installs the assigned nodes, or only those named.",
    mixinStandardHelpOptions = true)
final class DeployCommand implements Callable<Integer> {

  private static final long LOOK_EVERY_MS = 1000;
  private static final Set<String> DONE = Set.of("provisioned", "ready");
  private static final Set<String> FAILED = Set.of("error", "quarantined", "removed");

  private final Context context;

  @Option(names = "--resume", description = "Go on with nodes in error where they stopped.")
  private boolean resume;

  @Option(
      names = "--reinstall",
      arity = "1..*",
      paramLabel = "NODE",
      description = "Install these anew although they are installed; their disks are wiped.")
  private List<String> reinstall = List.of();

  @Option(
      names = "--confirm",
      arity = "1..*",
      paramLabel = "NODE",
      description = {
        "Their disks that are known only by their place may be wiped, and they may be although"
            + " they",
        "are protected."
      })
  private List<String> confirmed = List.of();

  @Option(
      names = "--skip",
      arity = "1..*",
      paramLabel = "NODE",
      description =
          "Go on without these, which stopped in a phase; --resume NODE takes one in again.")
  private List<String> skip = List.of();

  @Option(names = "--pause", description = "Stop what runs as soon as may be; --resume goes on.")
  private boolean pause;

  @Option(
      names = "--wait",
      description = "Follow the events until all are done; fail where one failed.")
  private boolean wait;

  @Option(names = "--json", description = "Print the appliance's answer as JSON.")
  private boolean json;

  @Parameters(arity = "0..*", paramLabel = "NODE", description = "Only these nodes.")
  private List<String> nodes = List.of();

  DeployCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    CliEnvironment environment = context.environment();
    Operators appliance = context.appliance();
    long seen = Operators.lastOf(appliance.eventsAfter(0), 0);
    var order = new LinkedHashMap<String, Object>();
    if (resume) {
      order.put("resume", true);
    }
    if (!reinstall.isEmpty()) {
      order.put("reinstall", reinstall);
    }
    if (!confirmed.isEmpty()) {
      order.put("confirm", confirmed);
    }
    if (!nodes.isEmpty()) {
      order.put("nodes", nodes);
    }
    if (!skip.isEmpty()) {
      order.put("skip", skip);
    }
    if (pause) {
      return stopped(environment, appliance, order);
    }
    JsonNode answer = appliance.send("POST", "/api/v1/deploy", order);
    var started = new LinkedHashSet<String>();
    for (JsonNode node : answer.path("nodes")) {
      if (List.of("started", "running").contains(text(node, "outcome"))) {
        started.add(text(node, "node"));
      }
      if (!json) {
        environment.line(line(node));
      }
    }
    if (json) {
      environment.json(Operators.pretty(answer));
    }
    if (started.isEmpty()) {
      environment.say("nothing to do: assign nodes first, with `kindling cluster apply`");
      return 0;
    }
    var phases = new LinkedHashSet<String>();
    answer.path("phases").forEach(name -> phases.add(name.asString("")));
    return wait ? follow(environment, appliance, started, phases, seen) : 0;
  }

  private static String line(JsonNode node) {
    return "%-10s %s: %s"
        .formatted(text(node, "outcome"), text(node, "node"), text(node, "detail"));
  }

  private int stopped(CliEnvironment environment, Operators appliance, Map<String, Object> order) {
    if (!order.isEmpty() || wait) {
      throw new CliException(CliError.USAGE, "--pause stands alone");
    }
    JsonNode answer = appliance.send("POST", "/api/v1/deploy/pause", Map.of());
    if (json) {
      environment.json(Operators.pretty(answer));
      return 0;
    }
    answer.path("nodes").forEach(node -> environment.line(line(node)));
    if (answer.path("nodes").isEmpty()) {
      environment.say("nothing runs");
    }
    return 0;
  }

  /// @param phases nodes that are done only when they are `ready`
  private int follow(
      CliEnvironment environment,
      Operators appliance,
      Set<String> started,
      Set<String> phases,
      long from)
      throws InterruptedException {
    long seen = from;
    while (true) {
      // States before events: what led to the last state is then printed too.
      Map<String, JsonNode> nodes = startedNodes(appliance, started);
      boolean settled =
          nodes.entrySet().stream()
              .allMatch(n -> {
                String state = text(n.getValue(), "state");
                return FAILED.contains(state)
                    || (phases.contains(n.getKey()) ? state.equals("ready") : DONE.contains(state));
              });
      List<JsonNode> events = appliance.eventsAfter(seen);
      for (JsonNode event : events) {
        environment.line(EventLine.of(event));
      }
      seen = Operators.lastOf(events, seen);
      if (settled && nodes.size() == started.size()) {
        return outcome(environment, nodes);
      }
      environment.sleeper().sleep(LOOK_EVERY_MS);
    }
  }

  private static int outcome(CliEnvironment environment, Map<String, JsonNode> nodes) {
    var table = new Table("NODE", "STATE", "REASON");
    var failed = new ArrayList<String>();
    nodes.forEach((name, node) -> {
      String state = text(node, "state");
      table.row(text(node, "name"), state, text(node, "reason"));
      if (!DONE.contains(state)) {
        failed.add(text(node, "name"));
      }
    });
    environment.text("\n" + table.render());
    if (!failed.isEmpty()) {
      throw new CliException(CliError.NOT_INSTALLED, String.join(", ", failed));
    }
    return 0;
  }

  private static Map<String, JsonNode> startedNodes(Operators appliance, Set<String> started) {
    var found = new LinkedHashMap<String, JsonNode>();
    for (JsonNode node : appliance.json("/api/v1/nodes")) {
      if (started.contains(text(node, "name"))) {
        found.put(text(node, "name"), node);
      } else if (started.contains(text(node, "id"))) {
        found.put(text(node, "id"), node);
      }
    }
    return found;
  }
}
