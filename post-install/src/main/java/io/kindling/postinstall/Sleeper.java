package io.kindling.postinstall;

import java.time.Duration;

/// Waiting between attempts; a parameter so that tests need not wait.
@FunctionalInterface
public interface Sleeper {

  /// Returns after that time, or earlier once stopping was asked for.
  void sleep(Duration time, Cancellation cancellation) throws InterruptedException;

  /// Waits in real time.
  static Sleeper real() {
    return (time, cancellation) -> cancellation.await(time);
  }
}
