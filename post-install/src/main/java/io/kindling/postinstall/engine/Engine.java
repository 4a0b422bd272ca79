package io.kindling.postinstall.engine;

import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.OutcomeStore;
import io.kindling.postinstall.Sleeper;
import io.kindling.postinstall.TaskLog;
import io.kindling.postinstall.ssh.SshConnector;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs graphs: each task on its hosts as soon as the tasks it waits for are done, each item of it
/// looked at, made so where it differs and looked at again. So a second run changes nothing, a
/// hand-made drift is found and mended, and a run that was broken off is resumed by running it
/// again.
///
/// A host that fails is set aside: later tasks leave it out, and the graph goes on past a task as
/// long as no more of its hosts are set aside than it may do without. Every task's outcome on a
/// host is on stable storage before a task that waits for it begins.
///
/// Thread-safe; the same host must not be in two runs at once.
public final class Engine {

  /// What a run may do.
  public enum Mode {
    /// Makes it so.
    APPLY,
    /// Looks and tells what would be changed: no change, no outcome.
    LOOK
  }

  private final OutcomeStore outcomes;
  private final SshConnector connector;
  private final TaskLog log;
  private final Clock clock;
  private final Sleeper sleeper;
  private final EngineSettings settings;

  public Engine(
      OutcomeStore outcomes,
      SshConnector connector,
      TaskLog log,
      Clock clock,
      Sleeper sleeper,
      EngineSettings settings) {
    this.outcomes = outcomes;
    this.connector = connector;
    this.log = log;
    this.clock = clock;
    this.sleeper = sleeper;
    this.settings = settings;
  }

  /// Runs the graph to its end, or as far as it goes.
  ///
  /// @param hosts all that the graph names
  /// @throws IllegalArgumentException where the graph names another host
  /// @throws InterruptedException when the thread is interrupted: the appliance ends; what runs on
  ///   hosts goes on there and is joined by the next run
  public RunReport run(
      Graph graph, List<Host> hosts, Mode mode, RunListener listener, Cancellation cancellation)
      throws InterruptedException {
    Map<String, Host> byName = new LinkedHashMap<>();
    for (Host host : hosts) {
      if (byName.put(host.name(), host) != null) {
        throw new IllegalArgumentException("two hosts are named " + host.name());
      }
    }
    for (GraphTask task : graph.tasks()) {
      for (String name : task.scope().hosts()) {
        if (!byName.containsKey(name)) {
          throw new IllegalArgumentException(task.name() + " names unknown host " + name);
        }
      }
    }
    try (var sessions = new Sessions(connector, clock, sleeper, settings)) {
      return new GraphRun(
              graph,
              byName,
              mode == Mode.APPLY,
              sessions,
              outcomes,
              log,
              clock,
              sleeper,
              settings,
              listener,
              cancellation)
          .run();
    }
  }
}
