package io.kindling.appliance;

import io.kindling.appliance.backup.About;
import io.kindling.appliance.backup.Backup;
import io.kindling.appliance.config.KindlingConfig;
import io.kindling.appliance.config.Listen;
import io.kindling.appliance.deploy.ClusterBook;
import io.kindling.appliance.release.Releases;
import io.kindling.appliance.support.Snapshot;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.store.Database;
import io.kindling.inventory.store.LeaseTable;
import io.kindling.inventory.store.SettingsTable;
import io.kindling.isobuild.Mirror;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// What of the appliance leaves it as a file. Thread-safe.
final class Exports {
  private final KindlingConfig config;
  private final Clock clock;
  private final Database database;
  private final NodeStore nodes;
  private final EventStore events;
  private final ClusterBook clusters;

  Exports(
      KindlingConfig config,
      Clock clock,
      Database database,
      NodeStore nodes,
      EventStore events,
      ClusterBook clusters) {
    this.config = config;
    this.clock = clock;
    this.database = database;
    this.nodes = nodes;
    this.events = events;
    this.clusters = clusters;
  }

  /// A bundle for whoever is to help.
  ///
  /// @param secrets those that settings of these names hold
  Snapshot snapshot(
      Function<Node, Object> view,
      Supplier<Object> status,
      Callable<Map<String, String>> hosts,
      Function<Set<String>, Stream<String>> secrets) {
    var settings = new SettingsTable(database);
    return new Snapshot(
        config.state().resolve("log"),
        clock,
        nodes,
        events,
        view,
        status,
        () -> clusters.applied().map(ClusterBook.Applied::text).orElse(""),
        hosts,
        () -> secrets.apply(settings.all().keySet()));
  }

  /// The whole state.
  Backup backup(
      Path cache, Mirror mirror, LeaseTable leases, Releases releases, SecureRandom random) {
    return new Backup(
        config.state(),
        cache,
        mirror.signing(),
        config.text(),
        database,
        leases,
        () -> about(releases),
        random);
  }

  /// What a backup is of, and what is left out of it.
  private About about(Releases releases) {
    var leftOut = new ArrayList<String>();
    leftOut.add(
        "images: `kindling image loaders`, `bootstrap`, `node` (on the ISO they are there)");
    leftOut.add("packages: `kindling mirror sync` (on the ISO they are there)");
    releases
        .all()
        .forEach(tree -> leftOut.add("release " + tree.id() + ": `kindling release import ISO`"));
    if (config.listen().tls().orElse(null) instanceof Listen.Files(Path certificate, Path key)) {
      leftOut.add("the console's certificate and key: copy %s and %s".formatted(certificate, key));
    }
    return new About(
        clock.instant().toString(),
        Version.text(),
        clusters.applied().map(a -> a.cluster().name()).orElse(""),
        nodes.all().size(),
        config.provisioning().address().toString(),
        leftOut);
  }
}
