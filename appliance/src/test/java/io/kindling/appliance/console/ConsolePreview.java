package io.kindling.appliance.console;

import io.undertow.Undertow;
import java.time.InstantSource;
import java.util.concurrent.Executors;

/// Serves the fixture's console on 127.0.0.1:8499, to be looked at: `rack`, `empty`, or `hostile`.
final class ConsolePreview {

  private ConsolePreview() {}

  public static void main(String[] args) {
    FixtureModel model =
        switch (args.length == 0 ? "rack" : args[0]) {
          case "empty" -> FixtureModel.empty();
          case "hostile" -> FixtureModel.hostile();
          default -> FixtureModel.rack();
        };
    var handler =
        new ConsoleHandler(
            model,
            Executors.newVirtualThreadPerTaskExecutor(),
            InstantSource.fixed(FixtureModel.NOW));
    Undertow.builder()
        .addHttpListener(args.length > 1 ? Integer.parseInt(args[1]) : 8499, "127.0.0.1", handler)
        .build()
        .start();
  }
}
