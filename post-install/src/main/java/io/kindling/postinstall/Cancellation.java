package io.kindling.postinstall;

import java.util.ArrayList;
import java.util.List;

/// A request to stop, made by one thread and obeyed by another. Thread-safe.
public final class Cancellation {

  private final List<Runnable> actions = new ArrayList<>();
  private boolean requested;

  /// Asks to stop; runs the registered actions, once, in this thread.
  public void cancel() {
    List<Runnable> run;
    synchronized (this) {
      if (requested) {
        return;
      }
      requested = true;
      run = List.copyOf(actions);
      notifyAll();
    }
    run.forEach(Runnable::run);
  }

  public synchronized boolean requested() {
    return requested;
  }

  /// Waits that long, less if stopping is asked for meanwhile.
  ///
  /// @return true when stopping was asked for
  public synchronized boolean await(java.time.Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); !requested && left > 0; left = end - System.nanoTime()) {
      java.util.concurrent.TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return requested;
  }

  /// Runs the action when stopping is asked for, at once if it was already.
  ///
  /// @return takes the action back
  public Registration onCancel(Runnable action) {
    synchronized (this) {
      if (!requested) {
        actions.add(action);
        return () -> forget(action);
      }
    }
    action.run();
    return () -> {};
  }

  private synchronized void forget(Runnable action) {
    actions.remove(action);
  }

  /// A registered action.
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
