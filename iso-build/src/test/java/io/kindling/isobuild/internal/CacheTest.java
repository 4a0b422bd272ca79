package io.kindling.isobuild.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.isobuild.Artefact;
import io.kindling.isobuild.DebianSource;
import io.kindling.isobuild.IsoBuildException;
import io.kindling.isobuild.IsoError;
import io.kindling.isobuild.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the cache promises, with scripts that stand for the real ones. `run.sh` here is a stand-in
/// that needs no root.
final class CacheTest {

  private static final DebianSource SOURCE =
      new DebianSource("trixie", "http://one.example/debian", "");

  private static final String RUN = "#!/bin/bash\nexec bash \"$1\"\n";

  /// Counts its runs beside the cache and leaves the product.
  private static final String COUNTING =
      """
      echo run >>"$(dirname "$BUILD")/../runs"
      echo "kindling-progress: 1/2 first thing"
      echo "some noise"
      sleep 0.3
      echo "kindling-progress: 2/2 second thing"
      echo "$SUITE from $MIRROR" >"$OUT/product"
      """;

  @TempDir Path temp;

  private final List<String> steps = new ArrayList<>();

  @Test
  void secondCallTakesWhatTheFirstBuilt() throws Exception {
    Cache cache = cache(progress());
    Path first = cache.get(recipe(COUNTING));
    Path second = cache.get(recipe(COUNTING));

    assertThat(second).isEqualTo(first);
    assertThat(first.resolve("product")).hasContent("trixie from http://one.example/debian");
    assertThat(runs()).isEqualTo(1);
    assertThat(steps).containsExactly("loaders 1/2 first thing", "loaders 2/2 second thing");
  }

  @Test
  void concurrentCallsBuildOnce() throws Exception {
    Callable<Path> call = () -> cache(Progress.SILENT).get(recipe(COUNTING));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var futures = threads.invokeAll(IntStream.range(0, 6).mapToObj(_ -> call).toList());
      for (var future : futures) {
        assertThat(future.get().resolve("product")).exists();
      }
    }
    assertThat(runs()).isEqualTo(1);
  }

  @Test
  void anotherScriptIsAnotherBuild() throws Exception {
    Cache cache = cache(Progress.SILENT);
    assertThat(cache.get(recipe(COUNTING + "# changed\n")))
        .isNotEqualTo(cache.get(recipe(COUNTING)));
    assertThat(runs()).isEqualTo(2);
  }

  @Test
  void failedBuildNamesTheToolsLastLinesAndTheLogAndLeavesNothing() throws Exception {
    Recipe failing = recipe("for i in $(seq 40); do echo line $i; done; echo broken >&2; exit 7\n");
    assertThatThrownBy(() -> cache(Progress.SILENT).get(failing))
        .isInstanceOfSatisfying(
            IsoBuildException.class,
            e -> {
              assertThat(e.error()).isEqualTo(IsoError.BUILD_FAILED);
              assertThat(e).hasMessageStartingWith("ISO-003").hasMessageContaining("status 7");
              assertThat(e).hasMessageContaining("line 40\nbroken");
              assertThat(e.getMessage()).doesNotContain("line 20\n");
            });
    assertThat(directory().resolve("log").resolve(failing.directory() + ".log"))
        .content()
        .contains("line 1\n");
    assertThat(directory().resolve(failing.directory())).doesNotExist();
  }

  @Test
  void mirrorOutOfReachIsNamed() {
    assertThatThrownBy(() ->
            cache(Progress.SILENT)
                .get(recipe("echo 'E: Could not resolve one.example'; exit 100\n")))
        .isInstanceOfSatisfying(
            IsoBuildException.class,
            e -> {
              assertThat(e.error()).isEqualTo(IsoError.MIRROR_UNREACHABLE);
              assertThat(e).hasMessageContaining("http://one.example/debian");
            });
  }

  @Test
  void fullDiskIsNamed() {
    assertThatThrownBy(() ->
            cache(Progress.SILENT)
                .get(recipe("echo 'tar: write: No space left on device'; exit 1\n")))
        .isInstanceOfSatisfying(
            IsoBuildException.class, e -> assertThat(e.error()).isEqualTo(IsoError.NO_SPACE));
  }

  @Test
  void scriptThatForgetsAProductIsAnError() {
    assertThatThrownBy(() -> cache(Progress.SILENT).get(recipe("true\n")))
        .isInstanceOfSatisfying(
            IsoBuildException.class, e -> assertThat(e.error()).isEqualTo(IsoError.INCOMPLETE));
  }

  @Test
  void outputThatIsNotUtf8DoesNotStopTheBuild() {
    assertThat(
            cache(Progress.SILENT)
                .get(recipe("printf '\\377\\376 caf\\351\\n'; touch \"$OUT/product\"\n")))
        .exists();
  }

  @Test
  void discardedArtefactIsBuiltAgain() throws Exception {
    Cache cache = cache(Progress.SILENT);
    cache.get(recipe(COUNTING));
    cache.discard(recipe(COUNTING));
    assertThat(directory().resolve(recipe(COUNTING).directory())).doesNotExist();
    cache.get(recipe(COUNTING));
    assertThat(runs()).isEqualTo(2);
  }

  @Test
  void cacheThatLostAProductIsRepaired() throws Exception {
    Cache cache = cache(Progress.SILENT);
    Files.delete(cache.get(recipe(COUNTING)).resolve("product"));
    assertThat(cache.get(recipe(COUNTING)).resolve("product")).exists();
    assertThat(runs()).isEqualTo(2);
  }

  @Test
  void cachedArtefactNeedsNoToolsAndANewOneAsksForThem() {
    Path built = cache(Progress.SILENT).get(recipe(COUNTING));
    var unable =
        new Cache(
            directory(),
            Progress.SILENT,
            SOURCE,
            () -> {
              throw new IsoBuildException(IsoError.TOOLS_MISSING, "mmdebstrap");
            });
    assertThat(unable.get(recipe(COUNTING))).isEqualTo(built);
    assertThatThrownBy(() -> unable.get(recipe("true\n")))
        .isInstanceOf(IsoBuildException.class)
        .hasMessageContaining("ISO-001");
  }

  @Test
  void finishedBuildLeavesNoScratchFolder() throws Exception {
    cache(Progress.SILENT).get(recipe(COUNTING));
    try (Stream<Path> files = Files.list(directory())) {
      assertThat(files.filter(Files::isDirectory).map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("log", recipe(COUNTING).directory());
    }
  }

  private Progress progress() {
    return (artefact, step, of, what) ->
        steps.add(artefact.id() + " " + step + "/" + of + " " + what);
  }

  private Cache cache(Progress progress) {
    return new Cache(directory(), progress, SOURCE, () -> {});
  }

  private Path directory() {
    return temp.resolve("cache");
  }

  private long runs() throws IOException {
    return Files.readAllLines(temp.resolve("runs")).size();
  }

  private static Recipe recipe(String script) {
    var files = new TreeMap<String, byte[]>();
    files.put("run.sh", RUN.getBytes(StandardCharsets.UTF_8));
    files.put("loaders.sh", script.getBytes(StandardCharsets.UTF_8));
    return new Recipe(
        Artefact.LOADERS, "trixie", "loaders.sh", files, Map.of(), List.of("product"));
  }
}
