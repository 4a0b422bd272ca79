package io.kindling.tests.rack;

import java.util.Set;
import tools.jackson.databind.JsonNode;

/// What `try` shows, once an appliance answers.
interface Trial {

  /// What runs the machines, where there are any.
  String accelerator();

  /// Fills the rack and makes of it what is to be shown.
  ///
  /// @return whether all came to a good end
  boolean run(Terminal terminal, ApplianceProcess appliance, Rack rack);

  static void mustRun(ApplianceProcess appliance, Rack rack) {
    rack.machines().forEach(Machine::mustRun);
    rack.hosts().forEach(ContainerHost::mustRun);
    if (!appliance.isRunning()) {
      throw new RackException(RackError.APPLIANCE_DIED, "see " + appliance.output());
    }
  }

  /// Applies a cluster file and shows its plan.
  static void apply(Terminal terminal, ApplianceClient client, String yaml) {
    ApplianceClient.must(client.send("PUT", "/api/v1/cluster", "application/yaml", yaml));
    terminal.plain(ApplianceClient.must(client.get("/api/v1/cluster/plan?format=table")).body());
  }

  static void deploy(ApplianceClient client) {
    ApplianceClient.must(client.send("POST", "/api/v1/deploy", "application/json", "{}"));
  }

  static boolean all(JsonNode nodes, Set<String> states) {
    return nodes.valueStream().allMatch(node -> states.contains(node.path("state").asString()));
  }

  static boolean any(JsonNode nodes, String state) {
    return nodes.valueStream().anyMatch(node -> node.path("state").asString().equals(state));
  }
}
