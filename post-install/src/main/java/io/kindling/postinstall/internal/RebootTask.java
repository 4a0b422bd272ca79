package io.kindling.postinstall.internal;

import io.kindling.postinstall.InstallError;
import io.kindling.postinstall.InstallHooks;
import io.kindling.postinstall.Installer;
import io.kindling.postinstall.Task;
import io.kindling.postinstall.TaskContext;
import io.kindling.postinstall.TaskResult;
import io.kindling.postinstall.ssh.SshConnector.Connected;
import io.kindling.postinstall.ssh.SshConnector.Refused;
import io.kindling.postinstall.ssh.SshSession;
import java.time.Instant;

/// Turns the node's boot answer to its own disk, then restarts it. Run again after the appliance
/// died in it, it finds either the bootstrap (restarts it) or the installed system (done).
final class RebootTask implements Task {

  private final BootstrapLinks bootstrap;
  private final SystemLinks system;
  private final InstallHooks hooks;

  RebootTask(BootstrapLinks bootstrap, SystemLinks system, InstallHooks hooks) {
    this.bootstrap = bootstrap;
    this.system = system;
    this.hooks = hooks;
  }

  @Override
  public String name() {
    return "reboot";
  }

  @Override
  public TaskResult run(TaskContext context) throws InterruptedException {
    String hostKey = context.results().get(Installer.HOST_KEY);
    if (hostKey == null) {
      return TaskResult.failed(InstallError.INTERNAL, "configure recorded no host key");
    }
    hooks.systemOnDisk(context.plan(), hostKey);
    var either = new Either(hostKey);
    TaskResult result =
        new RemoteJob(either)
            .run(context, name(), Scripts.reboot(context.plan()), InstallError.SCRIPT_FAILED);
    bootstrap.drop(); // it dies with the bootstrap
    if (either.installed) {
      context.log().accept("the installed system answers already");
      return TaskResult.done();
    }
    return result;
  }

  /// The bootstrap, unless the installed system answers first.
  private final class Either implements Links {

    private final String hostKey;
    private boolean installed;

    Either(String hostKey) {
      this.hostKey = hostKey;
    }

    @Override
    public Link get(TaskContext context) throws InterruptedException {
      Instant end = context.clock().instant().plus(context.settings().systemUp());
      var retry = new Retry(context);
      while (!context.cancellation().requested()) {
        switch (bootstrap.once(context.plan())) {
          case Connected(SshSession up) -> {
            return new Up(up);
          }
          case Refused refused -> {
            retry.saw("bootstrap: " + refused.detail());
            if (system.once(context, hostKey) instanceof Connected(SshSession up)) {
              up.close();
              installed = true;
              return new Down(TaskResult.failed(InstallError.NOT_REBOOTED, ""));
            }
            if (!context.clock().instant().isBefore(end)) {
              return new Down(TaskResult.failed(InstallError.NOT_REBOOTED, refused.detail()));
            }
          }
        }
        retry.sleep();
      }
      return new Down(TaskResult.failed(InstallError.CANCELLED, ""));
    }

    @Override
    public void drop() {
      bootstrap.drop();
    }
  }
}
