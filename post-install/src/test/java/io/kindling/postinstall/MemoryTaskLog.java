package io.kindling.postinstall;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/// A log that lives as long as the process and knows no subscribers. Thread-safe.
public final class MemoryTaskLog implements TaskLog {

  private final List<Line> lines = new ArrayList<>();
  private Consumer<String> onLine = line -> {};

  @Override
  public synchronized void append(UUID node, String task, String text) {
    lines.add(new Line(Instant.EPOCH, task, text));
    onLine.accept(text);
  }

  /// Called with each line's text when it is appended.
  public synchronized void onLine(Consumer<String> action) {
    onLine = action;
  }

  @Override
  public synchronized List<Line> last(UUID node, int limit) {
    return List.copyOf(lines.subList(Math.max(0, lines.size() - limit), lines.size()));
  }

  public synchronized List<String> texts() {
    return lines.stream().map(Line::text).toList();
  }

  @Override
  public Subscription subscribe(UUID node, int backlog, Consumer<Line> taker) {
    throw new UnsupportedOperationException("a memory log has no subscribers");
  }
}
