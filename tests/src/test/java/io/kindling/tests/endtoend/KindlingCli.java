package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Commands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The command line in a process of its own, as an operator runs it.
public final class KindlingCli {

  private KindlingCli() {}

  public static Commands.Result run(String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-Dorg.jboss.logging.provider=slf4j",
            "-XX:+UseSerialGC",
            "-Xmx192m",
            "-cp",
            System.getProperty("java.class.path"),
            "io.kindling.appliance.cli.Kindling"));
    command.addAll(List.of(arguments));
    return Commands.attempt(Duration.ofMinutes(3), command);
  }

  /// What it printed; it must succeed.
  public static String must(String... arguments) {
    Commands.Result result = run(arguments);
    assertThat(result.ok()).as(result.output()).isTrue();
    return result.output();
  }
}
