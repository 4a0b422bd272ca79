package io.kindling.appliance.cli;

import static io.kindling.appliance.cli.NodeCommands.text;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `node adopt`: a machine that another appliance installed.
@Command(
    name = "adopt",
    description = {
      "Brings in a machine that another appliance installed (state adoptable). It keeps its system",
      "and its disks and is never installed. With the former appliance's key at once; without, the",
      "machine boots once over the network, where this appliance's key is let into its system."
    },
    mixinStandardHelpOptions = true)
final class AdoptCommand implements Callable<Integer> {

  private final Context context;

  @Parameters(index = "0", paramLabel = "NODE", description = "Name or id.")
  private String node = "";

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description =
          "The former appliance's id_ed25519; - is standard input. Used once, kept nowhere.")
  private @Nullable Path key;

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      description = "Where its system answers, where that is not what its disk says.")
  private String address = "";

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  AdoptCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Map<String, Object> order = new LinkedHashMap<>();
    if (key != null) {
      order.put(
          "key", new String(GivenFiles.read(context.environment(), key), StandardCharsets.UTF_8));
    }
    if (!address.isEmpty()) {
      order.put("address", address);
    }
    JsonNode outcome = context.appliance().send("POST", Operators.node(node) + "/adopt", order);
    if (json) {
      context.environment().json(Operators.pretty(outcome));
    } else {
      context.environment().line(text(outcome, "text"));
    }
    return 0;
  }
}
