package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LayoutErrorTest {

  @Test
  void everyErrorIsExplainedAndEveryErrorOfTheScriptIsInTheCatalogue() throws Exception {
    String page = Files.readString(Path.of("../docs/troubleshooting.md"));
    for (LayoutError error : LayoutError.values()) {
      assertThat(page).contains("### " + error.id() + " ");
    }
    String script =
        PartitionScript.render(
            new DiskPlan(new UUID(0, 0), 1, List.of(), List.of(), List.of(), Map.of()));
    assertThat(script).contains("KSG-101", "KSG-142");
    var ids = Pattern.compile("KSG-[0-9]{3}").matcher(script);
    while (ids.find()) {
      assertThat(Arrays.stream(LayoutError.values()).map(LayoutError::id)).contains(ids.group());
    }
  }
}
