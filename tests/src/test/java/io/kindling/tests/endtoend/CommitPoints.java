package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Kills the appliance while phases run, where something of them was just committed.
///
/// @param phase whose tasks count
record CommitPoints(ContainerCluster cluster, String phase) {

  private static final Duration WHOLE = Duration.ofMinutes(30);

  /// Kills it so often, and starts it each time: at the start of a task, which is committed before
  /// the task runs, and every second time in a task's midst.
  void kill(int times) {
    for (int kill = 1; kill <= times; kill++) {
      int seen = kill;
      Waiting.until("commit point " + kill, WHOLE, () -> starts() >= seen + 1, this::mustNotEnd);
      if (kill % 2 == 0) {
        long log = logged();
        Waiting.until(
            "a task at work", ContainerCluster.SOON, () -> logged() > log, this::mustNotEnd);
      }
      mustNotEnd();
      cluster.scenario.terminal.say("killed at " + cluster.events("task-started").getLast());
      cluster.scenario.appliance.kill();
      cluster.scenario.appliance.start(Duration.ofMinutes(2));
    }
  }

  /// A kill after the phases' end would prove nothing.
  private void mustNotEnd() {
    assertThat(cluster.events("phase-done")).isEmpty();
    assertThat(cluster.events("phase-failed")).isEmpty();
  }

  /// How much the nodes' logs hold, bytes.
  private long logged() {
    try (Stream<Path> files =
        Files.list(cluster.scenario.appliance.state().resolve("log").resolve("nodes"))) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Different tasks that were begun so far.
  private long starts() {
    Pattern task = Pattern.compile("(" + phase + "/[a-z-]+):");
    return cluster.events("task-started").stream()
        .map(task::matcher)
        .filter(Matcher::find)
        .map(found -> found.group(1))
        .distinct()
        .count();
  }
}
