package io.kindling.postinstall;

import io.kindling.postinstall.InstallResult.Failed;
import io.kindling.postinstall.InstallResult.Installed;
import io.kindling.postinstall.Outcome.Status;
import io.kindling.postinstall.internal.InstallTasks;
import io.kindling.postinstall.ssh.SshConnector;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Installs a node from its running bootstrap: the tasks in order, each outcome on stable storage
/// before the next step. Installing the same attempt again goes on where it stopped: what is done
/// is skipped, what was interrupted or failed is run again.
///
/// Thread-safe; one node must not be installed by two threads at once.
public final class Installer {

  /// The tasks' names, in order.
  public static final List<String> TASKS =
      List.of(
          "check-disks",
          "wipe",
          "partition",
          "image",
          "boot-loader",
          "configure",
          "reboot",
          "verify");

  /// The names where a release's own installer installs.
  public static final List<String> KICKSTART_TASKS =
      List.of("check-disks", "wipe", "partition", "installer", "verify");

  /// The result that holds the installed system's public host key.
  public static final String HOST_KEY = "hostKey";

  private static final Logger logger = LoggerFactory.getLogger(Installer.class);

  private final OutcomeStore outcomes;
  private final TaskLog log;
  private final Clock clock;
  private final Sleeper sleeper;
  private final InstallSettings settings;
  private final TaskFactory factory;

  /// Makes the tasks of one installation; what they share (a connection) ends with `close`.
  interface TaskFactory {
    Tasks of(InstallPlan plan);
  }

  /// The tasks of one installation.
  interface Tasks extends AutoCloseable {
    List<Task> list();

    @Override
    void close();
  }

  public Installer(
      OutcomeStore outcomes,
      SshConnector connector,
      TaskLog log,
      InstallHooks hooks,
      Clock clock,
      Sleeper sleeper,
      InstallSettings settings) {
    this(
        outcomes,
        log,
        clock,
        sleeper,
        settings,
        plan -> shared(new InstallTasks(connector, hooks, plan.image() == null)));
  }

  Installer(
      OutcomeStore outcomes,
      TaskLog log,
      Clock clock,
      Sleeper sleeper,
      InstallSettings settings,
      TaskFactory factory) {
    this.outcomes = outcomes;
    this.log = log;
    this.clock = clock;
    this.sleeper = sleeper;
    this.settings = settings;
    this.factory = factory;
  }

  /// Installs the node; returns when it is installed or cannot go on.
  ///
  /// @throws InterruptedException when the thread is interrupted; the attempt can be resumed
  public InstallResult install(
      InstallPlan plan, Progress.Listener listener, Cancellation cancellation)
      throws InterruptedException {
    try (Tasks tasks = factory.of(plan)) {
      return run(plan, tasks.list(), listener, cancellation);
    }
  }

  private InstallResult run(
      InstallPlan plan, List<Task> tasks, Progress.Listener listener, Cancellation cancellation)
      throws InterruptedException {
    Map<String, Outcome> before;
    try {
      before =
          outcomes.of(plan.node(), plan.attempt()).stream()
              .collect(Collectors.toMap(Outcome::task, o -> o, (a, b) -> b));
    } catch (RuntimeException e) {
      return refused(plan, tasks.getFirst().name(), e);
    }
    var results = new LinkedHashMap<String, String>();
    for (int i = 0; i < tasks.size(); i++) {
      Task task = tasks.get(i);
      Outcome last = before.get(task.name());
      if (last != null && last.status() == Status.DONE) {
        results.putAll(last.results());
        continue;
      }
      Failed failure = step(plan, task, i + 1, tasks.size(), results, listener, cancellation);
      if (failure != null) {
        return failure;
      }
    }
    return new Installed(results.getOrDefault(HOST_KEY, ""), results);
  }

  /// Runs one task; null where it is done and its results were added.
  private @Nullable Failed step(
      InstallPlan plan,
      Task task,
      int number,
      int of,
      Map<String, String> results,
      Progress.Listener listener,
      Cancellation cancellation)
      throws InterruptedException {
    String name = task.name();
    try {
      record(plan, name, Status.STARTED, "", Map.of());
    } catch (RuntimeException e) {
      return refused(plan, name, e);
    }
    say(plan, name, "task-started " + name + " (" + number + " of " + of + ")");
    listener.progress(new Progress(plan.node(), plan.attempt(), name, number, of, null));
    var context =
        new TaskContext(
            plan,
            Map.copyOf(results),
            line -> log.append(plan.node(), name, line),
            percent ->
                listener.progress(
                    new Progress(plan.node(), plan.attempt(), name, number, of, percent)),
            cancellation,
            clock,
            sleeper,
            settings);
    TaskResult result;
    try {
      result =
          cancellation.requested()
              ? TaskResult.failed(InstallError.CANCELLED, "")
              : task.run(context);
    } catch (RuntimeException e) {
      logger.error("{} of node {} failed inside the appliance", name, plan.node(), e);
      result = TaskResult.failed(InstallError.INTERNAL, e.toString());
    }
    try {
      return switch (result) {
        case TaskResult.Done(Map<String, String> made) -> {
          record(plan, name, Status.DONE, "", made);
          results.putAll(made);
          say(plan, name, "task-done " + name);
          yield null;
        }
        case TaskResult.Failed(String error, String reason) -> {
          record(plan, name, Status.FAILED, error + " " + reason, Map.of());
          say(plan, name, "task-failed " + name + " " + error + " " + reason);
          yield new Failed(name, error, reason);
        }
      };
    } catch (RuntimeException e) {
      return refused(plan, name, e);
    }
  }

  private void record(
      InstallPlan plan, String task, Status status, String detail, Map<String, String> results) {
    outcomes.record(
        new Outcome(plan.node(), plan.attempt(), task, status, clock.instant(), detail, results));
  }

  private Failed refused(InstallPlan plan, String task, RuntimeException e) {
    logger.error("outcome of {} of node {} could not be recorded", task, plan.node(), e);
    var failed = TaskResult.failed(InstallError.NOT_RECORDED, e.toString());
    return new Failed(task, failed.error(), failed.reason());
  }

  private void say(InstallPlan plan, String task, String event) {
    log.append(plan.node(), task, event);
    logger.info("{} node={} attempt={}", event, plan.node(), plan.attempt());
  }

  private static Tasks shared(InstallTasks tasks) {
    return new Tasks() {
      @Override
      public List<Task> list() {
        return tasks.list();
      }

      @Override
      public void close() {
        tasks.close();
      }
    };
  }
}
