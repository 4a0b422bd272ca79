package io.kindling.appliance.cli;

import io.kindling.appliance.backup.BackupFile;
import io.kindling.inventory.store.Database;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `backup`: the appliance's state as one file.
@Command(
    name = "backup",
    description = {
      "Writes the state of the running appliance into one file, sealed with a passphrase: nodes,",
      "leases, the cluster file, accounts, keys, secrets, logs. Images, packages and releases are",
      "left out: they are built or imported again."
    },
    mixinStandardHelpOptions = true)
final class BackupCommand implements Callable<Integer> {

  private final Context context;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "Where to; must not exist yet.")
  private Path file = Path.of("");

  @Mixin private Passphrase passphrase = new Passphrase();

  BackupCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    CliEnvironment environment = context.environment();
    Path part = file.resolveSibling(file.getFileName() + ".part");
    boolean ours = false;
    try {
      if (Files.exists(file)) {
        throw new FileAlreadyExistsException(file.toString());
      }
      String typed = passphrase.read(environment, true);
      var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
      Files.deleteIfExists(part); // of a run that was killed
      try (FileChannel channel =
          FileChannel.open(
              part, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
        ours = true;
        context.appliance().stream(
            "POST",
            "/api/v1/backup",
            Map.of("passphrase", typed),
            Channels.newOutputStream(channel));
        channel.force(true);
      }
      BackupFile.Head head = BackupFile.check(part, Database.SCHEMA); // what came is whole
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      ours = false;
      environment.say(
          "written: %s, %,d bytes, SHA-256 of its content %s"
              .formatted(file, Files.size(file), head.sha256()));
      return 0;
    } catch (FileAlreadyExistsException e) {
      throw new CliException(CliError.FILE, e.getMessage() + " exists already", e);
    } catch (IOException e) {
      throw new CliException(CliError.FILE, file + ": " + e.getMessage(), e);
    } finally {
      if (ours) {
        drop(part);
      }
    }
  }

  private void drop(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      context.environment().say(part + " is left and worth nothing: " + e.getMessage());
    }
  }
}
