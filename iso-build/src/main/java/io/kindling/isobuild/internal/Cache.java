package io.kindling.isobuild.internal;

import io.kindling.isobuild.DebianSource;
import io.kindling.isobuild.IsoBuildException;
import io.kindling.isobuild.IsoError;
import io.kindling.isobuild.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Keeps what recipes leave. Safe for use by several threads and processes: a file lock for each
/// artefact.
public final class Cache {

  private final Path directory;
  private final Progress progress;
  private final DebianSource source;
  private final Runnable beforeBuild;

  /// @param beforeBuild throws where this machine cannot build
  public Cache(Path directory, Progress progress, DebianSource source, Runnable beforeBuild) {
    this.directory = directory.toAbsolutePath();
    this.progress = progress;
    this.source = source;
    this.beforeBuild = beforeBuild;
  }

  /// The directory with the recipe's products, built when it is not there.
  public Path get(Recipe recipe) {
    Path finished = directory.resolve(recipe.directory());
    if (complete(finished, recipe)) {
      return finished;
    }
    beforeBuild.run();
    if (source.mirror().isEmpty()) {
      throw new IsoBuildException(IsoError.NO_MIRROR, "");
    }
    try {
      Files.createDirectories(directory);
      try (BuildLock _ = BuildLock.take(directory, recipe.artefact().id())) {
        if (!complete(finished, recipe)) {
          build(recipe, finished);
        }
        return finished;
      }
    } catch (IOException e) {
      throw new IsoBuildException(IsoError.CACHE_UNUSABLE, directory + ": " + e, e);
    }
  }

  /// True where [#get] would build nothing.
  public boolean has(Recipe recipe) {
    return complete(directory.resolve(recipe.directory()), recipe);
  }

  /// Removes what [#get] would return.
  public void discard(Recipe recipe) {
    Path finished = directory.resolve(recipe.directory());
    if (!Files.exists(finished)) {
      return;
    }
    try (BuildLock _ = BuildLock.take(directory, recipe.artefact().id())) {
      // Out of sight at once, then removed: nobody finds half of it.
      Path doomed = Files.createTempDirectory(directory, ".discard-");
      Files.move(finished, doomed.resolve("it"), StandardCopyOption.ATOMIC_MOVE);
      Script.deleteTree(doomed);
    } catch (IOException e) {
      throw new IsoBuildException(IsoError.CACHE_UNUSABLE, directory + ": " + e, e);
    }
  }

  private void build(Recipe recipe, Path finished) throws IOException {
    // run.sh removes what killed builds left under this prefix.
    Path work = Files.createTempDirectory(directory, ".build-" + recipe.artefact().id() + "-");
    Path out = Files.createDirectory(work.resolve("out"));
    Path scratch = Files.createDirectory(work.resolve("work"));
    Path scripts = Files.createDirectory(work.resolve("scripts"));
    Path log =
        Files.createDirectories(directory.resolve("log")).resolve(recipe.directory() + ".log");
    Script.unpack(recipe.files(), scripts);

    var environment = new HashMap<String, String>();
    recipe
        .environment()
        .forEach((name, path) -> environment.put(name, scripts.resolve(path).toString()));
    environment.putAll(
        Map.of(
            "OUT", out.toString(),
            "WORK", scratch.toString(),
            "BUILD", work.toString(),
            "SUITE", source.suite(),
            "MIRROR", source.mirror(),
            "SECURITY", source.security()));
    Script.run(
        recipe.artefact().id(),
        List.of(
            "bash",
            scripts.resolve("run.sh").toString(),
            scripts.resolve(recipe.script()).toString()),
        environment,
        log,
        (step, steps, what) -> progress.step(recipe.artefact(), step, steps, what));

    for (String product : recipe.products()) {
      if (!Files.isRegularFile(out.resolve(product))) {
        throw new IsoBuildException(IsoError.INCOMPLETE, product + " is missing, log " + log);
      }
    }
    Files.setPosixFilePermissions(out, PosixFilePermissions.fromString("rwxr-xr-x"));
    if (Files.exists(finished)) {
      // Incomplete, or it would have been taken: somebody removed files by hand.
      Script.deleteTree(finished);
    }
    Files.move(out, finished, StandardCopyOption.ATOMIC_MOVE);
    Script.deleteTree(work);
  }

  private static boolean complete(Path finished, Recipe recipe) {
    return recipe.products().stream().allMatch(p -> Files.isRegularFile(finished.resolve(p)));
  }
}
