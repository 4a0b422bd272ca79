package io.kindling.inventory.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.TestNodes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TablesTest {
  private static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-000000000001");

  @TempDir Path dir;
  private Database database;

  @BeforeEach
  void open() {
    database = TestDatabases.open(dir);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Database restarted() {
    database.close();
    open();
    return database;
  }

  private static LeaseTable.Row lease(int mac, String address) {
    return new LeaseTable.Row(
        "52:54:00:00:00:%02x".formatted(mac), address, TestNodes.NOON.plusSeconds(mac), mac > 9);
  }

  @Test
  void leasesReplaceThoseOfTheSameAddressAndOutliveARestart() {
    var table = new LeaseTable(database, Runnable::run);
    table.commit(List.of(lease(1, "10.20.0.1"), lease(2, "10.20.0.2")), List.of());
    table.commit(List.of(lease(10, "10.20.0.1"), lease(3, "10.20.0.3")), List.of("10.20.0.2"));
    assertThat(new LeaseTable(restarted(), Runnable::run).all())
        .containsExactly(lease(10, "10.20.0.1"), lease(3, "10.20.0.3"));
  }

  @Test
  void aLeaseDroppedAndPutInOneCommitIsThere() {
    var table = new LeaseTable(database, Runnable::run);
    table.commit(List.of(lease(1, "10.20.0.1")), List.of());
    table.commit(List.of(lease(2, "10.20.0.1"), lease(3, "10.20.0.1")), List.of("10.20.0.1"));
    assertThat(table.all()).containsExactly(lease(3, "10.20.0.1"));
  }

  @Test
  void anEmptyCommitOfLeasesDoesNothing() {
    new LeaseTable(database, Runnable::run).commit(List.of(), List.of());
    assertThat(new LeaseTable(database, Runnable::run).all()).isEmpty();
  }

  private static OutcomeTable.Row outcome(int attempt, String task, String status, int at) {
    return new OutcomeTable.Row(
        NODE,
        attempt,
        task,
        status,
        TestNodes.NOON.plusSeconds(at),
        "detail " + at,
        Map.of("hostKey", "ssh-ed25519 A'\"{{"));
  }

  @Test
  void outcomesComeInTheOrderOfTheirFirstRecordWithTheirLastContent() {
    var table = new OutcomeTable(database);
    table.record(outcome(1, "wipe", "STARTED", 1));
    table.record(outcome(1, "check", "DONE", 2));
    table.record(outcome(1, "wipe", "DONE", 3));
    table.record(outcome(2, "wipe", "FAILED", 4));
    assertThat(new OutcomeTable(restarted()).of(NODE, 1))
        .containsExactly(outcome(1, "wipe", "DONE", 3), outcome(1, "check", "DONE", 2));
    assertThat(new OutcomeTable(database).of(NODE, 3)).isEmpty();
  }

  @Test
  void settingsAreKeptReplacedAndRemoved() {
    var table = new SettingsTable(database);
    table.put("b", "1");
    table.put("a", "größe \u0001");
    table.put("b", "2".repeat(900_000));
    assertThat(new SettingsTable(restarted()).all())
        .isEqualTo(Map.of("a", "größe \u0001", "b", "2".repeat(900_000)));
    new SettingsTable(database).remove("a");
    new SettingsTable(database).remove("none");
    assertThat(new SettingsTable(database).get("a")).isEmpty();
    assertThat(new SettingsTable(database).get("b")).isPresent();
  }
}
