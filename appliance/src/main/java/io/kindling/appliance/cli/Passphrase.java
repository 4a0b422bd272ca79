package io.kindling.appliance.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The option that says where a passphrase is read from; without it the terminal is asked. It is
/// never an argument: those are seen by every user of the machine.
final class Passphrase {
  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description = "Where the passphrase is; - is standard input. Default: asks at the terminal.")
  private @Nullable Path file;

  /// @param twice whether it is asked for again, so that nobody locks himself out by a slip
  String read(CliEnvironment environment, boolean twice) {
    Path from = file;
    if (from != null) {
      return new String(GivenFiles.read(environment, from), StandardCharsets.UTF_8)
          .replaceFirst("\\R\\z", "");
    }
    String typed = ask(environment, "Passphrase: ");
    if (twice && !typed.equals(ask(environment, "Again: "))) {
      throw new CliException(CliError.USAGE, "the two passphrases differ");
    }
    return typed;
  }

  private static String ask(CliEnvironment environment, String prompt) {
    Optional<String> typed = environment.prompt().secret(prompt);
    return typed.orElseThrow(() ->
        new CliException(CliError.USAGE, "no terminal to ask for a passphrase: --passphrase-file"));
  }
}
