package io.kindling.isobuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DebianSourceTest {

  @TempDir Path apt;

  @Test
  void machineWithoutAptKnowsNoMirror() {
    assertThat(DebianSource.ofHost(apt.resolve("none")).mirror()).isEmpty();
  }

  @Test
  void mirrorsComeFromDeb822() throws Exception {
    Path parts = Files.createDirectory(apt.resolve("sources.list.d"));
    Files.writeString(
        parts.resolve("debian.sources"),
        """
        Types: deb
        # http://old.example/debian
        URIs: http://mirror.example/debian/
        Suites: bookworm

        Types: deb
        URIs: http://mirror.example/debian-security
        Suites: bookworm-security
        """);
    Files.writeString(parts.resolve("other.list"), "deb https://x.example/apt stable main\n");
    assertThat(DebianSource.ofHost(apt))
        .isEqualTo(
            new DebianSource(
                "trixie", "http://mirror.example/debian", "http://mirror.example/debian-security"));
  }

  @Test
  void firstMirrorOfAOneLineListCounts() throws Exception {
    Files.writeString(
        apt.resolve("sources.list"),
        """
        # deb http://commented.example/debian bookworm main
        deb [signed-by=/usr/share/keyrings/k.gpg] https://one.example/debian bookworm main
        deb http://two.example/debian bookworm-updates main
        """);
    assertThat(DebianSource.ofHost(apt).mirror()).isEqualTo("https://one.example/debian");
  }

  @Test
  void addressWithASpaceIsRefused() {
    assertThatThrownBy(() -> new DebianSource("trixie", "http://a b/debian", ""))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
