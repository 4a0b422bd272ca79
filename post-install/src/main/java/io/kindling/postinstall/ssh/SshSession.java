package io.kindling.postinstall.ssh;

import java.time.Duration;

/// An authenticated connection to a machine; many commands may use it, one after another or at
/// once. Thread-safe.
public interface SshSession extends AutoCloseable {

  /// Runs the script with `sh -s` on the far side and hands its output on as it comes.
  ExitStatus run(Script script, LineSink out, Duration limit) throws InterruptedException;

  /// Writes a file on the far side: whole or not at all, with exactly this mode.
  ///
  /// @param mode octal, `0600`
  ExitStatus put(byte[] content, String path, String mode, Duration limit)
      throws InterruptedException;

  /// False once the connection is known to be gone.
  boolean alive();

  /// Closes the connection; a command still running ends as [ExitStatus.Lost].
  @Override
  void close();
}
