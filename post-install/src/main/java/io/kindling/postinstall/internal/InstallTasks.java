package io.kindling.postinstall.internal;

import io.kindling.postinstall.InstallError;
import io.kindling.postinstall.InstallHooks;
import io.kindling.postinstall.InstallPlan;
import io.kindling.postinstall.Task;
import io.kindling.postinstall.TaskContext;
import io.kindling.postinstall.TaskResult;
import io.kindling.postinstall.internal.Links.Down;
import io.kindling.postinstall.internal.Links.Up;
import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.postinstall.ssh.SshConnector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/// The tasks of one installation, over one connection.
public final class InstallTasks implements AutoCloseable {

  private final BootstrapLinks links;
  private final List<Task> tasks;

  /// @param kickstart the release's own installer makes file systems and installs
  public InstallTasks(SshConnector connector, InstallHooks hooks, boolean kickstart) {
    this.links = new BootstrapLinks(connector, hooks);
    this.tasks = kickstart ? kickstart(connector, hooks) : image(connector, hooks);
  }

  private List<Task> kickstart(SshConnector connector, InstallHooks hooks) {
    return List.of(
        new Partitioning("check-disks", "check"),
        new Partitioning("wipe", "wipe"),
        new Partitioning("partition", "partitions"),
        new InstallerTask(links, hooks),
        new VerifyTask(new SystemLinks(connector)));
  }

  private List<Task> image(SshConnector connector, InstallHooks hooks) {
    return List.of(
        new Partitioning("check-disks", "check"),
        new Partitioning("wipe", "wipe"),
        new Partitioning("partition", "filesystems"),
        new Remote("image", Scripts::image),
        new Remote("boot-loader", Scripts::bootLoader),
        new Remote("configure", Scripts::configure),
        new RebootTask(links, new SystemLinks(connector), hooks),
        new VerifyTask(new SystemLinks(connector)));
  }

  /// In order.
  public List<Task> list() {
    return tasks;
  }

  @Override
  public void close() {
    links.drop();
  }

  /// A task that is one script in the bootstrap.
  private final class Remote implements Task {

    private final String name;
    private final Function<InstallPlan, String> script;

    Remote(String name, Function<InstallPlan, String> script) {
      this.name = name;
      this.script = script;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public TaskResult run(TaskContext context) throws InterruptedException {
      return new RemoteJob(links)
          .run(context, name, script.apply(context.plan()), InstallError.SCRIPT_FAILED);
    }
  }

  /// The plan's partition script, as far as the task goes. The first of them also looks through the
  /// plan's values, before anything was changed on the node.
  private final class Partitioning implements Task {

    private static final Duration FILE_LIMIT = Duration.ofMinutes(2);

    private final String name;
    private final String until;

    Partitioning(String name, String until) {
      this.name = name;
      this.until = until;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public TaskResult run(TaskContext context) throws InterruptedException {
      InstallPlan plan = context.plan();
      try {
        Values.check(plan);
      } catch (BadValue e) {
        return TaskResult.failed(InstallError.BAD_VALUE, String.valueOf(e.getMessage()));
      }
      var retry = new Retry(context);
      for (int losses = 0; losses < RemoteJob.MOST_LOSSES; losses++) {
        switch (links.get(context)) {
          case Down(TaskResult.Failed why) -> {
            return why;
          }
          case Up(var session) -> {
            ExitStatus status =
                session.put(
                    plan.script().getBytes(StandardCharsets.UTF_8),
                    Scripts.PARTITION_SCRIPT,
                    "0700",
                    FILE_LIMIT);
            if (status.success()) {
              return new RemoteJob(links)
                  .run(context, name, Scripts.partition(plan, until), InstallError.PARTITIONING);
            }
            if (status instanceof ExitStatus.Exited(int code)) {
              return TaskResult.failed(
                  InstallError.SCRIPT_FAILED,
                  "the node's /run cannot be written (exit " + code + ")");
            }
            links.drop();
          }
        }
        retry.sleep();
      }
      return TaskResult.failed(InstallError.CONNECTION_LOST, "");
    }
  }
}
