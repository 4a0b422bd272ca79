package io.kindling.appliance.machines;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.TestClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefusedReportsTest {
  @TempDir Path directory;
  private final TestClock clock = new TestClock();

  @Test
  void theNewestAreKeptAlsoOverARestart() throws Exception {
    var refused = new RefusedReports(directory.resolve("refused"), clock);
    for (int i = 0; i < RefusedReports.MOST + 3; i++) {
      clock.advance(Duration.ofMillis(1));
      refused.keep("10.20.0.7", "INV-004", "reason " + i, bytes("document " + i));
    }
    var again = new RefusedReports(directory.resolve("refused"), clock);
    assertThat(again.all()).hasSize(RefusedReports.MOST);
    RefusedReports.Refused newest = again.all().getFirst();
    assertThat(newest.reason()).isEqualTo("reason " + (RefusedReports.MOST + 2));
    assertThat(again.document(newest.id())).contains(bytes("document 22"));
    assertThat(again.all().getLast().reason()).isEqualTo("reason 3");
    try (var files = Files.list(directory.resolve("refused"))) {
      assertThat(files.count()).isEqualTo(2L * RefusedReports.MOST);
    }
  }

  @Test
  void ofALargeOneTheBeginningIsKept() throws Exception {
    var refused = new RefusedReports(directory, clock);
    refused.keep("::1", "INV-001", "large", new byte[RefusedReports.MOST_BYTES]);
    refused.keep("::1", "INV-001", "too large", new byte[RefusedReports.MOST_BYTES + 1]);
    assertThat(refused.all())
        .allMatch(r -> r.kept() == RefusedReports.MOST_BYTES)
        .anyMatch(r -> r.bytes() == RefusedReports.MOST_BYTES + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "../secrets", "1-1", "1700000000000-1/../x", "none"})
  void whatIsNotKeptIsNotFound(String id) throws Exception {
    assertThat(new RefusedReports(directory, clock).document(id)).isEmpty();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
