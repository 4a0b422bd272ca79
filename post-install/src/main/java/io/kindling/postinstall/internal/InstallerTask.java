package io.kindling.postinstall.internal;

import io.kindling.postinstall.InstallError;
import io.kindling.postinstall.InstallHooks;
import io.kindling.postinstall.Installer;
import io.kindling.postinstall.InstallerReport;
import io.kindling.postinstall.Task;
import io.kindling.postinstall.TaskContext;
import io.kindling.postinstall.TaskResult;
import io.kindling.postinstall.ssh.SshConnector.Connected;
import io.kindling.postinstall.ssh.SshSession;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Turns the node's boot answer to its release's installer, restarts the bootstrap into it, and
/// waits for what the installer reports. Run again after the appliance died in it, it finds the
/// report, the installer at work, or the bootstrap, which it restarts.
final class InstallerTask implements Task {

  private final BootstrapLinks bootstrap;
  private final InstallHooks hooks;

  InstallerTask(BootstrapLinks bootstrap, InstallHooks hooks) {
    this.bootstrap = bootstrap;
    this.hooks = hooks;
  }

  @Override
  public String name() {
    return "installer";
  }

  @Override
  public TaskResult run(TaskContext context) throws InterruptedException {
    if (!(hooks.installerReport(context.plan()).orElse(null)
        instanceof InstallerReport.Installed)) {
      hooks.installerNext(context.plan());
    }
    var results = new HashMap<String, String>();
    Duration limit = context.settings().limit(name());
    Instant end = context.clock().instant().plus(limit);
    var retry = new Retry(context);
    boolean restarted = false;
    while (!context.cancellation().requested()) {
      Optional<InstallerReport> report = hooks.installerReport(context.plan());
      if (report.isPresent()) {
        return switch (report.get()) {
          case InstallerReport.Installed(String hostKey) -> {
            results.put(Installer.HOST_KEY, hostKey);
            yield new TaskResult.Done(results);
          }
          case InstallerReport.Failed(String reason) ->
              TaskResult.failed(InstallError.INSTALLER_FAILED, reason);
        };
      }
      if (!restarted && bootstrap.once(context.plan()) instanceof Connected(SshSession _)) {
        switch (restart(context)) {
          case TaskResult.Done(Map<String, String> made) -> {
            results.putAll(made);
            restarted = true;
          }
          case TaskResult.Failed failed -> {
            return failed;
          }
        }
      }
      if (!context.clock().instant().isBefore(end)) {
        return TaskResult.failed(
            InstallError.TIME_LIMIT,
            "no report of the installer within " + limit.toMinutes() + " min.");
      }
      retry.sleep();
    }
    return TaskResult.failed(InstallError.CANCELLED, "");
  }

  private TaskResult restart(TaskContext context) throws InterruptedException {
    TaskResult result =
        new RemoteJob(bootstrap)
            .run(context, name(), Scripts.restart(context.plan()), InstallError.SCRIPT_FAILED);
    bootstrap.drop(); // it ends with the bootstrap
    return result;
  }
}
