package io.kindling.appliance.deploy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.cluster.ClusterParser;
import io.kindling.appliance.secret.Tokens;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The cluster file applied last, on stable storage. Thread-safe.
public final class ClusterBook {
  private static final Logger logger = LoggerFactory.getLogger(ClusterBook.class);
  private static final String KEY = "cluster.yaml";

  private final Settings settings;
  private final ClusterParser parser;
  private volatile @Nullable Applied applied;

  /// @param text the file as the operator wrote it
  public record Applied(String text, Cluster cluster) {}

  public ClusterBook(Settings settings, ClusterParser parser) {
    this.settings = settings;
    this.parser = parser;
    this.applied = settings.get(KEY).flatMap(text -> kept(parser, text)).orElse(null);
  }

  /// A file that no longer fits kindling.yaml must not keep the appliance from starting: the
  /// operator applies a corrected one.
  private static Optional<Applied> kept(ClusterParser parser, String text) {
    try {
      return Optional.of(new Applied(text, parser.parse(KEY, text)));
    } catch (ApplianceException e) {
      logger.error("{} {}: apply it again, corrected", e.error().id(), e.detail());
      return Optional.empty();
    }
  }

  /// Reads and checks a file; nothing is kept.
  public Cluster read(String file, String text) {
    return parser.parse(file, text);
  }

  /// Keeps the file as what is wanted from now on.
  public void keep(String text, Cluster cluster) {
    settings.put(KEY, text);
    applied = new Applied(text, cluster);
  }

  /// Which state of the file that is: another text is another state. Empty for no file.
  public static String state(String text) {
    return text.isEmpty() ? "" : Tokens.hash(text).substring(0, 16);
  }

  /// Which state of the file is applied; a change says that it builds on it.
  public String state() {
    return state(applied().map(Applied::text).orElse(""));
  }

  public Optional<Applied> applied() {
    return Optional.ofNullable(applied);
  }

  /// The cluster; a named failure where none was applied.
  public Cluster require() {
    return applied()
        .map(Applied::cluster)
        .orElseThrow(
            () -> new ApplianceException(ApplianceError.NO_CLUSTER, "nothing to deploy yet"));
  }
}
