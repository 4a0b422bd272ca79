package io.kindling.appliance.cli;

import io.kindling.appliance.console.Visible;
import io.kindling.appliance.console.internal.HardwareTree;
import io.kindling.appliance.console.internal.Words;
import io.kindling.appliance.http.Json;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `node …`: what one looks into when something is odd.
final class InspectCommands {
  private InspectCommands() {}

  @Command(
      name = "refused",
      description = {
        "Lists the last reports of machines that were refused, or prints one of them, as it came,"
            + " to",
        "the standard output."
      },
      mixinStandardHelpOptions = true)
  static final class Refused implements Callable<Integer> {
    private final Context context;

    @Parameters(
        index = "0",
        arity = "0..1",
        paramLabel = "ID",
        description = "The report to print, as listed.")
    private @Nullable String id;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    Refused(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      CliEnvironment environment = context.environment();
      if (id != null) {
        String report = context.appliance().text("/api/v1/refused-reports/" + Operators.encode(id));
        environment.text(Visible.lines(report));
        return 0;
      }
      JsonNode refused = context.appliance().json("/api/v1/refused-reports");
      if (json) {
        environment.json(Operators.pretty(refused));
        return 0;
      }
      if (refused.isEmpty()) {
        environment.say("No report was refused.");
        return 0;
      }
      var table = new Table("ID", "WHEN", "FROM", "ERROR", "SIZE", "REASON");
      for (JsonNode report : refused) {
        table.row(
            NodeCommands.text(report, "id"),
            Words.ago(NodeCommands.instant(report.path("at")), environment.clock().instant()),
            NodeCommands.text(report, "from"),
            NodeCommands.text(report, "error"),
            Words.size(report.path("bytes").asLong(0)),
            NodeCommands.text(report, "reason"));
      }
      environment.text(table.render());
      return 0;
    }
  }

  @Command(
      name = "kickstart",
      description = {
        "Prints the kickstart that the node would get now, without the attempt's token, which is"
            + " its",
        "one secret."
      },
      mixinStandardHelpOptions = true)
  static final class KickstartOf implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NODE", description = "Name or id.")
    private String node = "";

    KickstartOf(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context
          .environment()
          .text(Visible.lines(context.appliance().text(Operators.node(node) + "/kickstart")));
      return 0;
    }
  }

  /// The hardware in depth, as `node show` prints it.
  static String hardware(JsonNode hardware) {
    if (!hardware.isObject()) {
      return "";
    }
    var text = new StringBuilder();
    for (Map<String, Object> section : HardwareTree.of(Json.map(hardware))) {
      text.append('\n')
          .append(Visible.line(section.get("title") + ": " + section.get("summary")))
          .append('\n');
      var table = new Table(upper(section.get("heads")));
      for (Object row : (List<?>) section.getOrDefault("rows", List.of())) {
        table.row(cells(row));
      }
      text.append(table.render());
    }
    return text.toString();
  }

  private static String[] cells(@Nullable Object row) {
    return row instanceof List<?> list
        ? list.stream().map(String::valueOf).toArray(String[]::new)
        : new String[0];
  }

  private static String[] upper(@Nullable Object heads) {
    String[] cells = cells(heads);
    for (int i = 0; i < cells.length; i++) {
      cells[i] = cells[i].toUpperCase(java.util.Locale.ROOT);
    }
    return cells;
  }
}
