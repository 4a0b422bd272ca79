package io.kindling.appliance.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `logs`: one node's log.
@Command(name = "logs", description = "Prints a node's log.", mixinStandardHelpOptions = true)
final class LogsCommand implements Callable<Integer> {

  private final Context context;

  @Parameters(index = "0", paramLabel = "NODE", description = "Name or id.")
  private String node = "";

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with what comes.")
  private boolean follow;

  LogsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    String path = "/api/v1/logs/" + Operators.encode(node);
    if (!follow) {
      context.environment().text(context.appliance().text(path));
      return 0;
    }
    context
        .appliance()
        .follow(path + "?follow=1", "", message -> context.environment().text(message.data()));
    throw new CliException(CliError.BROKEN_OFF, "the stream of the log ended");
  }
}
