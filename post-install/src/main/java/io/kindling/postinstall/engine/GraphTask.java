package io.kindling.postinstall.engine;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// A task of a graph: items on hosts. Immutable.
///
/// @param name stable and unique in the graph: `mon-bootstrap`
/// @param title for people
/// @param items what is to be so, by host
/// @param after tasks that must have come to a good end before
/// @param mayFail so many of its hosts may be set aside and the graph still goes on past it; 0 for
///   quorum roles
/// @param limit for one host
public record GraphTask(
    String name,
    String title,
    Scope scope,
    Map<String, List<Item>> items,
    Set<String> after,
    int mayFail,
    Duration limit) {

  private static final Duration LIMIT = Duration.ofMinutes(10);

  public GraphTask {
    var copy = new LinkedHashMap<String, List<Item>>();
    for (String host : scope.hosts()) {
      copy.put(host, List.copyOf(items.getOrDefault(host, List.of())));
    }
    items = java.util.Collections.unmodifiableMap(copy);
    after = Set.copyOf(after);
    if (!name.matches("[a-z0-9][a-z0-9-]*")) {
      throw new IllegalArgumentException("not a task's name: " + name);
    }
    if (mayFail < 0) {
      throw new IllegalArgumentException("mayFail " + mayFail);
    }
  }

  /// A task that may fail on no host, within ten minutes.
  public static GraphTask of(
      String name, String title, Scope scope, Function<String, List<Item>> items, String... after) {
    var byHost = new LinkedHashMap<String, List<Item>>();
    scope.hosts().forEach(host -> byHost.put(host, items.apply(host)));
    return new GraphTask(name, title, scope, byHost, Set.of(after), 0, LIMIT);
  }

  public GraphTask mayFail(int hosts) {
    return new GraphTask(name, title, scope, items, after, hosts, limit);
  }

  public GraphTask within(Duration newLimit) {
    return new GraphTask(name, title, scope, items, after, mayFail, newLimit);
  }
}
