package io.kindling.isobuild;

import io.kindling.isobuild.internal.Cache;
import io.kindling.isobuild.internal.Recipe;
import io.kindling.isobuild.internal.Recipes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// Builds the images out of Debian packages, or takes them from the cache.
///
/// In the cache, `NAME-HASH/` holds what one build left; HASH is of the build's scripts, package
/// lists and suite. A build appears there at once and whole; `log/NAME-HASH.log` is its log. A
/// second process that wants the same waits for the first. Packages newer than a cached image do
/// not change its hash: [#discard] makes the next call build anew.
///
/// Safe for use by several threads. Building needs root and the tools of [Prerequisites]; taking
/// from the cache needs neither. Every failure is an [IsoBuildException].
public final class ImageBuilder {

  private final Cache cache;
  private final Recipes recipes;

  /// Builds from this machine's own Debian mirror.
  public ImageBuilder(Path cacheDir, Progress progress) {
    this(cacheDir, progress, DebianSource.ofHost());
  }

  public ImageBuilder(Path cacheDir, Progress progress, DebianSource source) {
    this.recipes = new Recipes(source);
    this.cache = new Cache(cacheDir, progress, source, ImageBuilder::checkMachine);
  }

  /// The boot loaders, built in a few seconds.
  public Loaders loaders() {
    return new Loaders(cache.get(recipes.loaders()));
  }

  /// The bootstrap image, built in one or two minutes.
  public BootstrapImage bootstrap() {
    Recipe recipe = recipes.bootstrap();
    Path directory = cache.get(recipe);
    return new BootstrapImage(
        directory.resolve("vmlinuz"), directory.resolve("initrd"), recipe.hash());
  }

  /// The node image, built in some minutes.
  public NodeImage node() {
    Recipe recipe = recipes.node();
    Path directory = cache.get(recipe);
    Path archive = directory.resolve("node.tar.zst");
    try {
      String sum = Files.readString(directory.resolve("node.tar.zst.sha256")).strip();
      return new NodeImage(archive, sum.split("\\s+", 2)[0], Files.size(archive), recipe.hash());
    } catch (IOException e) {
      throw new IsoBuildException(IsoError.CACHE_UNUSABLE, directory.toString(), e);
    }
  }

  /// The appliance's own system, built in some minutes: the folder that system.sh describes.
  Path system() {
    return cache.get(recipes.system());
  }

  /// True where the artefact is in the cache: taking it then builds nothing.
  public boolean isCached(Artefact artefact) {
    return cache.has(recipe(artefact));
  }

  /// Removes the cached artefact, so that the next call builds it from the mirror's newest
  /// packages. Open files stay readable to whoever serves them.
  public void discard(Artefact artefact) {
    cache.discard(recipe(artefact));
  }

  private Recipe recipe(Artefact artefact) {
    return switch (artefact) {
      case LOADERS -> recipes.loaders();
      case BOOTSTRAP -> recipes.bootstrap();
      case NODE -> recipes.node();
      case SYSTEM -> recipes.system();
    };
  }

  private static void checkMachine() {
    List<Prerequisites.Missing> missing = Prerequisites.missing();
    if (!missing.isEmpty()) {
      throw new IsoBuildException(
          IsoError.TOOLS_MISSING,
          missing.stream()
              .map(m -> m.tool() + " (package " + m.packageName() + ")")
              .collect(Collectors.joining(", ")));
    }
    try {
      if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
        throw new IsoBuildException(
            IsoError.NOT_ROOT, "this is user " + System.getProperty("user.name"));
      }
    } catch (IOException e) {
      throw new IsoBuildException(IsoError.NOT_ROOT, "the user cannot be told", e);
    }
  }
}
