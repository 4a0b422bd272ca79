package io.kindling.appliance.deploy;

import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.RunReport;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// How fast a run of phases goes, and by that how long it still takes. What its tasks took the last
/// time is known from earlier runs; one that nobody has run yet counts as the median of those that
/// are known. Tasks run beside each other, so their sum is put into proportion by the run's own
/// time. Thread-safe.
public final class Pace {
  private static final String KEY = "phase-paces";

  private final Settings settings;
  private final Clock clock;
  private final Map<String, Long> earlier = new ConcurrentHashMap<>(); // label → ms, at least 1
  private final Map<String, Long> ended = new ConcurrentHashMap<>(); // the same of this run
  private final Set<String> begun = ConcurrentHashMap.newKeySet();
  private volatile Instant start = Instant.EPOCH;
  private volatile Instant lastEnd = Instant.EPOCH; // of a task, or the start

  /// @param settings keep what the tasks took
  public Pace(Settings settings, Clock clock) {
    this.settings = settings;
    this.clock = clock;
    settings.get(KEY).ifPresent(text -> text.lines().forEach(this::remember));
  }

  private void remember(String line) {
    int gap = line.lastIndexOf(' ');
    earlier.put(line.substring(0, gap), Long.parseLong(line.substring(gap + 1)));
  }

  /// What a task is called among those of all phases.
  static String label(String phase, String task) {
    return phase + "/" + task;
  }

  /// A run begins.
  void begins() {
    begun.clear();
    ended.clear();
    start = clock.instant();
    lastEnd = start;
  }

  void begins(String label) {
    begun.add(label);
  }

  /// A task that found everything as planned says nothing of what it takes where it does not.
  void ends(String label, RunReport.TaskReport report) {
    long took = Math.max(1, report.took().toMillis());
    ended.put(label, took);
    lastEnd = clock.instant();
    if (report.finding() == null
        && report.hosts().stream().anyMatch(h -> h.status() == RunReport.Status.CHANGED)) {
      earlier.put(label, took);
    }
  }

  /// The run is over.
  void ends() {
    settings.put(
        KEY,
        new TreeMap<>(earlier)
            .entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue() + "\n")
                .collect(Collectors.joining()));
  }

  /// The tasks that this run has begun, as `phase/task`.
  Set<String> begun() {
    return begun;
  }

  /// Seconds until all of those are done; empty while nothing is known of any.
  OptionalLong left(List<Graph> graphs) {
    List<String> labels =
        graphs.stream()
            .flatMap(graph -> graph.tasks().stream().map(t -> label(graph.phase(), t.name())))
            .toList();
    long usual = median(earlier.isEmpty() ? ended.values() : earlier.values());
    if (usual == 0) {
      return OptionalLong.empty();
    }
    long done = 0;
    long open = 0;
    for (String label : labels) {
      long weight = earlier.getOrDefault(label, usual);
      if (ended.containsKey(label)) {
        done += weight;
      } else {
        open += weight;
      }
    }
    long passed = Duration.between(start, lastEnd).toMillis();
    long left = done == 0 ? open : open * passed / done;
    long since = Duration.between(lastEnd, clock.instant()).toMillis();
    return OptionalLong.of(Math.max(0, left - since) / 1000);
  }

  /// The upper one of two in the middle; 0 where there are none.
  static long median(Collection<Long> values) {
    List<Long> sorted = values.stream().sorted().toList();
    return sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2);
  }
}
