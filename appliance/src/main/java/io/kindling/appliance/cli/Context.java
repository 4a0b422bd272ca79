package io.kindling.appliance.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The command `kindling` itself: the options of all verbs, and what verbs work with.
@Command(
    name = "kindling",
    mixinStandardHelpOptions = true,
    versionProvider = KindlingVersion.class,
    description = "From bare metal to Ceph and OpenStack.",
    scope = CommandLine.ScopeType.INHERIT,
    synopsisSubcommandLabel = "VERB",
    commandListHeading = "%nVerbs:%n")
final class Context implements Runnable {

  private final CliEnvironment environment;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--state",
      paramLabel = "DIR",
      scope = CommandLine.ScopeType.INHERIT,
      description =
          "The appliance's state directory, with its socket (default: $KINDLING_STATE, else"
              + " /var/lib/kindling).")
  private Path state = Path.of("");

  @Option(
      names = "--debug",
      scope = CommandLine.ScopeType.INHERIT,
      description = "Print stack traces of failures.")
  private boolean debug;

  Context(CliEnvironment environment) {
    this.environment = environment;
  }

  CliEnvironment environment() {
    return environment;
  }

  boolean debug() {
    return debug;
  }

  Path state() {
    return toldState().orElse(Path.of("/var/lib/kindling"));
  }

  /// The state directory, where the operator named one.
  Optional<Path> toldState() {
    if (!state.toString().isEmpty()) {
      return Optional.of(state);
    }
    String told = environment.variables().getOrDefault("KINDLING_STATE", "");
    return told.isEmpty() ? Optional.empty() : Optional.of(Path.of(told));
  }

  /// The running appliance.
  Operators appliance() {
    return new Operators(new UnixSocketClient(state().resolve("kindling.sock")));
  }

  /// Without a verb: the help, as an error.
  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "a verb is missing");
  }
}
