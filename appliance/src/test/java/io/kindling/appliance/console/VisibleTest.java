package io.kindling.appliance.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class VisibleTest {

  @Test
  void controlCharactersAreSpeltOut() {
    assertThat(Visible.line("a\u001b[31mb\nc\u0085")).isEqualTo("a\\x1b[31mb\\x0ac\\x85");
  }

  @Test
  void charactersThatTurnTextRoundAreSpeltOut() {
    assertThat(Visible.line("\u202eevil\u2066")).isEqualTo("\\u{202e}evil\\u{2066}");
  }

  @Test
  void linesAndTabsStayInTextOfManyLines() {
    assertThat(Visible.lines("a\tb\r\nc\rd")).isEqualTo("a\tb\nc\\x0dd");
  }

  @Test
  void lettersOfAllScriptsStay() {
    assertThat(Visible.line("Größe 磁盘 😀")).isEqualTo("Größe 磁盘 😀");
  }

  @Test
  void jsonSaysTheSameAfterwards() {
    assertThat(Visible.json("{\"a\":\"\u009b\u202e\"}\n"))
        .isEqualTo("{\"a\":\"\\u009b\\u202e\"}\n");
  }
}
