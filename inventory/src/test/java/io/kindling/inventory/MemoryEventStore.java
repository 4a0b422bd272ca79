package io.kindling.inventory;

import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Events in memory, for tests of what uses an [EventStore]. Passes the same contract as the real
/// one.
public final class MemoryEventStore implements EventStore {
  private final Clock clock;
  private final List<Event> events = new ArrayList<>();
  private final List<Consumer<Event>> subscribers = new ArrayList<>();

  public MemoryEventStore(Clock clock) {
    this.clock = clock;
  }

  @Override
  public synchronized Event append(
      @Nullable UUID node, String kind, @Nullable String error, String text) {
    var event =
        new Event(
            events.size() + 1L,
            clock.instant().truncatedTo(ChronoUnit.MICROS),
            node,
            kind,
            error,
            text.length() > 4000 ? text.substring(0, 4000) : text);
    events.add(event);
    for (Consumer<Event> subscriber : subscribers) {
      try {
        subscriber.accept(event);
      } catch (RuntimeException e) {
        // As the contract says: one subscriber's trouble is not the others'.
      }
    }
    return event;
  }

  @Override
  public synchronized List<Event> after(long sequence, int limit) {
    return events.stream().filter(e -> e.sequence() > sequence).limit(limit).toList();
  }

  @Override
  public synchronized List<Event> last(int limit) {
    return List.copyOf(events.subList(Math.max(0, events.size() - limit), events.size()));
  }

  @Override
  public synchronized List<Event> of(UUID node, int limit) {
    List<Event> all = events.stream().filter(e -> node.equals(e.node())).toList();
    return all.subList(Math.max(0, all.size() - limit), all.size());
  }

  @Override
  public synchronized AutoCloseable subscribe(Consumer<Event> subscriber) {
    Consumer<Event> own = subscriber::accept;
    subscribers.add(own);
    return () -> {
      synchronized (this) {
        subscribers.remove(own);
      }
    };
  }
}
