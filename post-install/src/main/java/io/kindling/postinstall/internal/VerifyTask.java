package io.kindling.postinstall.internal;

import io.kindling.postinstall.InstallError;
import io.kindling.postinstall.Installer;
import io.kindling.postinstall.Task;
import io.kindling.postinstall.TaskContext;
import io.kindling.postinstall.TaskResult;
import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.SshConnector.Connected;
import io.kindling.postinstall.ssh.SshConnector.Reason;
import io.kindling.postinstall.ssh.SshConnector.Refused;
import io.kindling.postinstall.ssh.SshSession;
import java.time.Duration;
import java.time.Instant;

/// Waits until the installed system answers at its own address with its own host key, and looks
/// whether it is the planned one.
final class VerifyTask implements Task {

  private final SystemLinks system;

  VerifyTask(SystemLinks system) {
    this.system = system;
  }

  @Override
  public String name() {
    return "verify";
  }

  @Override
  public TaskResult run(TaskContext context) throws InterruptedException {
    String hostKey = context.results().get(Installer.HOST_KEY);
    if (hostKey == null) {
      return TaskResult.failed(InstallError.INTERNAL, "configure recorded no host key");
    }
    String script = Scripts.verify(context.plan(), context.results().getOrDefault("bootId", ""));
    Instant end = context.clock().instant().plus(context.settings().systemUp());
    var retry = new Retry(context);
    InstallError last = InstallError.SYSTEM_UNREACHABLE;
    String seen = "";
    while (!context.cancellation().requested()) {
      switch (system.once(context, hostKey)) {
        case Connected(SshSession session) -> {
          ExitStatus status;
          var output = new JobOutput(context);
          try (session;
              var _ = context.cancellation().onCancel(session::close)) {
            Duration limit = context.settings().limit(name());
            status = session.run(Script.of(script), output, limit);
          }
          switch (status) {
            case ExitStatus.Exited(int code) -> {
              return output.result(code, InstallError.SYSTEM_NOT_AS_PLANNED);
            }
            case ExitStatus.TimedOut(Duration limit) -> {
              return TaskResult.failed(
                  InstallError.TIME_LIMIT, "limit " + limit.toMinutes() + " min.");
            }
            case ExitStatus.Lost(String why) -> {
              // It answered, then went: still booting, or somebody restarted it.
              seen = why;
              retry.saw(why);
            }
          }
        }
        case Refused(Reason reason, String detail) -> {
          last =
              switch (reason) {
                case UNREACHABLE -> InstallError.SYSTEM_UNREACHABLE;
                case WRONG_HOST_KEY -> InstallError.SYSTEM_WRONG_KEY;
                case AUTHENTICATION -> InstallError.SYSTEM_KEY_REFUSED;
              };
          seen = detail;
          retry.saw(detail);
        }
      }
      if (!context.clock().instant().isBefore(end)) {
        return TaskResult.failed(last, seen);
      }
      retry.sleep();
    }
    return TaskResult.failed(InstallError.CANCELLED, "");
  }
}
