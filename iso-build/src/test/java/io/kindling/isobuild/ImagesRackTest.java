package io.kindling.isobuild;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Builds for real: root, the tools of [Prerequisites] and a Debian mirror. `KINDLING_CACHE` names
/// a cache to keep.
@Tag("rack")
final class ImagesRackTest {

  private static final long MIB = 1024 * 1024;
  private static final long MAX_NODE_BYTES = 420 * MIB;

  @TempDir Path temp;

  private final List<String> steps = new ArrayList<>();

  @Test
  void allImagesAreBuiltAndThenTakenFromTheCache() throws Exception {
    String kept = System.getenv("KINDLING_CACHE");
    Path cache = kept == null ? temp : Path.of(kept);
    var builder =
        new ImageBuilder(
            cache, (artefact, step, of, what) -> steps.add(artefact.id() + step + "/" + of));

    Loaders loaders = builder.loaders();
    for (String file : Loaders.FILES) {
      assertThat(loaders.directory().resolve(file)).isNotEmptyFile();
    }
    BootstrapImage bootstrap = builder.bootstrap();
    assertThat(bootstrap.kernel()).isNotEmptyFile();
    assertThat(Files.size(bootstrap.initrd()) % 4).as("a second initrd may follow").isZero();
    NodeImage node = builder.node();
    assertThat(node.bytes()).isBetween(100 * MIB, MAX_NODE_BYTES);
    assertThat(node.sha256()).matches("[0-9a-f]{64}");

    steps.clear();
    assertThat(builder.loaders()).isEqualTo(loaders);
    assertThat(builder.bootstrap()).isEqualTo(bootstrap);
    assertThat(builder.node()).isEqualTo(node);
    assertThat(steps).isEmpty();
  }
}
