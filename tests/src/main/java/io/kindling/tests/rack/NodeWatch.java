package io.kindling.tests.rack;

import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Tells a terminal what changed in the inventory since the last look. Not thread-safe.
final class NodeWatch {

  private final ApplianceClient client;
  private final Terminal terminal;
  private final Map<String, String> last = new HashMap<>();

  NodeWatch(ApplianceClient client, Terminal terminal) {
    this.client = client;
    this.terminal = terminal;
  }

  /// Looks once, tells what changed, and returns the nodes.
  JsonNode look() {
    JsonNode nodes = client.nodes();
    for (JsonNode node : nodes) {
      String line = describe(node);
      if (!line.equals(last.put(node.path("id").asString(), line))) {
        terminal.say(line);
      }
    }
    return nodes;
  }

  private static String describe(JsonNode node) {
    var line = new StringBuilder();
    line.append(String.format("%-14s %s", text(node, "name"), text(node, "state")));
    for (String key : new String[] {"stage", "reason"}) {
      if (!text(node, key).isEmpty()) {
        line.append(key.equals("reason") ? ": " : ", ").append(text(node, key));
      }
    }
    JsonNode percent = node.path("progress").path("percent");
    if (percent.isNumber() && text(node, "reason").isEmpty()) {
      line.append(", ").append(percent.asInt() / 25 * 25).append(" %");
    }
    return line.toString();
  }

  private static String text(JsonNode node, String key) {
    JsonNode value = node.path(key);
    return value.isMissingNode() || value.isNull() ? "" : value.asString();
  }
}
