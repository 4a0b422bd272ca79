package io.kindling.postinstall.daytwo;

import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Scope;
import io.kindling.postinstall.internal.Resources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What is done with a host, each step after the one before. Not thread-safe.
final class Steps {
  /// For questions that are answered or not.
  static final Duration AT_ONCE = Duration.ofSeconds(20);

  /// For what a service does by itself.
  static final Duration SOON = Duration.ofMinutes(5);

  /// A server's firmware and memory test take their time.
  static final Duration BOOT = Duration.ofMinutes(30);

  /// As long as data may be on their way.
  static final Duration DATA = Duration.ofDays(7);

  private final String host;
  private final List<String> monitors;
  private final List<GraphTask> tasks = new ArrayList<>();

  /// @param monitors hosts of monitors, the first that can be reached is asked
  Steps(String host, List<String> monitors) {
    this.host = host;
    this.monitors = List.copyOf(monitors);
  }

  String host() {
    return host;
  }

  List<String> monitors() {
    return monitors;
  }

  List<GraphTask> tasks() {
    return List.copyOf(tasks);
  }

  /// On the host.
  void here(String name, String title, Duration limit, Item... items) {
    add(name, title, Scope.parallel(List.of(host)), limit, items);
  }

  /// Of the cluster.
  void once(String name, String title, Item... items) {
    add(name, title, Scope.once(monitors), DATA, items);
  }

  void add(String name, String title, Scope scope, Duration limit, Item... items) {
    String[] after = tasks.isEmpty() ? new String[0] : new String[] {tasks.getLast().name()};
    add(
        GraphTask.of(name, title, scope, at -> List.of(items), after)
            .within(limit.plusMinutes(10)));
  }

  void add(GraphTask task) {
    tasks.add(task);
  }

  static ManagedFile program(String path, String resource) {
    return ManagedFile.program(path, Resources.text(Steps.class, resource));
  }
}
