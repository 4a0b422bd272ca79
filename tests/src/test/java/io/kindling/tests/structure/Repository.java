package io.kindling.tests.structure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The checkout that is being built.
public final class Repository {

  private Repository() {}

  /// Its root: the folder with the launcher.
  public static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.exists(at.resolve("kindling"))) {
      Path parent = at.getParent();
      if (parent == null) {
        throw new IllegalStateException("not inside the checkout: " + Path.of("").toAbsolutePath());
      }
      at = parent;
    }
    return at;
  }

  /// The files below `src` of all modules that end in `suffix`.
  public static List<Path> sources(String suffix) {
    try (Stream<Path> files = Files.walk(root(), 20)) {
      return files
          .filter(f -> f.toString().endsWith(suffix))
          .filter(f -> root().relativize(f).toString().contains("src/"))
          .filter(f -> !root().relativize(f).toString().contains("target/"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
