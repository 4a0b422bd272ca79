package io.kindling.postinstall.engine;

import io.kindling.postinstall.ssh.Shell;
import java.util.List;
import java.util.stream.Collectors;

/// A program and its arguments, each one word whatever is in it. Runs as root with an empty
/// standard input and the locale C.UTF-8. Arguments show in process lists and logs: they hold no
/// secret; what is secret comes to the node as a [Item.ManagedFile].
public record Command(List<String> argv) {

  public Command {
    argv = List.copyOf(argv);
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("a command without a program");
    }
  }

  public static Command of(String... argv) {
    return new Command(List.of(argv));
  }

  /// As an operator would type it; words that need no quotes stand without.
  @Override
  public String toString() {
    return argv.stream()
        .map(word -> word.matches("[A-Za-z0-9@%+=:,./_-]+") ? word : Shell.quote(word))
        .collect(Collectors.joining(" "));
  }
}
