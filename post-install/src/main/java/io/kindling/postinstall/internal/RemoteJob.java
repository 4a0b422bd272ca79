package io.kindling.postinstall.internal;

import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.InstallError;
import io.kindling.postinstall.TaskContext;
import io.kindling.postinstall.TaskResult;
import io.kindling.postinstall.internal.Links.Down;
import io.kindling.postinstall.internal.Links.Up;
import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.SshSession;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

/// A script on the node that outlives the connection, and the appliance, which started it: the
/// node's `follow.sh` starts it apart and prints its output; after a break the same call joins it
/// where the output stopped. One job runs on a node at a time.
final class RemoteJob {

  /// This many losses in a row without a new line between them are enough.
  static final int MOST_LOSSES = 20;

  private static final Duration FILE_LIMIT = Duration.ofMinutes(2);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);
  private static final String JOBS = "/run/kindling/jobs/";

  private final Links links;

  RemoteJob(Links links) {
    this.links = links;
  }

  /// Runs the script, or joins the same script of the same task where it still runs.
  ///
  /// @param otherwise the error of a failure that names none
  TaskResult run(TaskContext context, String name, String script, InstallError otherwise)
      throws InterruptedException {
    String hash = Hash.of(script);
    var output = new JobOutput(context);
    var retry = new Retry(context);
    Instant end = context.clock().instant().plus(context.settings().limit(name));
    int losses = 0;
    try (Cancellation.Registration _ = context.cancellation().onCancel(links::drop)) {
      while (true) {
        SshSession session;
        switch (links.get(context)) {
          case Up(SshSession up) -> session = up;
          case Down(TaskResult.Failed why) -> {
            return context.cancellation().requested() ? cancelled(context) : why;
          }
        }
        int before = output.lines();
        ExitStatus status = step(context, session, name, hash, script, output, end);
        switch (status) {
          case ExitStatus.Exited(int code) -> {
            return output.result(code, otherwise);
          }
          case ExitStatus.TimedOut _ -> {
            stop(context, session);
            return TaskResult.failed(
                InstallError.TIME_LIMIT,
                "limit " + context.settings().limit(name).toMinutes() + " min.");
          }
          case ExitStatus.Lost(String why) -> {
            links.drop();
            if (context.cancellation().requested()) {
              return cancelled(context);
            }
            losses = output.lines() > before ? 0 : losses + 1;
            if (losses >= MOST_LOSSES) {
              return TaskResult.failed(InstallError.CONNECTION_LOST, why);
            }
            context.log().accept("connection lost (" + why + "), the job goes on");
          }
        }
        retry.sleep();
      }
    }
  }

  private static ExitStatus step(
      TaskContext context,
      SshSession session,
      String name,
      String hash,
      String script,
      JobOutput output,
      Instant end)
      throws InterruptedException {
    String directory = JOBS + name;
    ExitStatus status =
        session.run(Script.of("umask 077; mkdir -p \"$1\"\n", directory), line -> {}, FILE_LIMIT);
    if (status.success()) {
      status =
          session.put(
              script.getBytes(StandardCharsets.UTF_8),
              directory + "/script." + hash,
              "0600",
              FILE_LIMIT);
    }
    if (!status.success()) {
      return status instanceof ExitStatus.TimedOut ? new ExitStatus.Lost("no answer") : status;
    }
    Duration left = Duration.between(context.clock().instant(), end);
    if (!left.isPositive()) {
      return new ExitStatus.TimedOut(context.settings().limit(name));
    }
    return session.run(
        Script.of(
            Scripts.resource("follow.sh"),
            name,
            hash,
            context.plan().node() + "/" + context.plan().attempt(),
            output.run(),
            "" + output.lines()),
        output,
        left);
  }

  private TaskResult cancelled(TaskContext context) throws InterruptedException {
    // The connection was closed to wake this thread up: a last one ends the job on the node.
    if (links instanceof BootstrapLinks bootstrap
        && bootstrap.once(context.plan())
            instanceof io.kindling.postinstall.ssh.SshConnector.Connected(SshSession session)) {
      stop(context, session);
      bootstrap.drop();
    }
    return TaskResult.failed(InstallError.CANCELLED, "");
  }

  private static void stop(TaskContext context, SshSession session) throws InterruptedException {
    session.run(Script.of(Scripts.resource("stop.sh")), context.log()::accept, STOP_LIMIT);
  }
}
