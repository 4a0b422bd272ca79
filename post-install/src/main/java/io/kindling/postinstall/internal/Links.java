package io.kindling.postinstall.internal;

import io.kindling.postinstall.TaskContext;
import io.kindling.postinstall.TaskResult;
import io.kindling.postinstall.ssh.SshSession;

/// Gives a task its connection to the node, the same one as long as it lives.
interface Links {

  /// A living connection; waits and tries again as long as that makes sense.
  Link get(TaskContext context) throws InterruptedException;

  /// Closes the connection, where there is one; anybody may call it.
  void drop();

  sealed interface Link {}

  record Up(SshSession session) implements Link {}

  record Down(TaskResult.Failed why) implements Link {}
}
