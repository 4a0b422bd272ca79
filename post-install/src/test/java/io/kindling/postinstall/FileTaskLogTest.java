package io.kindling.postinstall;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTaskLogTest {

  private static final UUID NODE = Plans.NODE;

  @TempDir Path directory;

  @Test
  void linesCarryTimeAndTask() throws Exception {
    log().append(NODE, "image", "unpacking");
    assertThat(Files.readString(directory.resolve("logs/" + NODE + ".log")))
        .isEqualTo("2026-11-23T20:00:00Z image unpacking\n");
  }

  @Test
  void theLastLinesAreThoseAskedForAlsoPastOneReadBlock() {
    var log = log();
    for (int i = 0; i < 3000; i++) {
      log.append(NODE, "t", "line " + i + " " + "x".repeat(60));
    }
    assertThat(log.last(NODE, 2))
        .extracting(TaskLog.Line::text)
        .first()
        .asString()
        .startsWith("line 2998 ");
    assertThat(log.last(NODE, 2500))
        .hasSize(2500)
        .first()
        .extracting(TaskLog.Line::text)
        .asString()
        .startsWith("line 500 ");
    assertThat(log.last(NODE, 5000)).hasSize(3000);
    assertThat(log.last(NODE, 0)).isEmpty();
    assertThat(log.last(new UUID(9, 9), 10)).isEmpty();
  }

  @Test
  void aMachinesOutputCannotDriveATerminalOrForgeALine() {
    var log = log();
    log.append(NODE, "t", "\u001b[2Jred\nforged\u0007 \ud800 ok\r");
    assertThat(log.last(NODE, 9))
        .extracting(TaskLog.Line::text)
        .containsExactly("\\x1b[2Jred\\x0aforged\\x07 \ufffd ok");
  }

  @Test
  void aSubscriberGetsTheBacklogAndThenEveryLineInOrder() throws Exception {
    var log = log();
    log.append(NODE, "t", "old");
    log.append(NODE, "t", "before");
    var seen = new LinkedBlockingQueue<String>();
    try (var _ = log.subscribe(NODE, 1, line -> seen.add(line.text()))) {
      for (int i = 0; i < 500; i++) {
        log.append(NODE, "t", "" + i);
      }
      assertThat(take(seen, 501)).startsWith("before", "0", "1").endsWith("499");
    }
  }

  @Test
  void aSubscriberWhoNeverReturnsDelaysNobody() throws Exception {
    var log = log();
    var seen = new LinkedBlockingQueue<String>();
    var never = new java.util.concurrent.CountDownLatch(1);
    try (var _ =
            log.subscribe(
                NODE,
                0,
                line -> {
                  try {
                    never.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
        var _ = log.subscribe(NODE, 0, line -> seen.add(line.text()))) {
      for (int i = 0; i < 100; i++) {
        log.append(NODE, "t", "" + i);
      }
      assertThat(take(seen, 100)).endsWith("99");
    }
  }

  @Test
  void aLineCutByACrashDoesNotSpoilTheNext() throws Exception {
    log().append(NODE, "t", "whole");
    Files.writeString(
        directory.resolve("logs/" + NODE + ".log"), "2026-11-23T2", StandardOpenOption.APPEND);
    var log = log();
    log.append(NODE, "t", "next");
    assertThat(log.last(NODE, 9))
        .extracting(TaskLog.Line::text)
        .containsExactly("whole", "2026-11-23T2", "next");
  }

  @Test
  void aLineAtTheLimitIsWholeAndOnePastItIsCut() {
    var log = log();
    log.append(NODE, "t", "x".repeat(FileTaskLog.LONGEST_TEXT));
    log.append(NODE, "t", "x".repeat(FileTaskLog.LONGEST_TEXT) + "y");
    assertThat(log.last(NODE, 9))
        .allSatisfy(l -> assertThat(l.text()).isEqualTo("x".repeat(FileTaskLog.LONGEST_TEXT)));
  }

  private FileTaskLog log() {
    return new FileTaskLog(directory.resolve("logs"), new FakeTime());
  }

  private static List<String> take(LinkedBlockingQueue<String> queue, int n) throws Exception {
    var taken = new ArrayList<String>();
    while (taken.size() < n) {
      String next = queue.poll(10, TimeUnit.SECONDS);
      assertThat(next).as("line %d", taken.size()).isNotNull();
      taken.add(next);
    }
    return taken;
  }
}
