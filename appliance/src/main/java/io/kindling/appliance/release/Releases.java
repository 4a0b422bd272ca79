package io.kindling.appliance.release;

import io.kindling.ksgen.kickstart.Release;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The installation trees there are: one directory each, looked at again when their parent has
/// changed. Thread-safe.
public final class Releases {
  private static final Logger logger = LoggerFactory.getLogger(Releases.class);

  private static final Comparator<ReleaseTree> BY_VERSION =
      Comparator.comparing((ReleaseTree t) -> t.release().ordinal())
          .thenComparing(t -> numbers(t.info().version()), Releases::compare);

  /// Below the state directory.
  public static final String DIRECTORY = "releases";

  private final Path directory;
  private volatile @Nullable Seen seen;

  private record Seen(FileTime changed, List<ReleaseTree> trees) {}

  /// @param directory need not exist yet
  public Releases(Path directory) {
    this.directory = directory;
  }

  Path directory() {
    return directory;
  }

  /// By release, the oldest version first.
  public List<ReleaseTree> all() {
    try {
      if (!Files.isDirectory(directory)) {
        return List.of();
      }
      FileTime changed = Files.getLastModifiedTime(directory);
      Seen last = seen;
      if (last == null || !last.changed().equals(changed)) {
        last = new Seen(changed, look());
        seen = last;
      }
      return last.trees();
    } catch (IOException e) {
      logger.warn("{}: {}", directory, e.toString());
      return List.of();
    }
  }

  /// The newest version of a release.
  public Optional<ReleaseTree> newest(Release release) {
    return all().stream().filter(t -> t.release() == release).reduce((a, b) -> b);
  }

  /// The tree of that id.
  public Optional<ReleaseTree> find(String id) {
    return all().stream().filter(t -> t.id().equals(id)).findFirst();
  }

  private List<ReleaseTree> look() throws IOException {
    var found = new ArrayList<ReleaseTree>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String id = String.valueOf(entry.getFileName());
        if (!id.startsWith(".") && Files.isRegularFile(entry.resolve(TreeInfo.FILE))) {
          read(id, entry).ifPresent(found::add);
        }
      }
    }
    found.sort(BY_VERSION);
    return List.copyOf(found);
  }

  private static Optional<ReleaseTree> read(String id, Path tree) throws IOException {
    String text = Files.readString(tree.resolve(TreeInfo.FILE), StandardCharsets.ISO_8859_1);
    return TreeInfo.parse(text)
        .flatMap(info ->
            Release.of(info.family(), info.version())
                .filter(release -> id.equals(idOf(release, info)))
                .map(release -> new ReleaseTree(id, release, tree, info)));
  }

  /// `rocky-9.4`: the label with the whole version.
  static String idOf(Release release, TreeInfo info) {
    String label = release.label();
    return label.substring(0, label.lastIndexOf('-') + 1) + info.version();
  }

  private static int[] numbers(String version) {
    return java.util.Arrays.stream(version.split("\\.")).mapToInt(Integer::parseInt).toArray();
  }

  private static int compare(int[] a, int[] b) {
    return java.util.Arrays.compare(a, b);
  }
}
