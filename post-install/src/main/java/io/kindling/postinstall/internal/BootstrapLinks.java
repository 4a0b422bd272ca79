package io.kindling.postinstall.internal;

import io.kindling.postinstall.InstallError;
import io.kindling.postinstall.InstallHooks;
import io.kindling.postinstall.InstallPlan;
import io.kindling.postinstall.InstallSettings;
import io.kindling.postinstall.TaskContext;
import io.kindling.postinstall.TaskResult;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshConnector.Connected;
import io.kindling.postinstall.ssh.SshConnector.Connection;
import io.kindling.postinstall.ssh.SshConnector.Refused;
import io.kindling.postinstall.ssh.SshSession;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The one connection to a node's bootstrap, opened again when it is gone. Thread-safe.
final class BootstrapLinks implements Links {

  static final String USER = "root";

  private final SshConnector connector;
  private final InstallHooks hooks;
  private @Nullable SshSession session;

  BootstrapLinks(SshConnector connector, InstallHooks hooks) {
    this.connector = connector;
    this.hooks = hooks;
  }

  @Override
  public Link get(TaskContext context) throws InterruptedException {
    InstallPlan plan = context.plan();
    Instant begin = context.clock().instant();
    Instant end = begin.plus(context.settings().reconnect());
    Instant last = begin.plus(InstallSettings.BY_HAND);
    var retry = new Retry(context);
    try {
      while (true) {
        if (context.cancellation().requested()) {
          return new Down(TaskResult.failed(InstallError.CANCELLED, ""));
        }
        switch (once(plan)) {
          case Connected(SshSession up) -> {
            return new Up(up);
          }
          case Refused refused -> {
            retry.saw(refused.detail());
            Instant now = context.clock().instant();
            if (hooks.startAwaited(plan, Duration.between(begin, now)) && now.isBefore(last)) {
              end = now.plus(context.settings().reconnect());
            }
            if (!now.isBefore(end)) {
              return new Down(TaskResult.failed(error(refused.reason()), refused.detail()));
            }
          }
        }
        retry.sleep();
      }
    } finally {
      hooks.startOver(plan);
    }
  }

  /// One attempt, or the connection that lives.
  Connection once(InstallPlan plan) throws InterruptedException {
    synchronized (this) {
      SshSession open = session;
      if (open != null && open.alive()) {
        return new Connected(open);
      }
    }
    drop();
    InstallPlan.Bootstrap at = hooks.bootstrap(plan);
    Connection made = connector.connect(at.address(), at.port(), USER, at.hostKeys());
    if (made instanceof Connected(SshSession up)) {
      synchronized (this) {
        session = up;
      }
    }
    return made;
  }

  @Override
  public void drop() {
    SshSession old;
    synchronized (this) {
      old = session;
      session = null;
    }
    if (old != null) {
      old.close();
    }
  }

  private static InstallError error(SshConnector.Reason reason) {
    return switch (reason) {
      case UNREACHABLE -> InstallError.UNREACHABLE;
      case WRONG_HOST_KEY -> InstallError.WRONG_HOST_KEY;
      case AUTHENTICATION -> InstallError.KEY_REFUSED;
    };
  }
}
