package io.kindling.appliance.cli;

import static io.kindling.appliance.cli.NodeCommands.text;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// Verbs on a cluster that serves: `osd …`, `node maintenance`, `node evacuate`, `node retire`,
/// `operation …`.
final class DayTwoCommands {
  private static final long LOOK_EVERY_MS = 1000;

  private DayTwoCommands() {}

  /// What every order takes.
  static final class Options {
    @Option(
        names = "--dry-run",
        description = "Print the steps with their commands and whether they may begin; do nothing.")
    private boolean dryRun;

    @Option(names = "--detach", description = "Do not wait for the end.")
    private boolean detach;

    @Option(names = "--json", description = "Print the appliance's answer as JSON.")
    private boolean json;

    int order(Context context, String path, Map<String, Object> body) throws InterruptedException {
      CliEnvironment environment = context.environment();
      Operators appliance = context.appliance();
      long seen = Operators.lastOf(appliance.eventsAfter(0), 0);
      if (dryRun) {
        body.put("dryRun", true);
      }
      JsonNode answer = appliance.send("POST", path, body);
      if (json) {
        environment.json(Operators.pretty(answer));
      } else {
        environment.text(text(answer, "text"));
      }
      if (dryRun) {
        return answer.path("refused").isObject() ? 1 : 0;
      }
      return detach ? 0 : follow(environment, appliance, seen);
    }
  }

  /// Prints events until the operation has ended.
  private static int follow(CliEnvironment environment, Operators appliance, long from)
      throws InterruptedException {
    long seen = from;
    while (true) {
      // State before events: what led to it is then printed too.
      JsonNode operation = appliance.json("/api/v1/operation");
      List<JsonNode> events = appliance.eventsAfter(seen);
      events.forEach(event -> environment.line(EventLine.of(event)));
      seen = Operators.lastOf(events, seen);
      switch (text(operation, "state")) {
        case "done" -> {
          return 0;
        }
        case "failed" -> throw new CliException(CliError.STOPPED, text(operation, "reason"));
        default -> environment.sleeper().sleep(LOOK_EVERY_MS);
      }
    }
  }

  @Command(
      name = "maintenance",
      description = {
        "Takes a host out of service for a while: guests move to other computes while they run;"
            + " its",
        "OSDs stay in while they are down, so no data move. Refused where guests have nowhere to"
            + " go,",
        "or data or the monitors' quorum would stand still without it."
      },
      mixinStandardHelpOptions = true)
  static final class Maintenance implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NODE", description = "Name or id.")
    private String node = "";

    @ArgGroup(multiplicity = "1")
    private Step step = new Step();

    @Mixin private Options options = new Options();

    static final class Step {
      @Option(names = "--enter", description = "Begin; the host may be switched off then.")
      private boolean enter;

      @Option(names = "--exit", description = "End, once its OSDs are back.")
      private boolean exit;

      @Option(names = "--reboot", description = "Begin, reboot, wait until all is back, end.")
      private boolean reboot;
    }

    Maintenance(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
      var body = new LinkedHashMap<String, Object>();
      body.put("step", step.reboot ? "reboot" : step.exit ? "exit" : "enter");
      return options.order(context, Operators.node(node) + "/maintenance", body);
    }
  }

  @Command(
      name = "evacuate",
      description = {
        "Starts the guests of a compute that is dead on other computes, with the disks that they",
        "have in Ceph. Refused where it is alive: what runs twice writes twice to its disk."
      },
      mixinStandardHelpOptions = true)
  static final class Evacuate implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NODE", description = "Name or id.")
    private String node = "";

    @Option(names = "--off", description = "I have seen that it is switched off.")
    private boolean off;

    @Mixin private Options options = new Options();

    Evacuate(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
      var body = new LinkedHashMap<String, Object>();
      body.put("off", off);
      return options.order(context, Operators.node(node) + "/evacuate", body);
    }
  }

  @Command(
      name = "retire",
      description = {
        "Takes a compute out for good: running guests move to others while they run, those that"
            + " are",
        "shut off follow, and Nova, Placement and Neutron forget it. Refused where guests have",
        "nowhere to go."
      },
      mixinStandardHelpOptions = true)
  static final class Retire implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NODE", description = "Name or id.")
    private String node = "";

    @Mixin private Options options = new Options();

    Retire(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
      return options.order(context, Operators.node(node) + "/retire", new LinkedHashMap<>());
    }
  }

  @Command(
      name = "add",
      description = {
        "Makes an OSD of a blank drive that was put into a node. The node is asked what it has;"
            + " only",
        "that drive is partitioned. Refused while copies of data are missing."
      },
      mixinStandardHelpOptions = true)
  static final class Add implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NODE", description = "Name or id.")
    private String node = "";

    @Option(
        names = "--disk",
        paramLabel = "ID",
        description = "Which drive, by id or kernel name; repeatable. Default: the only blank one.")
    private List<String> disks = List.of();

    @Mixin private Options options = new Options();

    Add(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
      var body = new LinkedHashMap<String, Object>();
      body.put("disks", disks);
      return options.order(context, Operators.node(node) + "/osds", body);
    }
  }

  @Command(
      name = "replace",
      description = {
        "Gives an OSD a new drive: the id stays, its db partition is used again. The old OSD is",
        "destroyed, so this is refused until its data are safe elsewhere."
      },
      mixinStandardHelpOptions = true)
  static final class Replace implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "OSD", description = "The OSD's id, a number.")
    private int osd;

    @Option(
        names = "--disk",
        paramLabel = "ID",
        description = "The new drive, by id or kernel name. Default: the only blank one.")
    private String disk = "";

    @Option(names = "--confirm", description = "Do it although the node is protected.")
    private boolean confirmed;

    @ArgGroup private How how = new How();

    @Mixin private Options options = new Options();

    static final class How {
      @Option(
          names = "--drain",
          description = "First mark it out and wait until its data were copied elsewhere.")
      private boolean drain;

      @Option(
          names = "--accept-degraded",
          description =
              "It is dead and there is no room elsewhere: replace it while copies are missing.")
      private boolean degraded;
    }

    Replace(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
      var body = new LinkedHashMap<String, Object>();
      if (!disk.isEmpty()) {
        body.put("disk", disk);
      }
      if (confirmed) {
        body.put("confirm", true);
      }
      body.put("how", how.drain ? "drain" : how.degraded ? "degraded" : "safe");
      return options.order(context, "/api/v1/osds/" + osd + "/replace", body);
    }
  }

  @Command(
      name = "show",
      description = "Tells the last operation and how it stands.",
      mixinStandardHelpOptions = true)
  static final class Show implements Callable<Integer> {
    private final Context context;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    Show(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      JsonNode operation = context.appliance().json("/api/v1/operation");
      if (json) {
        context.environment().json(Operators.pretty(operation));
      } else {
        context
            .environment()
            .line(
                "%s: %s %s"
                    .formatted(
                        text(operation, "title"),
                        text(operation, "state"),
                        text(operation, "reason"))
                    .strip());
      }
      return 0;
    }
  }

  @Command(
      name = "resume",
      description = "Goes on with the operation that stopped half way.",
      mixinStandardHelpOptions = true)
  static final class Resume implements Callable<Integer> {
    private final Context context;

    Resume(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
      Operators appliance = context.appliance();
      long seen = Operators.lastOf(appliance.eventsAfter(0), 0);
      appliance.send("POST", "/api/v1/operation/resume", Map.of());
      return follow(context.environment(), appliance, seen);
    }
  }
}
