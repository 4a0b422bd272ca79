package io.kindling.appliance.deploy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.http.Json;
import io.kindling.inventory.EventStore;
import io.kindling.postinstall.check.CephCheck;
import io.kindling.postinstall.check.CheckReport;
import io.kindling.postinstall.check.CheckReport.Row;
import io.kindling.postinstall.check.FirewallCheck;
import io.kindling.postinstall.check.OpenStackCheck;
import io.kindling.postinstall.engine.Finding;
import io.kindling.postinstall.openstack.Firewall;
import io.kindling.postinstall.openstack.OpenStackModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// Looks whether the running cluster is as planned, one look at a time. Thread-safe.
public final class Checking {
  /// The last look, in the state directory.
  public static final String FILE = "check-report.json";

  private static final Logger logger = LoggerFactory.getLogger(Checking.class);
  private static final int MOST_NAMED = 5;

  private final ClusterPhases phases;
  private final CephCheck check;
  private final OpenStackCheck openstack;
  private final FirewallCheck firewalls;
  private final EventStore events;
  private final Path file;
  private final Clock clock;
  private final ReentrantLock looking = new ReentrantLock();

  /// @param state the state directory
  public Checking(
      ClusterPhases phases,
      CephCheck check,
      OpenStackCheck openstack,
      FirewallCheck firewalls,
      EventStore events,
      Path state,
      Clock clock) {
    this.phases = phases;
    this.check = check;
    this.openstack = openstack;
    this.firewalls = firewalls;
    this.events = events;
    this.file = state.resolve(FILE);
    this.clock = clock;
  }

  /// @param good whether there is no finding
  /// @param at when
  /// @param rows everything that was looked at
  public record Looked(boolean good, String at, List<Row> rows) {
    public Looked {
      rows = List.copyOf(rows);
    }
  }

  /// Looks, which takes some seconds up to some minutes; tells of it in an event.
  ///
  /// @throws ApplianceException where there is no cluster, or it is worked on or looked at just now
  /// @throws InterruptedException when the appliance ends meanwhile
  public Looked look() throws InterruptedException {
    ClusterPhases.Settled settled = phases.settled();
    if (!looking.tryLock()) {
      throw new ApplianceException(ApplianceError.BUSY, "another check runs");
    }
    try {
      var rows = new ArrayList<>(check.run(settled.ceph()).rows());
      Optional<Firewall> firewall = settled.firewall();
      if (firewall.isPresent()) {
        rows.addAll(firewalls.run(firewall.get()).rows());
      }
      Optional<OpenStackModel> services = settled.openstack();
      if (services.isPresent()) {
        rows.addAll(openstack.run(services.get()).rows());
      }
      var report = new CheckReport(rows);
      List<Finding> findings =
          report.findings().stream().map(Row::finding).map(Objects::requireNonNull).toList();
      events.append(
          null,
          findings.isEmpty() ? "check-good" : "check-failed",
          findings.isEmpty() ? null : findings.getFirst().error(),
          "%d looked at, %d findings%s"
              .formatted(report.rows().size(), findings.size(), named(findings)));
      var looked = new Looked(report.good(), clock.instant().toString(), report.rows());
      keep(looked);
      return looked;
    } finally {
      looking.unlock();
    }
  }

  /// The last look, where there was one.
  public Optional<Looked> last() {
    try {
      return Files.exists(file)
          ? Optional.of(Json.read(Files.readAllBytes(file), Looked.class))
          : Optional.empty();
    } catch (IOException | JacksonException e) {
      logger.warn("{} is not read, check again: {}", file, e.getMessage());
      return Optional.empty();
    }
  }

  private void keep(Looked looked) {
    Path fresh = file.resolveSibling(FILE + ".new");
    try {
      Files.write(fresh, Json.bytes(looked));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
