package io.kindling.inventory.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.inventory.InventoryError;
import io.kindling.inventory.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
  @TempDir Path dir;

  private static Database.Refused refused(Path dir) {
    return (Database.Refused) Database.open(dir);
  }

  @Test
  void theStateDirectoryIsMadeForItsOwnerAlone() throws Exception {
    Path state = dir.resolve("a/b");
    TestDatabases.open(state).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
        .isEqualTo("rwx------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(state.resolve("kindling.mv.db"))))
        .isEqualTo("rw-------");
  }

  @Test
  void aSecondOpeningIsRefusedWhileTheFirstLasts() {
    try (Database _ = TestDatabases.open(dir)) {
      assertThat(refused(dir).error()).isEqualTo(InventoryError.STATE_IN_USE);
    }
    TestDatabases.open(dir).close();
  }

  @Test
  void anotherProcessIsRefusedToo() throws Exception {
    try (Database _ = TestDatabases.open(dir);
        ChildJvm child = ChildJvm.start(Committer.class, dir.toString(), "1")) {
      assertThat(child.readLine()).isEqualTo("refused STATE_IN_USE");
    }
  }

  @Test
  void aFileThatIsNoDatabaseIsANamedErrorAndStaysAsItIs() throws Exception {
    byte[] rubbish = "rubbish".repeat(5000).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Files.write(dir.resolve("kindling.mv.db"), rubbish);
    assertThat(refused(dir).error()).isEqualTo(InventoryError.STATE_DAMAGED);
    assertThat(Files.readAllBytes(dir.resolve("kindling.mv.db"))).isEqualTo(rubbish);
  }

  @Test
  void aDatabaseOfANewerApplianceIsANamedError() {
    try (Database database = TestDatabases.open(dir)) {
      execute(
          database, "insert into schema_history (version, name, checksum) values (99, 'V99', 'x')");
    }
    assertThat(refused(dir).error()).isEqualTo(InventoryError.STATE_NEWER);
    assertThat(refused(dir).error()).isEqualTo(InventoryError.STATE_NEWER); // Its lock is free.
  }

  @Test
  void aDatabaseThatRanAnotherScriptIsANamedError() {
    try (Database database = TestDatabases.open(dir)) {
      execute(database, "update schema_history set checksum = 'x'");
    }
    assertThat(refused(dir).error()).isEqualTo(InventoryError.STATE_FOREIGN);
  }

  @Test
  void aMigrationThatWasCutOffIsRunAgain() {
    try (Database database = TestDatabases.open(dir)) {
      execute(database, "drop table leases");
      execute(database, "delete from schema_history");
    }
    try (Database database = TestDatabases.open(dir)) {
      assertThat(new LeaseTable(database, Runnable::run).all()).isEmpty();
    }
  }

  /// Two values are always changed together; what is durable before a copy is in it.
  @Test
  void aCopyThatIsMadeAmidWritesHasAllThatWasCommittedBeforeAndNothingHalf() throws Exception {
    var stop = new java.util.concurrent.atomic.AtomicBoolean();
    var durable = new java.util.concurrent.atomic.AtomicInteger();
    try (Database database = TestDatabases.open(dir.resolve("a"));
        var threads = Executors.newSingleThreadExecutor()) {
      execute(database, "insert into settings (name, content) values ('a', '0'), ('b', '0')");
      var settings = new SettingsTable(database);
      settings.put("quotes", "it's; -- \"said\" \u00e4\n\\");
      threads.execute(() -> {
        for (int i = 1; !stop.get(); i++) {
          int value = i;
          database.<Object>durably(c -> {
            try (var change = c.createStatement()) {
              change.executeUpdate(
                  "update settings set content = '" + value + "' where name = 'a'");
              return change.executeUpdate(
                  "update settings set content = '" + value + "' where name = 'b'");
            }
          });
          durable.set(i);
        }
      });
      for (int copy = 0; copy < 5; copy++) {
        while (durable.get() < 20 * copy) {
          Thread.onSpinWait();
        }
        int before = durable.get();
        Path file = dir.resolve("copy" + copy);
        database.copy(file);
        Path next = Files.createDirectory(dir.resolve("next" + copy));
        try (var in = Files.newInputStream(file)) {
          Database.unpack(in, next);
        }
        try (Database copied = TestDatabases.open(next)) {
          var kept = new SettingsTable(copied).all();
          assertThat(kept.get("a")).isEqualTo(kept.get("b"));
          assertThat(Integer.parseInt(kept.get("a"))).isGreaterThanOrEqualTo(before);
          assertThat(kept.get("quotes")).isEqualTo(settings.get("quotes").orElseThrow());
        }
      }
      stop.set(true);
    }
  }

  @Test
  void aDirectoryThatCannotBeUsedIsANamedError() throws Exception {
    Path file = Files.writeString(dir.resolve("file"), "");
    assertThat(refused(file.resolve("state")).error()).isEqualTo(InventoryError.STATE_UNUSABLE);
    assertThat(refused(dir.resolve("a;TRACE_LEVEL_FILE=4")).error())
        .isEqualTo(InventoryError.STATE_UNUSABLE);
  }

  @Test
  void workThatThrowsIsRolledBackAndTheNextGoesOn() {
    try (Database database = TestDatabases.open(dir)) {
      assertThatThrownBy(() ->
              database.<Object>durably(c -> {
                c.createStatement()
                    .executeUpdate("insert into settings (name, content) values ('a','1')");
                throw new IllegalStateException("no");
              }))
          .hasMessage("no");
      assertThatThrownBy(() ->
              database.<Object>durably(c -> {
                throw new SQLException("disk full");
              }))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("INV-016");
      new SettingsTable(database).put("b", "2");
      assertThat(new SettingsTable(database).all()).containsOnlyKeys("b");
    }
  }

  @Test
  void workOfManyAtOnceIsAllThere() {
    try (Database database = TestDatabases.open(dir)) {
      var settings = new SettingsTable(database);
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 300; i++) {
          String name = "n" + i;
          threads.submit(() -> settings.put(name, "x"));
        }
      }
    }
    try (Database database = TestDatabases.open(dir)) {
      assertThat(new SettingsTable(database).all()).hasSize(300);
    }
  }

  @Test
  void whatWasAcknowledgedOutlivesKillNine() throws Exception {
    Set<String> acknowledged = new HashSet<>();
    try (ChildJvm child = ChildJvm.start(Committer.class, dir.toString(), "1000000")) {
      for (int i = 0; i < 200; i++) {
        acknowledged.add(child.readLine().substring("done ".length()));
      }
      child.kill();
      for (String line = child.readLine(); line != null; line = child.readLine()) {
        if (line.startsWith("done ") && line.endsWith(".")) {
          acknowledged.add(line.substring("done ".length())); // Said before it was killed.
        }
      }
    }
    try (Database database = TestDatabases.open(dir)) {
      assertThat(new SettingsTable(database).all().keySet()).containsAll(acknowledged);
      assertThat(database.<Long>read(DatabaseTest::countEvents)).isGreaterThanOrEqualTo(200);
    }
  }

  @Test
  void anAppendedEventOutlivesKillNineWithoutAnySync() throws Exception {
    try (ChildJvm child = ChildJvm.start(Committer.class, dir.toString(), "300", "events only")) {
      for (int i = 0; i < 600; i++) {
        child.readLine();
      }
      child.kill();
    }
    try (Database database = TestDatabases.open(dir)) {
      assertThat(database.<Long>read(DatabaseTest::countEvents)).isEqualTo(600);
    }
  }

  private static long countEvents(java.sql.Connection connection) throws SQLException {
    var rows = connection.createStatement().executeQuery("select count(*) from events");
    rows.next();
    return rows.getLong(1);
  }

  private static void execute(Database database, String sql) {
    database.<Object>durably(c -> c.createStatement().executeUpdate(sql));
  }

  /// Commits settings and events for ever from two threads and says so; killed by the test.
  static final class Committer {
    private Committer() {}

    public static void main(String[] args) {
      switch (Database.open(Path.of(args[0]))) {
        case Database.Refused refused -> System.out.println("refused " + refused.error());
        case Database.Opened opened -> {
          var settings = new SettingsTable(opened.database());
          var events = new JdbcEventStore(opened.database(), java.time.Clock.systemUTC());
          int count = Integer.parseInt(args[1]);
          try (var threads = Executors.newFixedThreadPool(2)) {
            for (int t = 0; t < 2; t++) {
              int thread = t;
              threads.submit(() -> {
                for (int i = 0; i < count; i++) {
                  String name = thread + "-" + i + ".";
                  events.append(null, "k", null, name);
                  settings.put(name, "x");
                  synchronized (System.out) {
                    System.out.println("done " + name);
                    System.out.flush();
                  }
                }
              });
            }
          }
          if (args.length == 2) {
            opened.database().close();
          } else {
            Runtime.getRuntime().halt(9); // As if killed: nothing is closed or written any more.
          }
        }
      }
    }
  }
}
