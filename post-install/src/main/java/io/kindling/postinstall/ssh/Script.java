package io.kindling.postinstall.ssh;

import java.util.List;
import java.util.stream.Collectors;

/// A POSIX shell script and its arguments. The text goes by standard input, so nothing in it shows
/// in a process list; the arguments are on the command line and must hold no secret.
///
/// @param sudo whether the user who logs in is not root and runs it as root by `sudo -n`
public record Script(String text, List<String> arguments, boolean sudo) {

  public Script {
    arguments = List.copyOf(arguments);
  }

  public static Script of(String text, String... arguments) {
    return new Script(text, List.of(arguments), false);
  }

  /// The same, run as root.
  public Script withSudo() {
    return new Script(text, arguments, true);
  }

  /// What the far side's login shell is given; every argument is quoted.
  public String command() {
    String shell = sudo ? "sudo -n sh -s" : "sh -s";
    return arguments.isEmpty()
        ? shell
        : arguments.stream().map(Shell::quote).collect(Collectors.joining(" ", shell + " -- ", ""));
  }
}
