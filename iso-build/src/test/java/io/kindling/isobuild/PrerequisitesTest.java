package io.kindling.isobuild;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PrerequisitesTest {

  @TempDir Path root;

  @Test
  void emptyMachineLacksEverything() {
    assertThat(Prerequisites.missing(root))
        .contains(
            new Prerequisites.Missing("mmdebstrap", "mmdebstrap"),
            new Prerequisites.Missing("mksquashfs", "squashfs-tools"));
    assertThat(Prerequisites.packages()).contains("debian-archive-keyring", "zstd").isSorted();
  }

  @Test
  void toolThatIsThereIsNotMissing() throws Exception {
    Path tool = root.resolve("usr/bin/zstd");
    Files.createDirectories(tool.getParent());
    Files.createFile(tool);
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    assertThat(Prerequisites.missing(root))
        .extracting(Prerequisites.Missing::tool)
        .doesNotContain("zstd")
        .contains("cpio");
  }
}
