package io.kindling.appliance.cli;

import static io.kindling.appliance.cli.NodeCommands.text;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `check`: is the running cluster as planned, and does it do what it is for?
@Command(
    name = "check",
    description =
        "Looks whether the cluster is as planned and uses it as its services do; changes nothing"
            + " that stays. Exit status 1 where something is wrong.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {

  private final Context context;

  @Option(names = "--all", description = "Print everything that was looked at.")
  private boolean all;

  @Option(names = "--json", description = "Print everything as JSON.")
  private boolean json;

  CheckCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    CliEnvironment environment = context.environment();
    JsonNode looked = context.appliance().send("POST", "/api/v1/check", Map.of());
    int status = looked.path("good").asBoolean(false) ? 0 : 1;
    if (json) {
      environment.json(Operators.pretty(looked));
      return status;
    }
    environment.text(all ? everything(looked) : counts(looked));
    for (JsonNode row : looked.path("rows")) {
      JsonNode finding = row.path("finding");
      if (finding.isObject()) {
        environment.line("");
        environment.line(text(finding, "error") + " " + text(finding, "summary"));
        environment.line("  " + text(finding, "seen"));
        environment.line("  " + text(finding, "cure"));
      }
    }
    return status;
  }

  private static String everything(JsonNode looked) {
    var table = new Table("CHECK", "SUBJECT", "EXPECTED", "ACTUAL", "SECONDS", "FINDING");
    for (JsonNode row : looked.path("rows")) {
      table.row(
          text(row, "check"),
          text(row, "subject"),
          text(row, "expected"),
          text(row, "actual"),
          row.path("seconds").asString(""),
          row.path("finding").path("error").asString(""));
    }
    return table.render();
  }

  private static String counts(JsonNode looked) {
    var good = new LinkedHashMap<String, Integer>();
    var of = new LinkedHashMap<String, Integer>();
    for (JsonNode row : looked.path("rows")) {
      of.merge(text(row, "check"), 1, Integer::sum);
      good.merge(text(row, "check"), row.path("finding").isObject() ? 0 : 1, Integer::sum);
    }
    var table = new Table("CHECK", "AS EXPECTED");
    of.forEach((check, count) -> table.row(check, good.get(check) + " of " + count));
    return table.render();
  }
}
