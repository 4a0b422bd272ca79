package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LayoutErrorTest {

  @Test
  void everyErrorIsExplainedAndEveryErrorOfTheScriptIsInTheCatalogue() throws Exception {
    String page = Files.readString(Path.of("../docs/troubleshooting.md"));
    for (LayoutError error : LayoutError.values()) {
      assertThat(page).contains("### " + error.id() + " ");
    }
    String script;
    try (var in = PartitionScript.class.getResourceAsStream("partition.sh")) {
      script = new String(java.util.Objects.requireNonNull(in).readAllBytes());
    }
    var ids = Pattern.compile("KSG-[0-9]{3}").matcher(script);
    while (ids.find()) {
      assertThat(Arrays.stream(LayoutError.values()).map(LayoutError::id)).contains(ids.group());
    }
  }
}
