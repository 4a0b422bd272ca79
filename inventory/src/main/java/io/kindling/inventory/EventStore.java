package io.kindling.inventory;

import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What happened, in order. Thread-safe.
///
/// Events survive the appliance's end (`kill -9`) when [#append] returns, and a power cut from the
/// next durable change of anything on; what must not be lost is state, not an event.
public interface EventStore {

  /// Appends an event and hands it to the subscribers; its number and time are set here.
  Event append(@Nullable UUID node, String kind, @Nullable String error, String text);

  /// At most `limit` events after that number, oldest first.
  List<Event> after(long sequence, int limit);

  /// The last `limit` events of all, oldest first.
  List<Event> last(int limit);

  /// The node's last `limit` events, oldest first.
  List<Event> of(UUID node, int limit);

  /// Calls back for every event from now on, in order, until closed. The callback must not block
  /// and must not append; what it throws is logged. To miss nothing: subscribe first, then read
  /// with [#after], and leave out sequence numbers seen twice.
  AutoCloseable subscribe(Consumer<Event> subscriber);
}
