package io.kindling.inventory;

import java.time.Clock;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Nested;

/// The fakes do what the real stores do.
class MemoryStoresTest {

  @Nested
  class Nodes extends NodeStoreContract {
    private final NodeStore store = new MemoryNodeStore();

    @Override
    protected NodeStore store() {
      return store;
    }

    @Override
    protected NodeStore reopened() {
      return store;
    }
  }

  @Nested
  class Events extends EventStoreContract {
    private final EventStore store =
        new MemoryEventStore(Clock.fixed(TestNodes.NOON, ZoneOffset.UTC));

    @Override
    protected EventStore store() {
      return store;
    }

    @Override
    protected EventStore reopened() {
      return store;
    }
  }
}
