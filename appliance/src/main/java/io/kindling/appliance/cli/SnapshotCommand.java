package io.kindling.appliance.cli;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `snapshot`: a support bundle.
@Command(
    name = "snapshot",
    description =
        "Writes a tar file for somebody who helps: status, cluster file, nodes, events, logs, what"
            + " hosts say of themselves. Secrets are taken out.",
    mixinStandardHelpOptions = true)
final class SnapshotCommand implements Callable<Integer> {

  private final Context context;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "Where to; must not exist yet.")
  private Path file = Path.of("");

  SnapshotCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    CliEnvironment environment = context.environment();
    // For its owner alone: addresses and serial numbers are nobody else's business either.
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (var channel =
        Files.newByteChannel(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
      context.appliance().stream(
          "GET", "/api/v1/snapshot", Map.of(), Channels.newOutputStream(channel));
    } catch (IOException e) {
      throw new CliException(CliError.FILE, file + ": " + e.getMessage(), e);
    }
    environment.say("written: " + file);
    return 0;
  }
}
