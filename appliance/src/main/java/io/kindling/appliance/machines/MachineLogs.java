package io.kindling.appliance.machines;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.http.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.UUID;

/// The logs that machines' bootstraps hand in: the last of each kind, in files. Thread-safe.
public final class MachineLogs {
  /// Of one log, bytes.
  public static final int LIMIT = 4 << 20;

  /// The kinds there are; nothing else becomes a file's name.
  static final Set<String> NAMES =
      Set.of(
          "boot",
          "agent",
          "sshd",
          "dmesg",
          // of a release's installer
          "anaconda",
          "storage",
          "program",
          "packaging",
          "dnf.librepo",
          "kindling-pre",
          "kindling-post");

  private final Path directory;

  public MachineLogs(Path directory) {
    this.directory = directory;
  }

  void keep(UUID node, String name, byte[] content) throws IOException {
    if (!NAMES.contains(name)) {
      throw new Problem(404, ApplianceError.NOT_FOUND, "no log of that kind is kept");
    }
    Path folder = Files.createDirectories(directory.resolve(node.toString()));
    Path temporary = Files.createTempFile(folder, name, ".new");
    Files.write(temporary, content);
    Files.move(temporary, folder.resolve(name + ".log"), StandardCopyOption.ATOMIC_MOVE);
  }
}
