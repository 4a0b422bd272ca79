package io.kindling.appliance.cli;

import io.kindling.appliance.console.Visible;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/// What the command line sees of the world; only `main` makes the real one. Safe to share.
///
/// @param out results
/// @param err progress and errors
/// @param variables the environment's variables
/// @param sleeper waits between two looks at the appliance
/// @param prompt asks at the terminal
public record CliEnvironment(
    InputStream in,
    PrintWriter out,
    PrintWriter err,
    Map<String, String> variables,
    InstantSource clock,
    Sleeper sleeper,
    Prompt prompt,
    ApplianceStarter starter) {

  public CliEnvironment {
    variables = Map.copyOf(variables);
  }

  /// Waits, in milliseconds.
  @FunctionalInterface
  public interface Sleeper {
    void sleep(long milliseconds) throws InterruptedException;
  }

  /// Asks for what nobody may see being typed; empty where there is no terminal.
  @FunctionalInterface
  public interface Prompt {
    Optional<String> secret(String prompt);
  }

  /// Starts an appliance; closing it ends it.
  @FunctionalInterface
  public interface ApplianceStarter {
    AutoCloseable start(Path config);
  }

  /// Prints one line of text that may come from a machine.
  void line(String text) {
    out.println(Visible.line(text));
    out.flush();
  }

  /// Prints text of several lines that may come from a machine.
  void text(String text) {
    String visible = Visible.lines(text);
    out.print(visible.isEmpty() || visible.endsWith("\n") ? visible : visible + "\n");
    out.flush();
  }

  /// Prints JSON.
  void json(String json) {
    String visible = Visible.json(json);
    out.print(visible.endsWith("\n") ? visible : visible + "\n");
    out.flush();
  }

  /// Says what is being done, on standard error.
  void say(String text) {
    err.println(Visible.line(text));
    err.flush();
  }
}
