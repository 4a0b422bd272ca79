package io.kindling.appliance.deploy;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Lets one run at a time change the installed nodes. Thread-safe.
public final class OneRun {
  private @Nullable String holder;

  /// Takes the turn where nobody has it.
  public synchronized boolean take(String by) {
    if (holder != null) {
      return false;
    }
    holder = by;
    return true;
  }

  /// Gives it back.
  public synchronized void done() {
    holder = null;
  }

  /// What runs.
  public synchronized Optional<String> holder() {
    return Optional.ofNullable(holder);
  }
}
