package io.kindling.postinstall.engine;

import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.Sleeper;
import io.kindling.postinstall.engine.RunReport.Change;
import io.kindling.postinstall.engine.RunReport.HostReport;
import io.kindling.postinstall.engine.RunReport.Status;
import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.postinstall.ssh.SshConnector.Connected;
import io.kindling.postinstall.ssh.SshSession;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A task on a host, through lost connections and what passes by itself. Confined to one thread.
final class HostRun {

  /// This many losses in a row without a new line between them are enough.
  private static final int MOST_LOSSES = 8;

  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  private final Graph graph;
  private final GraphTask task;
  private final Host host;
  private final boolean change;
  private final Sessions sessions;
  private final Secrets secrets;
  private final Consumer<String> log;
  private final Clock clock;
  private final Sleeper sleeper;
  private final EngineSettings settings;
  private final Cancellation cancellation;
  private final List<Item> items;

  /// @param change false only looks
  HostRun(
      Graph graph,
      GraphTask task,
      Host host,
      boolean change,
      Sessions sessions,
      Secrets secrets,
      Consumer<String> log,
      Clock clock,
      Sleeper sleeper,
      EngineSettings settings,
      Cancellation cancellation) {
    this.graph = graph;
    this.task = task;
    this.host = host;
    this.change = change;
    this.sessions = sessions;
    this.secrets = secrets;
    this.log = log;
    this.clock = clock;
    this.sleeper = sleeper;
    this.settings = settings;
    this.cancellation = cancellation;
    this.items = task.items().getOrDefault(host.name(), List.of());
  }

  HostReport run() throws InterruptedException {
    Instant start = clock.instant();
    if (items.isEmpty()) {
      return report(Status.UNCHANGED, List.of(), null, start);
    }
    Instant end = start.plus(task.limit());
    Duration pause = settings.firstRetry();
    var changes = new ArrayList<Change>();
    for (int tries = 1; ; tries++) {
      var output = new TaskOutput(log, secrets);
      Finding finding;
      boolean passing = false;
      switch (follow(output, end)) {
        case Ended(int code) -> {
          changes.addAll(changes(output));
          if (code == 0) {
            Status status =
                changes.isEmpty()
                    ? Status.UNCHANGED
                    : change ? Status.CHANGED : Status.WOULD_CHANGE;
            return report(status, changes, null, start);
          }
          var failed = output.states().stream().filter(s -> s.word().equals("failed")).findFirst();
          Item item = failed.map(s -> item(s.item())).orElse(null);
          var failure =
              Failures.of(
                  code,
                  item,
                  failed.map(TaskOutput.State::text).orElse(""),
                  output,
                  graph.errors());
          finding = failure.finding();
          passing = failure.passing();
        }
        case Broken(Finding why) -> finding = why;
      }
      if (!passing
          || tries >= settings.transientTries()
          || !clock.instant().plus(pause).isBefore(end)
          || cancellation.requested()) {
        return report(Status.FAILED, changes, finding, start);
      }
      log.accept("passes by itself, tried again: " + finding.seen());
      sleeper.sleep(pause, cancellation);
      pause = sessions.longer(pause);
    }
  }

  private sealed interface End {}

  private record Ended(int code) implements End {}

  private record Broken(Finding why) implements End {}

  /// Runs the items' script to its end, joining it again after each break of the connection.
  private End follow(TaskOutput output, Instant end) throws InterruptedException {
    String payload = Payload.of(items, change);
    String owner = host.node() + "/" + host.attempt();
    int losses = 0;
    Duration pause = settings.firstRetry();
    try (Cancellation.Registration _ = cancellation.onCancel(() -> sessions.drop(host))) {
      while (true) {
        SshSession session;
        switch (sessions.get(host, log, cancellation)) {
          case Sessions.Up(SshSession up) -> session = up;
          case Sessions.Down(Finding why) -> {
            return cancellation.requested() ? cancelled() : new Broken(why);
          }
        }
        Duration left = Duration.between(clock.instant(), end);
        int before = output.lines();
        ExitStatus status =
            left.isPositive()
                ? session.run(
                    Payload.job(job(), payload, owner, output.run(), before, sudo()), output, left)
                : new ExitStatus.TimedOut(task.limit());
        switch (status) {
          case ExitStatus.Exited(int code) -> {
            return new Ended(code);
          }
          case ExitStatus.TimedOut _ -> {
            stop(session);
            return new Broken(
                Finding.of(
                    EngineError.TIME_LIMIT,
                    "limit "
                        + task.limit().toSeconds()
                        + " s. "
                        + String.join(" / ", output.last())));
          }
          case ExitStatus.Lost(String why) -> {
            sessions.drop(host);
            if (cancellation.requested()) {
              return cancelled();
            }
            losses = output.lines() > before ? 1 : losses + 1;
            if (losses >= MOST_LOSSES) {
              return new Broken(Finding.of(EngineError.CONNECTION_LOST, why));
            }
            log.accept("connection lost (" + why + "), the job goes on");
          }
        }
        sleeper.sleep(pause, cancellation);
        pause = sessions.longer(pause);
      }
    }
  }

  private Broken cancelled() throws InterruptedException {
    // The connection was closed to wake this thread up: a last one ends the job on the host.
    if (sessions.once(host) instanceof Connected(SshSession session)) {
      stop(session);
    }
    return new Broken(Finding.of(EngineError.CANCELLED, ""));
  }

  private void stop(SshSession session) throws InterruptedException {
    session.run(Payload.stop(job(), sudo()), log::accept, STOP_LIMIT);
  }

  /// Looking and changing are different jobs: one must not be joined for the other.
  private String job() {
    return graph.phase() + "." + task.name() + (change ? "" : ".look");
  }

  private boolean sudo() {
    return !host.user().equals("root");
  }

  private @Nullable Item item(int number) {
    return number >= 0 && number < items.size() ? items.get(number) : null;
  }

  private List<Change> changes(TaskOutput output) {
    var changes = new ArrayList<Change>();
    for (TaskOutput.State state : output.states()) {
      Item item = item(state.item());
      if (item != null && (state.word().equals("changed") || state.word().equals("differs"))) {
        changes.add(change(item, state, output));
      }
    }
    return changes;
  }

  private static Change change(Item item, TaskOutput.State state, TaskOutput output) {
    List<String> commands =
        item instanceof Item.Action action
            ? action.apply().stream().map(Command::toString).toList()
            : List.of();
    String diff = "";
    if (item instanceof Item.ManagedFile file && state.word().equals("differs")) {
      diff =
          file.secret() ? "" : Diff.of(file.path(), output.present(state.item()), file.content());
    }
    return new Change(item.title(), state.text(), commands, diff);
  }

  private HostReport report(
      Status status, List<Change> changes, @Nullable Finding finding, Instant start) {
    return new HostReport(
        host.name(), status, changes, finding, Duration.between(start, clock.instant()));
  }
}
