package io.kindling.isobuild;

import io.kindling.isobuild.internal.BuildLock;
import io.kindling.isobuild.internal.Recipes;
import io.kindling.isobuild.internal.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The appliance as one file: an ISO that BIOS and UEFI start, Secure Boot or not, as a disc or
/// written on a stick or disk; with a Java runtime, the appliance, and all that it gives machines.
///
/// The same system, class path, images and packages make the same bytes. Needs root and the tools
/// of [Prerequisites#missingForIso]. Every failure is an [IsoBuildException]. Safe for use by
/// several processes that write different files.
public final class ApplianceIso {

  private final Path cache;
  private final ImageBuilder images;
  private final Mirror mirror;

  /// @param cache the images' cache, for what is kept between builds
  public ApplianceIso(Path cache, ImageBuilder images, Mirror mirror) {
    this.cache = cache.toAbsolutePath();
    this.images = images;
    this.mirror = mirror;
  }

  /// What goes in beside Debian's packages and the images.
  ///
  /// @param jdk a JDK 25, whose runtime goes in
  /// @param classPath the appliance's, in its order
  /// @param version the appliance's
  public record Software(Path jdk, List<Path> classPath, String version) {
    public Software {
      classPath = List.copyOf(classPath);
    }
  }

  /// Hears how far it is.
  @FunctionalInterface
  public interface Steps {
    void step(int step, int steps, String what);
  }

  /// What was written.
  ///
  /// @param checksums `sha256sum --check` reads it
  /// @param parts what is in it (CycloneDX)
  /// @param sizes of its parts, bytes and name
  public record Written(Path image, Path checksums, Path parts, Path sizes) {
    static Written of(Path image) {
      String name = String.valueOf(image.getFileName());
      return new Written(
          image,
          image.resolveSibling(name + ".sha256"),
          image.resolveSibling(name + ".cdx.json"),
          image.resolveSibling(name + ".sizes"));
    }
  }

  /// Builds what is not in the cache yet, and writes the ISO.
  public Written write(Software software, Edition edition, Path image, Steps steps) {
    Optional<Mirror.Synced> synced = mirror.status(edition);
    if (synced.isEmpty()) {
      throw new IsoBuildException(IsoError.NO_PACKAGES, mirror.of(edition).toString());
    }
    List<Prerequisites.Missing> missing = Prerequisites.missingForIso();
    if (!missing.isEmpty()) {
      throw new IsoBuildException(
          IsoError.TOOLS_MISSING,
          missing.stream()
              .map(m -> m.tool() + " (package " + m.packageName() + ")")
              .collect(Collectors.joining(", ")));
    }
    List<Path> folders =
        List.of(
            images.loaders().directory(),
            folder(images.bootstrap().kernel()),
            folder(images.node().archive()));
    Path system = images.system();
    try (BuildLock _ = BuildLock.take(cache, "iso")) {
      Path work = Files.createTempDirectory(cache, ".build-iso-");
      try {
        Path scripts = Files.createDirectory(work.resolve("scripts"));
        Script.unpack(Recipes.isoFiles(), scripts);
        Path jars =
            Files.write(
                work.resolve("jars"), software.classPath().stream().map(Path::toString).toList());
        var environment = new HashMap<String, String>();
        environment.put("OUT", Files.createDirectory(work.resolve("out")).toString());
        environment.put("WORK", Files.createDirectory(work.resolve("work")).toString());
        environment.put("BUILD", work.toString());
        environment.put("SUITE", synced.get().suite());
        environment.put("MIRROR", "unused"); // everything is here already
        environment.put("SYSTEM", system.toString());
        environment.put(
            "IMAGES", folders.stream().map(Path::toString).collect(Collectors.joining(" ")));
        environment.put("MIRROR_CURRENT", mirror.of(edition).toString());
        environment.put("JDK", software.jdk().toString());
        environment.put("JARS", jars.toString());
        environment.put("VERSION", software.version());
        environment.put("AOT", cache.resolve("aot").toString());
        environment.put("IMAGE", image.toAbsolutePath().toString());
        Script.run(
            "iso",
            List.of(
                "bash", scripts.resolve("run.sh").toString(), scripts.resolve("iso.sh").toString()),
            environment,
            Files.createDirectories(cache.resolve("log")).resolve("iso.log"),
            steps::step);
      } finally {
        Script.deleteTree(work);
      }
    } catch (IOException e) {
      throw new IsoBuildException(IsoError.CACHE_UNUSABLE, cache + ": " + e, e);
    }
    return Written.of(image.toAbsolutePath());
  }

  private static Path folder(Path file) {
    return file.toAbsolutePath().resolveSibling("").normalize();
  }
}
