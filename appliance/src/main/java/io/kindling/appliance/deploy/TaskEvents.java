package io.kindling.appliance.deploy;

import io.kindling.inventory.EventStore;
import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.RunListener;

/// Tells in the events how far a run is. Thread-safe.
public class TaskEvents implements RunListener {
  private final EventStore events;

  public TaskEvents(EventStore events) {
    this.events = events;
  }

  @Override
  public void taskStarted(String phase, GraphTask task, int number, int of) {
    events.append(
        null,
        "task-started",
        null,
        "%s/%s: %s (%d of %d)".formatted(phase, task.name(), task.title(), number, of));
  }
}
