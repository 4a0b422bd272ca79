package io.kindling.pxe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PxeErrorTest {
  @Test
  void everyErrorIsExplainedInTheGuide() throws IOException {
    String guide = Files.readString(Path.of("../docs/troubleshooting.md"));
    for (PxeError error : PxeError.values()) {
      assertThat(guide).contains("### " + error.id() + " ");
    }
  }

  @Test
  void idsAreStable() {
    assertThat(PxeError.POOL_EXHAUSTED.id()).isEqualTo("PXE-001");
    assertThat(PxeError.BOOT_GAVE_UP.id()).isEqualTo("PXE-017");
  }
}
