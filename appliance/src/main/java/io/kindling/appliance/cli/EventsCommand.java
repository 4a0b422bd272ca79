package io.kindling.appliance.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `events`: what happened.
@Command(
    name = "events",
    description = "Prints the newest events, oldest first.",
    mixinStandardHelpOptions = true)
final class EventsCommand implements Callable<Integer> {

  private final Context context;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with those that come.")
  private boolean follow;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      defaultValue = "50",
      description = "How many of those that were (default: ${DEFAULT-VALUE}).")
  private int number;

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  EventsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Operators appliance = context.appliance();
    List<JsonNode> events = appliance.eventsAfter(0);
    events.subList(Math.max(0, events.size() - number), events.size()).forEach(this::print);
    if (!follow) {
      return 0;
    }
    String last = String.valueOf(Operators.lastOf(events, 0));
    appliance.follow("/api/v1/events", last, message -> print(Operators.parse(message.data())));
    throw new CliException(CliError.BROKEN_OFF, "the stream of events ended");
  }

  private void print(JsonNode event) {
    if (json) {
      context.environment().json(event.toString());
    } else if (event.isObject()) {
      context.environment().line(EventLine.of(event));
    }
  }
}
