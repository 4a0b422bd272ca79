package io.kindling.postinstall.engine;

import java.util.HashSet;
import java.util.List;

/// A phase: tasks and what each of them waits for. Immutable; free of cycles.
///
/// @param phase `ceph`; stands before the task's name in outcomes and logs
/// @param tasks each after those that it waits for
/// @param errors what its commands may name by `KINDLING-ERROR id text`
public record Graph(String phase, List<GraphTask> tasks, List<NamedError> errors) {

  /// @throws IllegalArgumentException for a name twice, a task that waits for one that does not
  ///   stand before it, or a secret on a command line or in an open file
  public Graph {
    tasks = List.copyOf(tasks);
    errors = List.copyOf(errors);
    if (!phase.matches("[a-z0-9][a-z0-9-]*")) {
      throw new IllegalArgumentException("not a phase: " + phase);
    }
    var before = new HashSet<String>();
    for (GraphTask task : tasks) {
      for (String name : task.after()) {
        if (!before.contains(name)) {
          throw new IllegalArgumentException(task.name() + " waits for unknown " + name);
        }
      }
      if (!before.add(task.name())) {
        throw new IllegalArgumentException("two tasks are named " + task.name());
      }
    }
    Secrets.of(tasks).refuseInTheOpen(tasks);
  }
}
