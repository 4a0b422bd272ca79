package io.kindling.appliance.deploy;

import io.kindling.appliance.http.Json;
import io.kindling.postinstall.InstallerReport;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Which release's installer works on which node, and what it has reported: on stable storage, and
/// in memory for the boot answers. Thread-safe.
public final class InstallerBoard {
  private final Settings settings;
  private final Map<UUID, Optional<Run>> runs = new ConcurrentHashMap<>();

  /// Nodes whose installer has fetched its kickstart; memory only.
  private final Set<UUID> fetched = ConcurrentHashMap.newKeySet();

  /// @param tree id of the release's tree
  /// @param report empty while the installer works
  public record Run(int attempt, String tree, Optional<InstallerReport> report) {}

  public InstallerBoard(Settings settings) {
    this.settings = settings;
  }

  /// An installer is about to work on the node; what was reported before is forgotten. Durable.
  public synchronized void begin(UUID node, int attempt, String tree) {
    fetched.remove(node);
    keep(node, new Run(attempt, tree, Optional.empty()));
  }

  /// The attempt's run, where there is one.
  public Optional<Run> of(UUID node, int attempt) {
    return runs.computeIfAbsent(node, id -> settings.get(key(id)).flatMap(InstallerBoard::read))
        .filter(run -> run.attempt() == attempt);
  }

  /// The installer has its kickstart.
  public void fetched(UUID node) {
    fetched.add(node);
  }

  public boolean hasFetched(UUID node) {
    return fetched.contains(node);
  }

  /// Keeps a report, durable when it returns; the first failure is the one that counts.
  public synchronized void report(UUID node, int attempt, InstallerReport report) {
    of(node, attempt)
        .filter(run -> run.report().isEmpty() || report instanceof InstallerReport.Installed)
        .ifPresent(run -> keep(node, new Run(attempt, run.tree(), Optional.of(report))));
  }

  private void keep(UUID node, Run run) {
    settings.put(key(node), Json.text(Kept.of(run)));
    runs.put(node, Optional.of(run));
  }

  private static Optional<Run> read(String json) {
    JsonNode kept = Json.tree(json);
    String text = kept.path("text").asString("");
    Optional<InstallerReport> report =
        switch (kept.path("outcome").asString("")) {
          case "installed" -> Optional.of(new InstallerReport.Installed(text));
          case "failed" -> Optional.of(new InstallerReport.Failed(text));
          default -> Optional.empty();
        };
    return Optional.of(
        new Run(kept.path("attempt").asInt(0), kept.path("tree").asString(""), report));
  }

  private static String key(UUID node) {
    return "installer/" + node;
  }

  /// As it is stored.
  private record Kept(int attempt, String tree, @Nullable String outcome, @Nullable String text) {
    static Kept of(Run run) {
      return switch (run.report().orElse(null)) {
        case null -> new Kept(run.attempt(), run.tree(), null, null);
        case InstallerReport.Installed(String key) ->
            new Kept(run.attempt(), run.tree(), "installed", key);
        case InstallerReport.Failed(String reason) ->
            new Kept(run.attempt(), run.tree(), "failed", reason);
      };
    }
  }
}
