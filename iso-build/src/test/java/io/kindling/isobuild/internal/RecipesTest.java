package io.kindling.isobuild.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.isobuild.DebianSource;
import io.kindling.isobuild.ImageBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The real recipes' inputs.
final class RecipesTest {

  private final Recipes recipes =
      new Recipes(new DebianSource("trixie", "http://one.example/debian", ""));

  @Test
  void everyFileOfTheResourcesIsInItsRecipe() throws Exception {
    assertThat(Recipes.BOOTSTRAP_FILES).containsExactlyInAnyOrderElementsOf(resources("bootstrap"));
    assertThat(Recipes.NODE_FILES).containsExactlyInAnyOrderElementsOf(resources("node"));
    assertThat(Recipes.SYSTEM_FILES).containsExactlyInAnyOrderElementsOf(resources("system"));
    assertThat(Recipes.ISO_FILES).containsExactlyInAnyOrderElementsOf(resources("iso"));
  }

  @Test
  void bootstrapCarriesTheAgent() {
    byte[] agent = recipes.bootstrap().files().get("kindling-agent.sh");
    assertThat(new String(Objects.requireNonNull(agent), StandardCharsets.UTF_8))
        .startsWith("#!/bin/sh\n");
  }

  @Test
  void mirrorIsNotPartOfTheHash() {
    var other = new Recipes(new DebianSource("trixie", "http://mirror.example/debian", ""));
    assertThat(other.node().hash()).isEqualTo(recipes.node().hash());
  }

  @Test
  void suiteAndEveryFileArePartOfTheHash() {
    Recipe node = recipes.node();
    var forky = new Recipes(new DebianSource("forky", "http://one.example/debian", ""));
    assertThat(forky.node().hash()).isNotEqualTo(node.hash()).hasSize(16);
    for (String name : node.files().keySet()) {
      var files = new TreeMap<>(node.files());
      files.put(name, "changed".getBytes(StandardCharsets.UTF_8));
      var changed =
          new Recipe(
              node.artefact(),
              node.suite(),
              node.script(),
              files,
              node.environment(),
              node.products());
      assertThat(changed.hash()).as(name).isNotEqualTo(node.hash());
    }
  }

  private static List<String> resources(String folder) throws Exception {
    Path root =
        Path.of(
            Objects.requireNonNull(ImageBuilder.class.getResource("/io/kindling/isobuild/lib.sh"))
                .toURI());
    Path base = Objects.requireNonNull(root.getParent());
    try (Stream<Path> files = Files.walk(base.resolve(folder))) {
      return files.filter(Files::isRegularFile).map(f -> base.relativize(f).toString()).toList();
    }
  }
}
