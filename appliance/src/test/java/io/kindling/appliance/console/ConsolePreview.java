package io.kindling.appliance.console;

import io.kindling.appliance.console.internal.Pages;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.testing.Gates;
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
    var handler = new ConsoleHandler(model, InstantSource.fixed(FixtureModel.NOW), new Pages());
    Undertow.builder()
        .addHttpListener(
            args.length > 1 ? Integer.parseInt(args[1]) : 8499,
            "127.0.0.1",
            new Handlers(Executors.newVirtualThreadPerTaskExecutor(), Gates.OPEN)
                .build(Access.ANYBODY, handler::show))
        .build()
        .start();
  }
}
