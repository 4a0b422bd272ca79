package io.kindling.postinstall;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/// The nodes' logs: what tasks said and what became of them. Append-only. Thread-safe.
public interface TaskLog {

  /// Adds a line; control characters in it are made visible and harmless.
  void append(UUID node, String task, String text);

  /// The last lines of a node's log, oldest first, `limit` at most.
  List<Line> last(UUID node, int limit);

  /// Hands on the last `backlog` lines and then each new one, in order, none twice and none left
  /// out, from a thread of its own; a slow taker delays nobody but itself.
  Subscription subscribe(UUID node, int backlog, Consumer<Line> taker);

  /// @param task the task that said it
  record Line(Instant at, String task, String text) {}

  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
