package io.kindling.appliance.cli;

import static io.kindling.appliance.cli.NodeCommands.text;

import io.kindling.appliance.console.internal.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `cluster verify`: do the networks carry what the cluster file plans, before anything is deployed
/// on them?
@Command(
    name = "verify",
    description =
        "Sends frames between all nodes of the cluster on every network, VLAN and bond's member,"
            + " and asks for gateways, DNS and time. Nodes run the bootstrap or their own system;"
            + " nothing stays changed. Exit status 1 where something is wrong.",
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {

  private static final String PATH = "/api/v1/cluster/networks";

  private final Context context;

  @Option(names = "--last", description = "Print the last result instead of verifying anew.")
  private boolean last;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  VerifyCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    CliEnvironment environment = context.environment();
    JsonNode seen =
        last ? context.appliance().json(PATH) : context.appliance().send("POST", PATH, Map.of());
    int status = seen.path("good").asBoolean(false) ? 0 : 1;
    if (json) {
      environment.json(Operators.pretty(seen));
      return status;
    }
    for (JsonNode network : seen.path("networks")) {
      environment.line(head(network));
      environment.text(matrix(network));
      environment.line("");
    }
    environment.line("= passes, s small frames only, x nothing, ? not asked, . own");
    environment.line(
        "verified %s ago, in %d s: %s"
            .formatted(
                Words.duration(Duration.ofSeconds(seen.path("ageSeconds").asLong(0))),
                seen.path("seconds").asLong(0),
                status == 0 ? "nothing wrong" : seen.path("faults").size() + " findings"));
    for (JsonNode fault : seen.path("faults")) {
      JsonNode finding = fault.path("finding");
      String network = text(fault, "network");
      environment.line("");
      environment.line(
          text(finding, "error")
              + (network.isEmpty() ? " " : " [" + network + "] ")
              + text(finding, "summary"));
      environment.line("  " + text(finding, "seen"));
      environment.line("  " + text(finding, "cure"));
    }
    return status;
  }

  private static String head(JsonNode network) {
    int vlan = network.path("vlan").asInt(0);
    return "%s, %s, MTU %d"
        .formatted(
            text(network, "network"),
            vlan == 0 ? "untagged" : "VLAN " + vlan,
            network.path("mtu").asInt(0));
  }

  /// A row for each port with what arrives of its frames at the port of each column's number.
  private static String matrix(JsonNode network) {
    JsonNode ports = network.path("ports");
    var heads = new ArrayList<>(List.of("FROM", "NODE", "NIC", "ADDRESS", "SWITCH"));
    for (int i = 1; i <= ports.size(); i++) {
      heads.add(Integer.toString(i));
    }
    var table = new Table(heads.toArray(String[]::new));
    for (int i = 0; i < ports.size(); i++) {
      JsonNode port = ports.path(i);
      var cells =
          new ArrayList<>(
              List.of(
                  Integer.toString(i + 1),
                  text(port, "node"),
                  text(port, "nic"),
                  text(port, "address"),
                  text(port, "at")));
      network
          .path("rows")
          .path(i)
          .asString("")
          .chars()
          .forEach(c -> cells.add(Character.toString(c)));
      table.row(cells.toArray(String[]::new));
    }
    return table.render();
  }
}
