package io.kindling.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ErrorCatalogueTest {

  @Test
  void everyErrorHasItsOwnIdAndAnEntryInTheGuideAndNoOtherHas() throws Exception {
    assertThat(ApplianceError.values()).extracting(ApplianceError::id).doesNotHaveDuplicates();
    var entries = new TreeSet<String>();
    var headings =
        Pattern.compile("(?m)^### (APP-0[0-9]{2}) ")
            .matcher(Files.readString(Path.of("../docs/troubleshooting.md")));
    while (headings.find()) {
      entries.add(headings.group(1));
    }
    assertThat(entries)
        .containsExactlyElementsOf(
            new TreeSet<>(Arrays.stream(ApplianceError.values()).map(ApplianceError::id).toList()));
  }

  @Test
  void everyErrorIsRaisedSomewhere() throws Exception {
    var sources = new StringBuilder();
    try (var files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        sources.append(Files.readString(file));
      }
    }
    for (ApplianceError error : ApplianceError.values()) {
      assertThat(sources).contains("ApplianceError." + error.name());
    }
  }
}
