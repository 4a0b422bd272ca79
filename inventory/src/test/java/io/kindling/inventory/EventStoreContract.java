package io.kindling.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/// What every [EventStore] does.
public abstract class EventStoreContract {

  /// An empty store with a clock that stands at [TestNodes#NOON], the same within one test.
  protected abstract EventStore store() throws Exception;

  /// The store as a restarted appliance finds it; where nothing is kept, the same.
  protected abstract EventStore reopened() throws Exception;

  private static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-000000000001");

  @Test
  void sequenceNumbersGrowByOneAlsoOverARestart() throws Exception {
    assertThat(store().append(null, "a", null, "x").sequence()).isEqualTo(1);
    assertThat(store().append(NODE, "b", "INV-001", "y").sequence()).isEqualTo(2);
    assertThat(reopened().append(null, "c", null, "z").sequence()).isEqualTo(3);
  }

  @Test
  void anEventIsReadAsItWasAppended() throws Exception {
    Event event = store().append(NODE, "kind", "INV-001", "text \"'{{ }} größe");
    assertThat(event)
        .isEqualTo(new Event(1, TestNodes.NOON, NODE, "kind", "INV-001", "text \"'{{ }} größe"));
    assertThat(reopened().after(0, 10)).containsExactly(event);
  }

  @Test
  void eventsAfterANumberComeOldestFirstAndNoMoreThanTheLimit() throws Exception {
    for (int i = 0; i < 5; i++) {
      store().append(null, "k", null, "e" + i);
    }
    assertThat(store().after(1, 2)).extracting(Event::text).containsExactly("e1", "e2");
    assertThat(store().after(5, 2)).isEmpty();
  }

  @Test
  void aNodesLastEventsComeOldestFirst() throws Exception {
    for (int i = 0; i < 4; i++) {
      store().append(NODE, "k", null, "e" + i);
      store().append(null, "k", null, "other");
    }
    assertThat(store().of(NODE, 2)).extracting(Event::text).containsExactly("e2", "e3");
  }

  @Test
  void longTextIsCutAndNoTextIsRefused() throws Exception {
    assertThat(store().append(null, "k", null, "x".repeat(5000)).text()).hasSize(4000);
    store().append(null, "k", null, "nul \0 is no trouble");
    assertThat(store().after(0, 9)).hasSize(2);
  }

  @Test
  void aSubscriberGetsEveryEventFromThenOnInOrderUntilItCloses() throws Exception {
    EventStore store = store();
    List<Event> got = new ArrayList<>();
    store.append(null, "k", null, "before");
    try (AutoCloseable _ = store.subscribe(got::add)) {
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 50; i++) {
          threads.submit(() -> store.append(NODE, "k", null, "x"));
        }
      }
    }
    store.append(null, "k", null, "after");
    assertThat(got).isEqualTo(store.after(1, 50));
  }

  @Test
  void aSubscriberThatThrowsDoesNotHinderTheOthers() throws Exception {
    List<Event> got = new ArrayList<>();
    try (AutoCloseable _ =
            store()
                .subscribe(e -> {
                  throw new IllegalStateException("no");
                });
        AutoCloseable _ = store().subscribe(got::add)) {
      store().append(null, "k", null, "x");
    }
    assertThat(got).hasSize(1);
  }
}
