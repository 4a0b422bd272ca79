package io.kindling.appliance.cli;

import io.kindling.appliance.console.internal.Words;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `status`: the appliance itself.
@Command(
    name = "status",
    description = "Shows whether the appliance runs and how many nodes are in which state.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

  private final Context context;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  StatusCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    JsonNode status = context.appliance().json("/api/v1/status");
    if (json) {
      context.environment().json(Operators.pretty(status));
      return 0;
    }
    var table = new Table("appliance", "runs");
    flatten(table, "", status);
    context.environment().text(table.render());
    return 0;
  }

  private static void flatten(Table table, String prefix, JsonNode object) {
    object
        .propertyStream()
        .forEach(property -> {
          String key = prefix + property.getKey();
          JsonNode value = property.getValue();
          if (value.isObject()) {
            flatten(table, key + " ", value);
          } else if (value.isNumber() && key.endsWith("Bytes")) {
            table.row(key.substring(0, key.length() - 5), Words.size(value.asLong()));
          } else {
            table.row(key, value.isValueNode() ? value.asString("") : value.toString());
          }
        });
  }
}
