package io.kindling.postinstall.ssh;

import java.time.Duration;

/// How a remote command ended.
public sealed interface ExitStatus {

  /// It ended by itself (128 + N where a signal ended it).
  record Exited(int code) implements ExitStatus {}

  /// The connection went away first; the command may still run.
  record Lost(String why) implements ExitStatus {}

  /// It ran longer than allowed; its channel was closed, the command may still run.
  record TimedOut(Duration limit) implements ExitStatus {}

  default boolean success() {
    return this instanceof Exited(int code) && code == 0;
  }
}
