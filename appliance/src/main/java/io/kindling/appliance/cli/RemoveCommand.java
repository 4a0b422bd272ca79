package io.kindling.appliance.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `node remove`: a node that is to be forgotten.
@Command(
    name = "remove",
    description = {
      "Forgets a node. Nothing on the machine changes; if it reports again, it is a new node."
    },
    mixinStandardHelpOptions = true)
final class RemoveCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(index = "0", paramLabel = "NODE", description = "Name, id or hardware address.")
  private String node = "";

  @Option(names = "--yes", description = "Also where it runs a system that was installed.")
  private boolean yes;

  RemoveCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    context.appliance().send("DELETE", Operators.node(node), yes ? Map.of("yes", true) : Map.of());
    context.environment().line(node + " is forgotten");
    return 0;
  }
}
