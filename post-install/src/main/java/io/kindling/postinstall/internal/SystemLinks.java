package io.kindling.postinstall.internal;

import io.kindling.postinstall.TaskContext;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshConnector.Connection;
import java.util.List;

/// Connects to the installed system: its own address, its own host key, the unprivileged user.
final class SystemLinks {

  private final SshConnector connector;

  SystemLinks(SshConnector connector) {
    this.connector = connector;
  }

  Connection once(TaskContext context, String hostKey) throws InterruptedException {
    return connector.connect(
        context.plan().system().address(),
        context.settings().systemPort(),
        context.plan().system().adminUser(),
        List.of(hostKey));
  }
}
