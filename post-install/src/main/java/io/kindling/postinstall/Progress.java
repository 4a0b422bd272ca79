package io.kindling.postinstall;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// How far an installation is.
///
/// @param task the running task
/// @param number the task's number, from 1
/// @param of how many tasks there are
/// @param percent of this task, null where not known
public record Progress(
    UUID node, int attempt, String task, int number, int of, @Nullable Integer percent) {

  /// Called from the installing thread and from the reader of a task's output; must return soon.
  @FunctionalInterface
  public interface Listener {
    void progress(Progress progress);
  }
}
