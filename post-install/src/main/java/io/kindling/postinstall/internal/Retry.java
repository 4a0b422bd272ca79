package io.kindling.postinstall.internal;

import io.kindling.postinstall.TaskContext;
import java.time.Duration;

/// Waits longer and longer between attempts, and tells the log why, once per reason. Confined to
/// one thread.
final class Retry {

  private final TaskContext context;
  private Duration next;
  private String told = "";

  Retry(TaskContext context) {
    this.context = context;
    this.next = context.settings().firstRetry();
  }

  void saw(String reason) {
    if (!reason.equals(told)) {
      context.log().accept("no connection yet: " + reason);
      told = reason;
    }
  }

  void sleep() throws InterruptedException {
    context.sleeper().sleep(next, context.cancellation());
    Duration doubled = next.multipliedBy(2);
    Duration longest = context.settings().longestRetry();
    next = doubled.compareTo(longest) > 0 ? longest : doubled;
  }
}
