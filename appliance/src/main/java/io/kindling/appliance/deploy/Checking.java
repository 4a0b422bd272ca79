package io.kindling.appliance.deploy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.inventory.EventStore;
import io.kindling.postinstall.check.CephCheck;
import io.kindling.postinstall.check.CheckReport;
import io.kindling.postinstall.check.CheckReport.Row;
import io.kindling.postinstall.engine.Finding;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/// Looks whether the running cluster is as planned, one look at a time. Thread-safe.
public final class Checking {
  private static final int MOST_NAMED = 5;

  private final ClusterPhases phases;
  private final CephCheck check;
  private final EventStore events;
  private final ReentrantLock looking = new ReentrantLock();

  public Checking(ClusterPhases phases, CephCheck check, EventStore events) {
    this.phases = phases;
    this.check = check;
    this.events = events;
  }

  /// @param good whether there is no finding
  /// @param rows everything that was looked at
  public record Looked(boolean good, List<Row> rows) {
    public Looked {
      rows = List.copyOf(rows);
    }
  }

  /// Looks, which takes some seconds up to some minutes; tells of it in an event.
  ///
  /// @throws ApplianceException where there is no cluster, or it is worked on or looked at just now
  /// @throws InterruptedException when the appliance ends meanwhile
  public Looked look() throws InterruptedException {
    var model = phases.settled();
    if (!looking.tryLock()) {
      throw new ApplianceException(ApplianceError.BUSY, "another check runs");
    }
    try {
      CheckReport report = check.run(model);
      List<Finding> findings =
          report.findings().stream().map(Row::finding).map(Objects::requireNonNull).toList();
      events.append(
          null,
          findings.isEmpty() ? "check-good" : "check-failed",
          findings.isEmpty() ? null : findings.getFirst().error(),
          "%d looked at, %d findings%s"
              .formatted(report.rows().size(), findings.size(), named(findings)));
      return new Looked(report.good(), report.rows());
    } finally {
      looking.unlock();
    }
  }

  private static String named(List<Finding> findings) {
    return findings.isEmpty()
        ? ""
        : findings.stream()
            .limit(MOST_NAMED)
            .map(f -> f.error() + " " + f.seen())
            .collect(
                Collectors.joining("; ", ": ", findings.size() > MOST_NAMED ? "; and more" : ""));
  }
}
