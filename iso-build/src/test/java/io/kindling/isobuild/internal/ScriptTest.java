package io.kindling.isobuild.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScriptTest {

  /// Build scripts copy these folders into the system, with their modes.
  @Test
  void unpackedFoldersAreOpenToAllThoughTheUmaskIsNot(@TempDir Path into) throws Exception {
    // As a umask of 0077 makes them.
    Files.setPosixFilePermissions(into, PosixFilePermissions.fromString("rwx------"));
    Path folder = Files.createDirectory(into.resolve("etc"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    Script.unpack(Map.of("etc/ssh/config", new byte[] {1}), into);
    for (String path : List.of("", "etc", "etc/ssh", "etc/ssh/config")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(into.resolve(path))))
          .as(path)
          .isEqualTo("rwxr-xr-x");
    }
  }
}
