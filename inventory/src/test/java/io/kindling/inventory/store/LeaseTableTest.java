package io.kindling.inventory.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.TestNodes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Leases on their way from the log to the table.
class LeaseTableTest {
  /// Room for some twenty leases.
  private static final int SMALL = 1500;

  @TempDir Path dir;
  private Database database;
  private LeaseTable table;
  private final Queue<Runnable> background = new ArrayDeque<>();

  @BeforeEach
  void open() {
    database = TestDatabases.open(dir);
    table = new LeaseTable(database, background::add, SMALL);
  }

  @AfterEach
  void close() {
    background.forEach(Runnable::run);
    table.close();
    database.close();
  }

  /// Nothing the background had still to do is done.
  private void restart() {
    database.close();
    background.clear();
    open();
  }

  private void storeInBackground() {
    while (!background.isEmpty()) {
      background.remove().run();
    }
  }

  private static LeaseTable.Row lease(int mac, int address) {
    return new LeaseTable.Row(
        "52:54:00:00:00:%02x".formatted(mac),
        "10.20.0." + address,
        TestNodes.NOON.plusSeconds(mac),
        mac % 5 == 0);
  }

  @Test
  void whatIsOnlyInTheLogIsFoundAfterARestart() {
    table.commit(List.of(lease(1, 1), lease(2, 2)), List.of());
    table.commit(List.of(lease(3, 3)), List.of("10.20.0.2"));
    assertThat(background).isEmpty();
    restart();
    assertThat(table.all()).containsExactly(lease(1, 1), lease(3, 3));
  }

  @Test
  void aCopyOfTheDatabaseHasEveryLeaseThatWasSettledBefore(@TempDir Path other) throws Exception {
    try (LeaseTable settling = new LeaseTable(database, Runnable::run, SMALL)) {
      settling.commit(List.of(lease(1, 1), lease(2, 2)), List.of());
      settling.commit(List.of(lease(3, 3)), List.of("10.20.0.2"));
      settling.settle();
      settling.commit(List.of(lease(4, 4)), List.of());
      database.copy(other.resolve("it's a copy"));
      assertThat(settling.all()).containsExactly(lease(1, 1), lease(3, 3), lease(4, 4));
    }
    Path next = Files.createDirectory(other.resolve("next"));
    try (InputStream copy = Files.newInputStream(other.resolve("it's a copy"))) {
      Database.unpack(copy, next);
    }
    try (Database copied = TestDatabases.open(next);
        LeaseTable leases = new LeaseTable(copied, Runnable::run, SMALL)) {
      assertThat(leases.all()).containsExactly(lease(1, 1), lease(3, 3));
    }
  }

  @Test
  void whatTheBackgroundHadStillToStoreIsFoundAfterARestart() {
    while (background.isEmpty()) {
      table.commit(List.of(lease(1, 1)), List.of());
    }
    table.commit(List.of(lease(2, 2)), List.of());
    restart();
    assertThat(table.all()).containsExactly(lease(1, 1), lease(2, 2));
  }

  @Test
  void throughTurnsAndRestartsTheLastCommitOfAnAddressIsWhatCounts() {
    Map<String, LeaseTable.Row> expected = new TreeMap<>();
    Random random = new Random(7);
    for (int i = 0; i < 600; i++) {
      LeaseTable.Row row = lease(random.nextInt(200), random.nextInt(30));
      if (random.nextInt(4) == 0) {
        table.commit(List.of(), List.of(row.address()));
        expected.remove(row.address());
      } else {
        table.commit(List.of(row), List.of());
        expected.put(row.address(), row);
      }
      if (random.nextInt(3) == 0) {
        storeInBackground();
      }
      if (random.nextInt(40) == 0) {
        restart();
        assertThat(table.all()).containsExactlyElementsOf(expected.values());
      }
      if (background.size() > 0 && random.nextBoolean()) {
        storeInBackground(); // a commit waits for it once the log is full
      }
    }
  }

  @Test
  void aRecordThatWasCutOffIsNoLeaseAndThoseBeforeItAre() throws IOException {
    table.commit(List.of(lease(1, 1)), List.of());
    table.commit(List.of(lease(2, 2)), List.of());
    damageLast();
    restart();
    assertThat(table.all()).containsExactly(lease(1, 1));
    table.commit(List.of(lease(3, 3)), List.of());
    restart();
    assertThat(table.all()).containsExactly(lease(1, 1), lease(3, 3));
  }

  /// Changes the last byte that is not zero.
  private void damageLast() throws IOException {
    try (FileChannel file =
        FileChannel.open(
            dir.resolve(LeaseTable.LOG + ".0"),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      ByteBuffer content = ByteBuffer.allocate((int) file.size());
      file.read(content, 0);
      int last = content.capacity() - 1;
      while (content.get(last) == 0) {
        last--;
      }
      file.write(ByteBuffer.wrap(new byte[] {(byte) (content.get(last) ^ 1)}), last);
    }
  }
}
