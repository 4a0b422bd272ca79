package io.kindling.postinstall;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.Outcome.Status;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// What every [OutcomeStore] does; implementations extend this with their own store.
public abstract class OutcomeStoreContract {

  private static final UUID NODE = new UUID(1, 1);
  private static final UUID OTHER = new UUID(1, 2);
  private static final Instant NOW = Instant.parse("2026-11-23T20:00:00Z");

  /// An empty store; each call may give another one. An implementation whose tables refer to nodes
  /// makes the nodes `new UUID(1, 1)` and `new UUID(1, 2)` first.
  protected abstract OutcomeStore store();

  @Test
  void anEmptyStoreHasNoOutcomes() {
    assertThat(store().of(NODE, 1)).isEmpty();
  }

  @Test
  void anOutcomeComesBackAsItWasRecorded() {
    OutcomeStore store = store();
    var outcome =
        new Outcome(
            NODE,
            1,
            "configure",
            Status.DONE,
            NOW,
            "with “quotes”, '; -- and ünïcode",
            Map.of("hostKey", "ssh-ed25519 AAAA", "empty", ""));
    store.record(outcome);
    assertThat(store.of(NODE, 1)).containsExactly(outcome);
  }

  @Test
  void theLastOutcomeOfATaskReplacesTheOneBefore() {
    OutcomeStore store = store();
    store.record(outcome(NODE, 1, "wipe", Status.STARTED));
    store.record(outcome(NODE, 1, "wipe", Status.FAILED));
    store.record(outcome(NODE, 1, "wipe", Status.STARTED));
    store.record(outcome(NODE, 1, "wipe", Status.DONE));
    assertThat(store.of(NODE, 1)).containsExactly(outcome(NODE, 1, "wipe", Status.DONE));
  }

  @Test
  void tasksComeInTheOrderTheyWereRecordedFirst() {
    OutcomeStore store = store();
    store.record(outcome(NODE, 1, "wipe", Status.STARTED));
    store.record(outcome(NODE, 1, "partition", Status.STARTED));
    store.record(outcome(NODE, 1, "boot-loader", Status.STARTED));
    store.record(outcome(NODE, 1, "wipe", Status.DONE));
    assertThat(store.of(NODE, 1))
        .extracting(Outcome::task)
        .containsExactly("wipe", "partition", "boot-loader");
  }

  @Test
  void nodesAndAttemptsAreApart() {
    OutcomeStore store = store();
    store.record(outcome(NODE, 1, "wipe", Status.DONE));
    store.record(outcome(NODE, 2, "wipe", Status.STARTED));
    store.record(outcome(OTHER, 1, "wipe", Status.FAILED));
    assertThat(store.of(NODE, 1)).extracting(Outcome::status).containsExactly(Status.DONE);
    assertThat(store.of(NODE, 2)).extracting(Outcome::status).containsExactly(Status.STARTED);
    assertThat(store.of(OTHER, 1)).extracting(Outcome::status).containsExactly(Status.FAILED);
    assertThat(store.of(OTHER, 2)).isEmpty();
  }

  private static Outcome outcome(UUID node, int attempt, String task, Status status) {
    return new Outcome(node, attempt, task, status, NOW, "", Map.of());
  }
}
