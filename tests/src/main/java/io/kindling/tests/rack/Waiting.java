package io.kindling.tests.rack;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// Waits for a condition outside this process, which can only be looked at again and again.
public final class Waiting {

  private static final Duration PAUSE = Duration.ofMillis(250);

  private Waiting() {}

  /// Returns once the condition holds; a named error where it does not within the limit.
  ///
  /// @param what what is waited for, for the error
  /// @param check run before each look; throws where waiting has become pointless
  public static void until(String what, Duration limit, BooleanSupplier condition, Runnable check) {
    until(what, limit, PAUSE, condition, check);
  }

  /// The same, where each look costs the other side more than a moment.
  ///
  /// @param pause between two looks
  public static void until(
      String what, Duration limit, Duration pause, BooleanSupplier condition, Runnable check) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      check.run();
      if (System.nanoTime() > end) {
        throw new RackException(RackError.TIMED_OUT, what + " within " + limit.toSeconds() + " s");
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RackException(RackError.INTERRUPTED, what);
      }
    }
  }
}
