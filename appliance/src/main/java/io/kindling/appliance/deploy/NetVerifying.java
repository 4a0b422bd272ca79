package io.kindling.appliance.deploy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.config.KindlingConfig.Provisioning;
import io.kindling.appliance.http.Json;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import io.kindling.postinstall.InstallPlan.Bootstrap;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.net.NetPlan;
import io.kindling.postinstall.net.NetReport;
import io.kindling.postinstall.net.NetReport.Fault;
import io.kindling.postinstall.net.NetReport.Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// Verifies the networks of the applied cluster, one verification at a time, and keeps the last
/// result. Thread-safe.
public final class NetVerifying {
  /// The last result, in the state directory.
  public static final String FILE = "network-report.json";

  private static final Logger logger = LoggerFactory.getLogger(NetVerifying.class);
  private static final int MOST_NAMED = 5;

  private final NodeStore nodes;
  private final EventStore events;
  private final ClusterBook clusters;
  private final InstallPlans plans;
  private final Provisioning provisioning;
  private final Probes probes;
  private final Path file;
  private final Clock clock;
  private final ReentrantLock verifying = new ReentrantLock();

  /// Carries a plan out.
  @FunctionalInterface
  public interface Probes {
    NetReport run(NetPlan plan) throws InterruptedException;
  }

  /// @param state the state directory
  public NetVerifying(
      NodeStore nodes,
      EventStore events,
      ClusterBook clusters,
      InstallPlans plans,
      Provisioning provisioning,
      Probes probes,
      Path state,
      Clock clock) {
    this.nodes = nodes;
    this.events = events;
    this.clusters = clusters;
    this.plans = plans;
    this.provisioning = provisioning;
    this.probes = probes;
    this.file = state.resolve(FILE);
    this.clock = clock;
  }

  /// A result as operators see it.
  ///
  /// @param good whether nothing is wrong
  /// @param ageSeconds how long ago it was
  /// @param seconds how long it took
  public record Verified(
      boolean good,
      String at,
      long ageSeconds,
      long seconds,
      List<Matrix> networks,
      List<Fault> faults) {}

  /// Verifies, which takes some ten seconds, and keeps the result; tells of it in an event.
  ///
  /// @throws ApplianceException where there is no cluster, or no node of it, or another
  ///   verification runs
  /// @throws InterruptedException when the appliance ends meanwhile
  public Verified verify() throws InterruptedException {
    Cluster cluster = clusters.require();
    NetPlan plan =
        new NetPlans(cluster, provisioning, plans.ntp(cluster), this::host).of(nodes.all());
    if (plan.nodes().isEmpty()) {
      throw new ApplianceException(
          ApplianceError.NO_CLUSTER, "no machine has a place in the cluster yet");
    }
    if (!verifying.tryLock()) {
      throw new ApplianceException(ApplianceError.BUSY, "another verification runs");
    }
    try {
      NetReport report = probes.run(plan);
      keep(report);
      events.append(
          null,
          report.good() ? "networks-good" : "networks-faulty",
          report.good() ? null : report.faults().getFirst().finding().error(),
          "%d nodes, %d networks, %d findings%s"
              .formatted(
                  plan.nodes().size(),
                  report.networks().size(),
                  report.faults().size(),
                  named(report.faults())));
      return shown(report);
    } finally {
      verifying.unlock();
    }
  }

  /// The last result, where there is one.
  public Optional<Verified> last() {
    try {
      return Files.exists(file)
          ? Optional.of(shown(Json.read(Files.readAllBytes(file), NetReport.class)))
          : Optional.empty();
    } catch (IOException | JacksonException e) {
      logger.warn("{} is not read, verify again: {}", file, e.getMessage());
      return Optional.empty();
    }
  }

  private void keep(NetReport report) {
    Path fresh = file.resolveSibling(FILE + ".new");
    try {
      Files.write(fresh, Json.bytes(report));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Verified shown(NetReport report) {
    Instant at = report.at();
    return new Verified(
        report.good(),
        at.toString(),
        Math.max(0, Duration.between(at, clock.instant()).toSeconds()),
        report.seconds(),
        report.networks(),
        report.faults());
  }

  /// How the node is reached now: in the bootstrap, or as an installed system.
  private Optional<Host> host(Node node) {
    Assignment assignment = node.assignment();
    if (assignment == null || node.state() == NodeState.PROVISIONING) {
      return Optional.empty(); // its disk is being written
    }
    if (assignment.onDisk()) {
      return assignment.hostKey() == null || !assignment.addresses().containsKey(Cluster.MANAGEMENT)
          ? Optional.empty()
          : Optional.of(Hosts.installed(node.id(), node.name(), assignment));
    }
    Bootstrap bootstrap = plans.bootstrap(node);
    return bootstrap.address().isEmpty()
        ? Optional.empty()
        : Optional.of(Hosts.bootstrap(node, assignment, bootstrap));
  }

  private static String named(List<Fault> faults) {
    return faults.isEmpty()
        ? ""
        : faults.stream()
            .limit(MOST_NAMED)
            .map(f -> f.finding().error() + " " + f.finding().seen())
            .collect(
                Collectors.joining("; ", ": ", faults.size() > MOST_NAMED ? "; and more" : ""));
  }
}
