package io.kindling.tests.rack;

import io.kindling.isobuild.ImageBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Where the rack keeps its things on this machine.
///
/// @param home the checkout
/// @param cache built images, shared by all checkouts, kept between runs
public record RackEnvironment(Path home, Path cache) {

  /// From the launcher's property `kindling.home`; the cache is `KINDLING_CACHE`, else `kindling`
  /// in the user's cache directory.
  public static RackEnvironment ofThisMachine() {
    String home = System.getProperty("kindling.home", System.getProperty("user.dir"));
    String given = System.getenv("KINDLING_CACHE");
    if (given != null && !given.isEmpty()) {
      return new RackEnvironment(Path.of(home), Path.of(given));
    }
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base =
        cache == null || cache.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    return new RackEnvironment(Path.of(home), base.resolve("kindling"));
  }

  /// A folder for machines and state, below the checkout and ignored by git.
  public Path directory(String name) {
    return home.resolve(".kindling").resolve(name);
  }

  /// The same folder, emptied of what an earlier run left.
  public Path emptied(String name) {
    Path directory = directory(name);
    try {
      if (Files.exists(directory)) {
        try (Stream<Path> files = Files.walk(directory)) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      }
      return Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Installs the host's packages that the rack needs.
  public void installPrerequisites(Terminal terminal) {
    terminal.say("looking for the packages the rack needs");
    Commands.Result result =
        Commands.attempt(
            Duration.ofMinutes(15),
            List.of(home.resolve("tests/src/main/sh/prerequisites.sh").toString(), "rack"));
    if (!result.ok()) {
      throw new RackException(RackError.COMMAND_FAILED, result.output());
    }
  }

  /// What container hosts run on: the node image, unpacked once.
  public Path hostImage(ImageBuilder images) {
    return HostImage.unpacked(images.node(), cache);
  }

  /// Builds images with progress on the terminal.
  public ImageBuilder images(Terminal terminal) {
    return new ImageBuilder(
        cache,
        (artefact, step, steps, text) ->
            terminal.say(
                "%s, step %d of %d: %s"
                    .formatted(artefact.name().toLowerCase(Locale.ROOT), step, steps, text)));
  }
}
