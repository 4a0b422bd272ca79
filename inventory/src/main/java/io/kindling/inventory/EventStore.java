package io.kindling.inventory;

import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What happened, in order. Thread-safe.
public interface EventStore {

  /// Appends an event and hands it to the subscribers; its number and time are set here.
  Event append(@Nullable UUID node, String kind, @Nullable String error, String text);

  /// At most `limit` events after that number, oldest first.
  List<Event> after(long sequence, int limit);

  /// The node's last `limit` events, oldest first.
  List<Event> of(UUID node, int limit);

  /// Calls back for every event from now on, in order, until closed. The callback must not block.
  AutoCloseable subscribe(Consumer<Event> subscriber);
}
