package io.kindling.postinstall.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShellTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a b",
        "it's",
        "'",
        "''",
        "$(reboot)",
        "`reboot`",
        "\\",
        "a\nb\n",
        "{{ 1 }}",
        "\"",
        "ünï",
        "-n",
        "*",
        "!",
        "\t;&|<>"
      })
  void theShellSeesEveryValueAsItIs(String value) throws Exception {
    var process = new ProcessBuilder("sh", "-c", "printf %s " + Shell.quote(value)).start();
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo(value);
  }

  @Test
  void whatNoShellWordCanHoldIsRefused() {
    assertThatThrownBy(() -> Shell.quote("a\0b")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aScriptsTextIsNotOnItsCommandLine() {
    assertThat(Script.of("secret", "a b").command()).isEqualTo("sh -s -- 'a b'");
    assertThat(Script.of("secret").command()).isEqualTo("sh -s");
  }
}
