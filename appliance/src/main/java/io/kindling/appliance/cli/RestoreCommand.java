package io.kindling.appliance.cli;

import io.kindling.appliance.backup.About;
import io.kindling.appliance.backup.Restore;
import io.kindling.appliance.config.KindlingConfig;
import io.kindling.isobuild.Mirror;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `restore`: a backup as the state of this machine's appliance.
@Command(
    name = "restore",
    description = {
      "Makes a backup the state of this machine's appliance, which is started afterwards. The"
          + " state",
      "directory must be empty. Switch the old appliance off first: there must be one."
    },
    mixinStandardHelpOptions = true)
final class RestoreCommand implements Callable<Integer> {

  private final Context context;

  @Parameters(paramLabel = "FILE", description = "What `kindling backup` wrote.")
  private Path file = Path.of("");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      defaultValue = "/etc/kindling/kindling.yaml",
      description =
          "This machine's configuration, which stays as it is; the backup's is written there where"
              + " there is none (default: ${DEFAULT-VALUE}).")
  private Path config = Path.of("");

  @Option(names = "--check", description = "Read the whole backup and write nothing.")
  private boolean check;

  @Mixin private Passphrase passphrase = new Passphrase();

  RestoreCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    CliEnvironment environment = context.environment();
    if (!Files.isReadable(file)) {
      throw new CliException(CliError.FILE, file + " cannot be read, or does not exist");
    }
    Restore restore = Restore.of(file, passphrase.read(environment, false));
    About about = restore.about();
    environment.say(
        "a backup of %s, by appliance %s at %s: %d nodes%s"
            .formatted(
                about.made(),
                about.appliance(),
                about.address(),
                about.nodes(),
                about.cluster().isEmpty() ? "" : ", cluster " + about.cluster()));
    if (check) {
      environment.line("the backup is whole and the passphrase is right");
      return 0;
    }
    boolean own = Files.exists(config);
    KindlingConfig settings =
        own
            ? KindlingConfig.load(config)
            : KindlingConfig.parse(config.toString(), restore.configuration());
    Path state = context.toldState().orElse(settings.state());
    var mirror = Mirror.in(settings.images().cache());
    var clock = Clock.fixed(environment.clock().instant(), ZoneOffset.UTC);
    restore.into(state, mirror.signing(), clock).forEach(environment::say);
    if (!own) {
      keep(restore.configuration());
    }
    environment.line("restored into " + state);
    environment.say(
        own
            ? "%s was there and stays: compare it with the backup's address %s"
                .formatted(config, about.address())
            : config + " is the backup's: the interface's name may differ on this machine");
    environment.say(
        "Start it: `kindling serve --config "
            + config
            + "`. Where the old appliance still serves,"
            + " this one keeps silent and says so (PXE-020 in `kindling status`).");
    return 0;
  }

  private void keep(String configuration) {
    try {
      Path above = config.toAbsolutePath().getParent();
      if (above != null) {
        Files.createDirectories(above);
      }
      Files.writeString(config, configuration, StandardOpenOption.CREATE_NEW);
    } catch (IOException e) {
      throw new CliException(
          CliError.FILE,
          "the state is restored, but " + config + " could not be written: " + e.getMessage(),
          e);
    }
  }
}
