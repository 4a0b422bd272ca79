package io.kindling.postinstall.engine;

import java.util.List;

/// On which hosts a task runs, and how many at a time.
public sealed interface Scope {

  /// All hosts that may be chosen, in order.
  List<String> hosts();

  /// On one host: the first of these that can be reached. For what belongs to the cluster or to a
  /// role.
  record Once(List<String> hosts) implements Scope {
    public Once {
      hosts = List.copyOf(hosts);
    }
  }

  /// On each of these hosts.
  ///
  /// @param width how many at a time: 1 is serial, more is rolling, [#ALL] is all at once
  record Each(List<String> hosts, int width) implements Scope {
    public static final int ALL = Integer.MAX_VALUE;

    public Each {
      hosts = List.copyOf(hosts);
      if (width < 1) {
        throw new IllegalArgumentException("a width of " + width);
      }
    }
  }

  static Scope once(List<String> candidates) {
    return new Once(candidates);
  }

  static Scope parallel(List<String> hosts) {
    return new Each(hosts, Each.ALL);
  }

  static Scope rolling(List<String> hosts, int width) {
    return new Each(hosts, width);
  }

  static Scope serial(List<String> hosts) {
    return new Each(hosts, 1);
  }
}
