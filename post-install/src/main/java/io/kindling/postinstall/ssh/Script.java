package io.kindling.postinstall.ssh;

import java.util.List;
import java.util.stream.Collectors;

/// A POSIX shell script and its arguments. The text goes by standard input, so nothing in it shows
/// in a process list; the arguments are on the command line and must hold no secret.
public record Script(String text, List<String> arguments) {

  public Script {
    arguments = List.copyOf(arguments);
  }

  public static Script of(String text, String... arguments) {
    return new Script(text, List.of(arguments));
  }

  /// What the far side's login shell is given; every argument is quoted.
  public String command() {
    return arguments.isEmpty()
        ? "sh -s"
        : arguments.stream().map(Shell::quote).collect(Collectors.joining(" ", "sh -s -- ", ""));
  }
}
