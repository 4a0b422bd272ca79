package io.kindling.appliance.cli;

import io.kindling.appliance.http.Json;
import io.kindling.appliance.release.IsoImport;
import io.kindling.appliance.release.ReleaseTree;
import io.kindling.appliance.release.Releases;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `release …`: installation trees of the RHEL family, in the appliance's state directory. A
/// running appliance sees a new one at once.
final class ReleaseCommands {

  private ReleaseCommands() {}

  private static Releases releases(Context context) {
    return new Releases(context.state().resolve(Releases.DIRECTORY));
  }

  @Command(
      name = "import",
      description = "Imports a release from its DVD or minimal ISO.",
      mixinStandardHelpOptions = true)
  static final class Import implements Callable<Integer> {
    private final Context context;

    @Parameters(paramLabel = "ISO", description = "The image's file.")
    private Path iso = Path.of("");

    Import(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      var importing = new IsoImport(releases(context), context.environment()::say);
      ReleaseTree tree = importing.run(iso);
      context
          .environment()
          .line(tree.id() + ": set `release: " + tree.release().label() + "` in cluster.yaml");
      return 0;
    }
  }

  @Command(
      name = "list",
      description = "Lists the imported releases.",
      mixinStandardHelpOptions = true)
  static final class Listing implements Callable<Integer> {
    private final Context context;

    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    Listing(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      List<ReleaseTree> trees = releases(context).all();
      if (json) {
        context.environment().json(Json.pretty(trees.stream().map(Listing::row).toList()));
        return 0;
      }
      var table = new Table("ID", "RELEASE", "NAME", "REPOSITORIES");
      for (ReleaseTree tree : trees) {
        table.row(
            tree.id(),
            tree.release().label(),
            tree.info().family() + " " + tree.info().version(),
            String.join(", ", tree.info().repositories().keySet()));
      }
      context.environment().text(table.render());
      return 0;
    }

    private static Map<String, Object> row(ReleaseTree tree) {
      return Map.of(
          "id", tree.id(),
          "release", tree.release().label(),
          "family", tree.info().family(),
          "version", tree.info().version(),
          "path", tree.path());
    }
  }
}
