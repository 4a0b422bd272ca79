package io.kindling.appliance.api;

import io.kindling.appliance.http.Caller;
import io.kindling.appliance.http.EventStream;
import io.kindling.appliance.http.Json;
import io.kindling.inventory.Event;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.postinstall.TaskLog;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Endless answers: events and logs, to the reader's pace. Thread-safe.
final class Streams {
  private static final int BATCH = 500;
  private static final int KEEP_ALIVE_SECONDS = 15;
  private static final int LOG_QUEUE = 1000;

  private final EventStore events;
  private final TaskLog logs;

  private final NodeStore nodes;

  Streams(EventStore events, TaskLog logs, NodeStore nodes) {
    this.events = events;
    this.logs = logs;
    this.nodes = nodes;
  }

  /// The event with its node's present name.
  EventView view(Event e) {
    UUID node = e.node();
    return new EventView(
        e.sequence(),
        e.at(),
        node == null ? null : node.toString(),
        node == null ? null : nodes.find(node).map(Node::name).orElse(null),
        e.kind(),
        e.error(),
        e.text());
  }

  /// @param node the node's id
  record EventView(
      long sequence,
      Instant at,
      @Nullable String node,
      @Nullable String nodeName,
      String kind,
      @Nullable String error,
      String text) {}

  /// Events after that number for as long as the reader stays and may read them. A reader that is
  /// behind reads from the store, so none is lost and nothing queues up.
  void events(HttpServerExchange exchange, long after) throws Exception {
    var wake = new Semaphore(0);
    try (AutoCloseable _ = events.subscribe(e -> wake.release());
        EventStream stream = EventStream.open(exchange)) {
      long last = after;
      while (Caller.of(exchange).valid().getAsBoolean()) {
        List<Event> batch = events.after(last, BATCH);
        for (Event event : batch) {
          stream.send(Long.toString(event.sequence()), null, Json.text(view(event)));
          last = event.sequence();
        }
        if (batch.isEmpty() && !wake.tryAcquire(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)) {
          stream.comment("still here");
        }
        wake.drainPermits();
      }
    }
  }

  /// A log line as text.
  static String line(TaskLog.Line line) {
    return line.at() + " " + line.task() + " " + line.text();
  }

  /// The last lines, then each new one for as long as the reader stays.
  void log(HttpServerExchange exchange, UUID node, int backlog)
      throws IOException, InterruptedException {
    BlockingQueue<TaskLog.Line> queue = new ArrayBlockingQueue<>(LOG_QUEUE);
    try (TaskLog.Subscription _ = logs.subscribe(node, backlog, line -> put(queue, line));
        EventStream stream = EventStream.open(exchange)) {
      while (Caller.of(exchange).valid().getAsBoolean()) {
        TaskLog.Line line = queue.poll(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
        if (line == null) {
          stream.comment("still here");
        } else {
          stream.send(null, null, line(line));
        }
      }
    }
  }

  /// Waits where the reader is behind: the log reads on from its file then.
  private static void put(BlockingQueue<TaskLog.Line> queue, TaskLog.Line line) {
    try {
      queue.put(line);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the subscription was closed
    }
  }
}
