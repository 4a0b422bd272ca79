package io.kindling.postinstall;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.engine.EngineError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ErrorCatalogueTest {

  @Test
  void everyErrorHasItsOwnIdAndAnEntryInTheGuide() throws Exception {
    String guide = Files.readString(Path.of("../docs/troubleshooting.md"));
    assertThat(InstallError.values()).extracting(InstallError::id).doesNotHaveDuplicates();
    for (InstallError error : InstallError.values()) {
      assertThat(guide).contains("### " + error.id() + " ");
    }
    assertThat(EngineError.values()).extracting(EngineError::id).doesNotHaveDuplicates();
    for (EngineError error : EngineError.values()) {
      assertThat(guide).contains("### " + error.id() + " ");
    }
  }

  @Test
  void everyErrorThatAScriptNamesIsInTheCatalogue() throws Exception {
    var known = Arrays.stream(InstallError.values()).map(InstallError::id).toList();
    try (var files = Files.list(Path.of("src/main/resources/io/kindling/postinstall/internal"))) {
      for (Path file : files.toList()) {
        var ids = Pattern.compile("INS-[0-9]{3}").matcher(Files.readString(file));
        while (ids.find()) {
          assertThat(known).contains(ids.group());
        }
      }
    }
  }
}
