package io.kindling.postinstall.engine;

import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.Outcome;
import io.kindling.postinstall.OutcomeStore;
import io.kindling.postinstall.Sleeper;
import io.kindling.postinstall.TaskLog;
import io.kindling.postinstall.engine.RunReport.HostReport;
import io.kindling.postinstall.engine.RunReport.Status;
import io.kindling.postinstall.engine.RunReport.TaskReport;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One run of one graph. Used once, by one thread.
final class GraphRun {

  private static final Logger logger = LoggerFactory.getLogger(GraphRun.class);

  /// Errors that are the host's own: another host can do what is to be done once.
  private static final Set<String> OF_THE_HOST =
      Set.of(
          EngineError.UNREACHABLE.id(),
          EngineError.WRONG_HOST_KEY.id(),
          EngineError.KEY_REFUSED.id(),
          EngineError.CONNECTION_LOST.id(),
          EngineError.NO_ROOT.id());

  private final Graph graph;
  private final Map<String, Host> hosts;
  private final boolean change;
  private final Sessions sessions;
  private final OutcomeStore outcomes;
  private final TaskLog log;
  private final Clock clock;
  private final Sleeper sleeper;
  private final EngineSettings settings;
  private final RunListener listener;
  private final Cancellation cancellation;
  private final Secrets secrets;
  private final Semaphore places;
  private final Map<String, Semaphore> oneAtATime = new HashMap<>();
  private final Map<String, Finding> setAside = new ConcurrentHashMap<>();

  GraphRun(
      Graph graph,
      Map<String, Host> hosts,
      boolean change,
      Sessions sessions,
      OutcomeStore outcomes,
      TaskLog log,
      Clock clock,
      Sleeper sleeper,
      EngineSettings settings,
      RunListener listener,
      Cancellation cancellation) {
    this.graph = graph;
    this.hosts = hosts;
    this.change = change;
    this.sessions = sessions;
    this.outcomes = outcomes;
    this.log = log;
    this.clock = clock;
    this.sleeper = sleeper;
    this.settings = settings;
    this.listener = listener;
    this.cancellation = cancellation;
    this.secrets = Secrets.of(graph.tasks());
    this.places = new Semaphore(settings.parallel());
    hosts.keySet().forEach(name -> oneAtATime.put(name, new Semaphore(1)));
  }

  RunReport run() throws InterruptedException {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      var running = new LinkedHashMap<String, Future<TaskReport>>();
      int number = 0;
      for (GraphTask task : graph.tasks()) {
        number++;
        int now = number;
        Map<String, Future<TaskReport>> before = Map.copyOf(running);
        running.put(task.name(), threads.submit(() -> whenReady(task, now, before, threads)));
      }
      var reports = new ArrayList<TaskReport>();
      for (Future<TaskReport> report : running.values()) {
        reports.add(get(report));
      }
      return new RunReport(graph.phase(), reports, setAside);
    } finally {
      threads.shutdownNow(); // nothing runs any more unless this thread was interrupted
    }
  }

  private TaskReport whenReady(
      GraphTask task, int number, Map<String, Future<TaskReport>> before, ExecutorService threads)
      throws InterruptedException {
    for (GraphTask other : graph.tasks()) {
      Future<TaskReport> needed = before.get(other.name());
      if (needed != null && task.after().contains(other.name()) && change) {
        TaskReport report = get(needed);
        if (report.finding() != null) {
          return ended(
              task,
              List.of(),
              Finding.of(EngineError.NOT_REACHED, "it needs " + other.name()),
              clock.instant());
        }
      } else if (needed != null && task.after().contains(other.name())) {
        get(needed); // only looking: in order, but whatever came of it
      }
    }
    if (cancellation.requested()) {
      return ended(task, List.of(), Finding.of(EngineError.CANCELLED, ""), clock.instant());
    }
    listener.taskStarted(graph.phase(), task, number, graph.tasks().size());
    Instant start = clock.instant();
    List<HostReport> reports =
        switch (task.scope()) {
          case Scope.Once(List<String> candidates) -> once(task, candidates);
          case Scope.Each(List<String> all, int width) -> each(task, all, width, threads);
        };
    return ended(task, reports, verdict(task, reports), start);
  }

  private TaskReport ended(
      GraphTask task, List<HostReport> reports, @Nullable Finding finding, Instant start) {
    var report =
        new TaskReport(
            task.name(), task.title(), reports, finding, Duration.between(start, clock.instant()));
    listener.taskEnded(graph.phase(), report);
    return report;
  }

  private List<HostReport> once(GraphTask task, List<String> candidates)
      throws InterruptedException {
    var reports = new ArrayList<HostReport>();
    for (String name : candidates) {
      if (setAside.containsKey(name)) {
        continue;
      }
      HostReport report = onHost(task, name);
      reports.add(report);
      Finding finding = report.finding();
      if (finding == null || !OF_THE_HOST.contains(finding.error())) {
        break;
      }
      setAside.putIfAbsent(name, finding);
    }
    return reports;
  }

  private List<HostReport> each(
      GraphTask task, List<String> all, int width, ExecutorService threads)
      throws InterruptedException {
    var places = new Semaphore(Math.min(width, Math.max(1, all.size())));
    var running = new ArrayList<Future<HostReport>>();
    for (String name : all) {
      places.acquire();
      if (width < all.size() && change && tooMany(task)) {
        places.release();
        running.add(threads.submit(() -> skipped(name)));
        continue;
      }
      running.add(
          threads.submit(() -> {
            try {
              HostReport report = setAside.containsKey(name) ? skipped(name) : onHost(task, name);
              Finding finding = report.finding();
              if (finding != null && report.status() == Status.FAILED) {
                setAside.putIfAbsent(name, finding);
              }
              return report;
            } finally {
              places.release();
            }
          }));
    }
    var reports = new ArrayList<HostReport>();
    for (Future<HostReport> report : running) {
      reports.add(get(report));
    }
    return reports;
  }

  private boolean tooMany(GraphTask task) {
    return task.scope().hosts().stream().filter(setAside::containsKey).count() > task.mayFail();
  }

  private @Nullable Finding verdict(GraphTask task, List<HostReport> reports) {
    if (task.scope() instanceof Scope.Once) {
      HostReport last = reports.isEmpty() ? null : reports.getLast();
      if (last == null) {
        return task.scope().hosts().isEmpty()
            ? null
            : Finding.of(EngineError.TOO_MANY_SET_ASIDE, "none is left of " + task.scope().hosts());
      }
      return last.finding();
    }
    if (!tooMany(task)) {
      return null;
    }
    if (cancellation.requested()) {
      return Finding.of(EngineError.CANCELLED, "");
    }
    var failed = task.scope().hosts().stream().filter(setAside::containsKey).toList();
    Finding only = setAside.get(failed.getFirst());
    return failed.size() == 1 && only != null
        ? new Finding(
            only.error(), only.summary(), failed.getFirst() + ": " + only.seen(), only.cure())
        : Finding.of(
            EngineError.TOO_MANY_SET_ASIDE,
            "%s; the role can do without %d".formatted(String.join(", ", failed), task.mayFail()));
  }

  private HostReport skipped(String name) {
    return new HostReport(name, Status.SKIPPED, List.of(), setAside.get(name), Duration.ZERO);
  }

  private HostReport onHost(GraphTask task, String name) throws InterruptedException {
    Host host = java.util.Objects.requireNonNull(hosts.get(name));
    String label = graph.phase() + "/" + task.name();
    Semaphore turn = java.util.Objects.requireNonNull(oneAtATime.get(name));
    places.acquire();
    try {
      turn.acquire();
      try {
        HostReport report = recorded(task, host, label);
        listener.hostEnded(graph.phase(), task.name(), report);
        return report;
      } finally {
        turn.release();
      }
    } finally {
      places.release();
    }
  }

  private HostReport recorded(GraphTask task, Host host, String label) throws InterruptedException {
    try {
      record(host, label, Outcome.Status.STARTED, "", Map.of());
      HostReport report = unrecorded(task, host, label);
      Finding finding = report.finding();
      if (finding == null) {
        record(
            host, label, Outcome.Status.DONE, "", Map.of("changes", "" + report.changes().size()));
      } else {
        record(host, label, Outcome.Status.FAILED, finding.text(), Map.of());
      }
      say(host, label, report);
      return report;
    } catch (RuntimeException e) {
      logger.error("outcome of {} on {} could not be recorded", label, host.name(), e);
      return new HostReport(
          host.name(),
          Status.FAILED,
          List.of(),
          Finding.of(EngineError.NOT_RECORDED, String.valueOf(e.getMessage())),
          Duration.ZERO);
    }
  }

  private HostReport unrecorded(GraphTask task, Host host, String label)
      throws InterruptedException {
    try {
      return new HostRun(
              graph,
              task,
              host,
              change,
              sessions,
              secrets,
              line -> log.append(host.node(), label, line),
              clock,
              sleeper,
              settings,
              cancellation)
          .run();
    } catch (RuntimeException e) {
      logger.error("{} on {} failed inside the appliance", label, host.name(), e);
      return new HostReport(
          host.name(),
          Status.FAILED,
          List.of(),
          Finding.of(EngineError.INTERNAL, e.toString()),
          Duration.ZERO);
    }
  }

  private void record(
      Host host, String label, Outcome.Status status, String detail, Map<String, String> results) {
    if (change) {
      outcomes.record(
          new Outcome(
              host.node(), host.attempt(), label, status, clock.instant(), detail, results));
    }
  }

  private void say(Host host, String label, HostReport report) {
    for (RunReport.Change made : report.changes()) {
      String verb = change ? "changed " : "would change ";
      log.append(host.node(), label, verb + made.item() + ": " + made.why());
    }
    Finding finding = report.finding();
    String end =
        switch (report.status()) {
          case UNCHANGED -> "as planned, nothing changed";
          case CHANGED -> "done, " + report.changes().size() + " changed";
          case WOULD_CHANGE -> report.changes().size() + " would be changed";
          case FAILED -> "failed " + (finding == null ? "" : finding.text());
          case SKIPPED -> "skipped";
        };
    log.append(host.node(), label, end);
    logger.info("{} on {}: {}", label, host.name(), end);
  }

  private static <T> T get(Future<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InterruptedException) {
        throw new InterruptedException();
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
