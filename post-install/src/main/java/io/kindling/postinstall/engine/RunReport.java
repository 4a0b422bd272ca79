package io.kindling.postinstall.engine;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What became of a run. Immutable.
///
/// @param tasks in the graph's order
/// @param setAside hosts that failed, and why; the rest went on without them
public record RunReport(String phase, List<TaskReport> tasks, Map<String, Finding> setAside) {

  public RunReport {
    tasks = List.copyOf(tasks);
    setAside = Map.copyOf(setAside);
  }

  public enum Status {
    /// Everything was as planned; nothing was changed.
    UNCHANGED,
    CHANGED,
    /// Only looked at: it would be changed.
    WOULD_CHANGE,
    FAILED,
    /// Not begun: the host was set aside before, or a needed task failed.
    SKIPPED
  }

  /// What became of a task on a host.
  ///
  /// @param changes what was changed, or would be
  public record HostReport(
      String host, Status status, List<Change> changes, @Nullable Finding finding, Duration took) {
    public HostReport {
      changes = List.copyOf(changes);
    }
  }

  /// @param item the item's title
  /// @param why what is not as planned
  /// @param commands what is run to make it so
  /// @param diff of a file, unified; empty where there is none to show
  public record Change(String item, String why, List<String> commands, String diff) {
    public Change {
      commands = List.copyOf(commands);
    }
  }

  /// @param finding why the graph did not go on past it; null where it did
  public record TaskReport(
      String task, String title, List<HostReport> hosts, @Nullable Finding finding, Duration took) {
    public TaskReport {
      hosts = List.copyOf(hosts);
    }
  }

  /// Every task came to a good end; hosts may have been set aside.
  public boolean good() {
    return tasks.stream().allMatch(task -> task.finding() == null);
  }

  /// Every task came to a good end on every host.
  public boolean whole() {
    return good() && setAside.isEmpty();
  }

  /// How many things were changed, or would be.
  public int changes() {
    return tasks.stream()
        .flatMap(task -> task.hosts().stream())
        .mapToInt(host -> host.changes().size())
        .sum();
  }
}
