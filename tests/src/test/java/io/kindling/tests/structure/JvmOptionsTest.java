package io.kindling.tests.structure;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.ApplianceProcess;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What tests start is started as operators start it.
class JvmOptionsTest {

  @Test
  void theLauncherAndTheIsoStartTheApplianceAsTheTestsDo() throws Exception {
    String launcher = Files.readString(Repository.root().resolve("kindling"));
    String iso =
        Files.readString(
            Repository.root().resolve("iso-build/src/main/resources/io/kindling/isobuild/iso.sh"));
    for (String option : ApplianceProcess.JVM) {
      assertThat(launcher).containsPattern("[ (]\\Q" + option + "\\E[ \n]");
      if (!option.startsWith("-Xmx")) { // the ISO's machine has nothing else to do
        assertThat(iso.lines().toList()).contains(option);
      }
    }
    assertThat(List.of(launcher, iso)).allMatch(text -> text.contains("-Xmx"));
  }
}
