package io.kindling.appliance.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BootTokensTest {
  private static final HardwareAddress MAC = new HardwareAddress("52:54:00:00:00:01");

  @TempDir Path state;
  private final TestClock clock = new TestClock();
  private BootTokens tokens;

  @BeforeEach
  void open() throws IOException {
    tokens = BootTokens.open(state, clock, new SecureRandom());
  }

  @Test
  void aTokenTellsWhichMachineItIsFor() {
    assertThat(tokens.check(tokens.issue(MAC))).contains(MAC);
  }

  @Test
  void eachBootHasItsOwnToken() {
    assertThat(tokens.issue(MAC)).isNotEqualTo(tokens.issue(MAC));
  }

  @Test
  void anyChangedBitMakesItWorthless() {
    byte[] good = Base64.getUrlDecoder().decode(tokens.issue(MAC));
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] forged = good.clone();
      forged[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(tokens.check(Base64.getUrlEncoder().withoutPadding().encodeToString(forged)))
          .as("bit " + bit)
          .isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "....", "größe", "AAAA", "null", "\u0000"})
  void whatIsNoTokenIsRefusedQuietly(String text) {
    assertThat(tokens.check(text)).isEmpty();
    assertThat(tokens.check(tokens.issue(MAC) + text + "A")).isEmpty();
  }

  @Test
  void oneOfAnotherApplianceIsRefused(@TempDir Path other) throws IOException {
    assertThat(tokens.check(BootTokens.open(other, clock, new SecureRandom()).issue(MAC)))
        .isEmpty();
  }

  @Test
  void itLastsToItsAgeAndNoLonger() {
    String token = tokens.issue(MAC);
    clock.advance(BootTokens.MAX_AGE);
    assertThat(tokens.check(token)).contains(MAC);
    clock.advance(Duration.ofMillis(1));
    assertThat(tokens.check(token)).isEmpty();
  }

  @Test
  void aRunningBootstrapSurvivesTheAppliancesRestart() throws IOException {
    String token = tokens.issue(MAC);
    open();
    assertThat(tokens.check(token)).contains(MAC);
  }

  @Test
  void theKeyIsTheOwnersAloneAndADamagedOneStopsTheStart() throws IOException {
    Path key = state.resolve("boot-token.key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
    Files.write(key, new byte[31]);
    assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("damaged");
  }
}
