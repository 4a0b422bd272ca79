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

  private static AccessTable.Credential credential(String hash, String account) {
    return new AccessTable.Credential(
        hash,
        "session",
        "",
        account,
        "viewer",
        TestNodes.NOON,
        TestNodes.NOON,
        TestNodes.NOON.plusSeconds(9));
  }

  @Test
  void anAccountGoesWithAllThatProvesIt() {
    var table = new AccessTable(database);
    var ann = new AccessTable.Account("ann", "admin", null, TestNodes.NOON);
    var bob = new AccessTable.Account("bob", "viewer", "$argon2id$", TestNodes.NOON);
    table.put(ann, List.of());
    table.put(bob, List.of());
    table.exchange(List.of(), credential("1", "ann"));
    table.exchange(List.of(), credential("2", "bob"));
    table.exchange(List.of("1"), credential("3", "ann"));
    table.used("3", TestNodes.NOON.plusSeconds(5));
    table = new AccessTable(restarted());
    assertThat(table.accounts()).containsExactly(ann, bob);
    assertThat(table.credentials())
        .extracting(AccessTable.Credential::hash)
        .containsExactly("2", "3");
    assertThat(table.credentials().getLast().used()).isEqualTo(TestNodes.NOON.plusSeconds(5));
    var changed = new AccessTable.Account("ann", "operator", "$argon2id$x", TestNodes.NOON);
    table.put(changed, List.of("3"));
    assertThat(table.accounts()).containsExactly(changed, bob);
    assertThat(table.credentials()).containsExactly(credential("2", "bob"));
    table.remove("bob");
    assertThat(table.accounts()).containsExactly(changed);
    assertThat(table.credentials()).isEmpty();
  }

  @Test
  void theAuditCountsItsRowsOnAndCutsWhatIsTooLong() {
    var table = new AuditTable(database);
    var first = table.append(TestNodes.NOON, "ann", "10.0.0.1", "PUT cluster", null, "a");
    assertThat(first.sequence()).isEqualTo(1);
    table = new AuditTable(restarted());
    var second =
        table.append(TestNodes.NOON, "b".repeat(200), "10.0.0.1", "x", "y".repeat(100_001), null);
    assertThat(second.sequence()).isEqualTo(2);
    assertThat(second.who()).hasSize(100);
    assertThat(second.before()).hasSize(100_000);
    assertThat(table.before(Long.MAX_VALUE, 10)).containsExactly(second, first);
    assertThat(table.before(2, 10)).containsExactly(first);
    assertThat(table.before(Long.MAX_VALUE, 1)).containsExactly(second);
  }
}
