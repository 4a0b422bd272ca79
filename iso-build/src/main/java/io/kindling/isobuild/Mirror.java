package io.kindling.isobuild;

import io.kindling.isobuild.internal.Recipes;
import io.kindling.isobuild.internal.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// An archive of Debian packages of our own: what the node image holds and operators' tools, with
/// everything they depend on, verified against Debian's signature and signed with a key made here.
/// Nodes need no other source, and no Internet.
///
/// In its directory, `current` is what is served, replaced at once and whole; `archives/` is what
/// was fetched, so that the next run fetches only what is new and goes on where one broke off. Safe
/// for use by several processes. Failures are [IsoBuildException]s.
public final class Mirror {

  /// The public half of the key that signs the archive, in what is served.
  public static final String KEY = "kindling-archive-key.asc";

  private static final Path DEBIAN_KEYS = Path.of("/usr/share/keyrings/debian-archive-keyring.gpg");
  private static final String STATUS = "mirror.json";

  /// mirror.sh writes it: no other form occurs.
  private static final Pattern SYNCED =
      Pattern.compile(
          "\\{\"suite\":\"([a-z-]+)\",\"at\":\"([^\"]+)\",\"packages\":(\\d+),\"bytes\":(\\d+)}");

  private final Path directory;
  private final DebianSource source;
  private final Path keyring;

  /// In the cache directory of the images, from this machine's own Debian mirror.
  public static Mirror in(Path cacheDir) {
    return new Mirror(cacheDir.resolve("mirror"), DebianSource.ofHost(), DEBIAN_KEYS);
  }

  /// @param keyring the keys of which one must have signed the source
  public Mirror(Path directory, DebianSource source, Path keyring) {
    this.directory = directory.toAbsolutePath();
    this.source = source;
    this.keyring = keyring;
  }

  /// Hears how far a run is.
  @FunctionalInterface
  public interface Steps {
    void step(int step, int steps, String what);
  }

  /// What a run has left.
  ///
  /// @param bytes of all packages
  public record Synced(String suite, Instant at, int packages, long bytes) {}

  /// What is served; there only after a first run.
  public Path current() {
    return of(Edition.FULL);
  }

  /// The packages of an edition, as an archive of the same kind; there only after a first run.
  Path of(Edition edition) {
    return directory.resolve(
        switch (edition) {
          case FULL -> "current";
          case CEPH -> "current-ceph";
        });
  }

  /// The folder of the key that signs it: what nodes trust. Absent before a first run.
  public Path signing() {
    return directory.resolve("signing");
  }

  /// The last run's result.
  public Optional<Synced> status() {
    return status(Edition.FULL);
  }

  /// What the last run left of that edition.
  Optional<Synced> status(Edition edition) {
    try {
      Path file = of(edition).resolve(STATUS);
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      Matcher synced = SYNCED.matcher(Files.readString(file).strip());
      return synced.matches()
          ? Optional.of(
              new Synced(
                  synced.group(1),
                  Instant.parse(synced.group(2)),
                  Integer.parseInt(synced.group(3)),
                  Long.parseLong(synced.group(4))))
          : Optional.empty();
    } catch (IOException e) {
      throw new IsoBuildException(IsoError.CACHE_UNUSABLE, directory + ": " + e, e);
    }
  }

  /// The public key that signs the archive, armoured; there after a first run.
  public String key() {
    try {
      return Files.readString(current().resolve(KEY));
    } catch (IOException e) {
      throw new IsoBuildException(IsoError.CACHE_UNUSABLE, directory + ": " + e, e);
    }
  }

  /// Fetches what everything in the node image, and what operators use, needs.
  ///
  /// @param openstack also what OpenStack's services need
  public Synced sync(boolean openstack, Steps steps) {
    return sync(
        Recipes.MIRROR_LISTS,
        openstack ? List.of(Recipes.OPENSTACK_LIST) : List.of(),
        Map.of(),
        steps);
  }

  /// The same for other package lists, relative paths among the script's files or in `more`.
  ///
  /// @param base what every rack needs
  /// @param openstack what racks with OpenStack need besides
  /// @param more further files of the script, by relative path
  Synced sync(List<String> base, List<String> openstack, Map<String, byte[]> more, Steps steps) {
    List<Prerequisites.Missing> missing = Prerequisites.missingForMirror();
    if (!missing.isEmpty()) {
      throw new IsoBuildException(
          IsoError.TOOLS_MISSING,
          missing.stream()
              .map(m -> m.tool() + " (package " + m.packageName() + ")")
              .collect(Collectors.joining(", ")));
    }
    if (source.mirror().isEmpty()) {
      throw new IsoBuildException(IsoError.NO_MIRROR, "");
    }
    try {
      Files.createDirectories(directory);
      Path work = Files.createTempDirectory(directory, ".work-");
      try {
        Path scripts = Files.createDirectory(work.resolve("scripts"));
        Script.unpack(Recipes.mirrorFiles(more), scripts);
        var environment =
            Map.of(
                "DIRECTORY", directory.toString(),
                "WANTED", paths(scripts, Stream.concat(base.stream(), openstack.stream())),
                "BASE", paths(scripts, base.stream()),
                "KEYRING", keyring.toString(),
                "WORK", Files.createDirectory(work.resolve("apt")).toString(),
                "SUITE", source.suite(),
                "MIRROR", source.mirror(),
                "SECURITY", source.security());
        Script.run(
            "mirror",
            List.of("bash", scripts.resolve("mirror.sh").toString()),
            environment,
            directory.resolve("sync.log"),
            steps::step);
      } finally {
        Script.deleteTree(work);
      }
    } catch (IOException e) {
      throw new IsoBuildException(IsoError.CACHE_UNUSABLE, directory + ": " + e, e);
    }
    return status()
        .orElseThrow(
            () -> new IsoBuildException(IsoError.INCOMPLETE, current().resolve(STATUS).toString()));
  }

  private static String paths(Path folder, Stream<String> names) {
    return names.map(name -> folder.resolve(name).toString()).collect(Collectors.joining(" "));
  }
}
