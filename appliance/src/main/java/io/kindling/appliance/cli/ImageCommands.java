package io.kindling.appliance.cli;

import io.kindling.isobuild.Artefact;
import io.kindling.isobuild.ImageBuilder;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `image …`: builds what machines boot and are installed from.
final class ImageCommands {

  private ImageCommands() {}

  /// What the three have in common.
  abstract static class Building implements Callable<Integer> {
    private final Context context;

    @Option(
        names = "--cache",
        paramLabel = "DIR",
        defaultValue = "/var/cache/kindling",
        description = "Where built images are kept (default: ${DEFAULT-VALUE}).")
    private Path cache = Path.of("");

    @Option(names = "--rebuild", description = "Build anew, from the mirror's newest packages.")
    private boolean rebuild;

    Building(Context context) {
      this.context = context;
    }

    abstract Artefact artefact();

    /// Builds it and returns where it is.
    abstract String build(ImageBuilder builder);

    @Override
    public Integer call() {
      CliEnvironment environment = context.environment();
      var builder =
          new ImageBuilder(
              cache,
              (artefact, step, steps, what) ->
                  environment.say("[%d/%d] %s".formatted(step, steps, what)));
      if (rebuild) {
        builder.discard(artefact());
      }
      environment.line(build(builder));
      return 0;
    }
  }

  @Command(
      name = "bootstrap",
      description = "Builds the system that machines run until they are installed.",
      mixinStandardHelpOptions = true)
  static final class Bootstrap extends Building {
    Bootstrap(Context context) {
      super(context);
    }

    @Override
    Artefact artefact() {
      return Artefact.BOOTSTRAP;
    }

    @Override
    String build(ImageBuilder builder) {
      return builder.bootstrap().initrd().toString();
    }
  }

  @Command(
      name = "node",
      description = "Builds the root file system that nodes get.",
      mixinStandardHelpOptions = true)
  static final class NodeRoot extends Building {
    NodeRoot(Context context) {
      super(context);
    }

    @Override
    Artefact artefact() {
      return Artefact.NODE;
    }

    @Override
    String build(ImageBuilder builder) {
      return builder.node().archive().toString();
    }
  }

  @Command(
      name = "loaders",
      description = "Collects the network boot loaders.",
      mixinStandardHelpOptions = true)
  static final class LoaderFiles extends Building {
    LoaderFiles(Context context) {
      super(context);
    }

    @Override
    Artefact artefact() {
      return Artefact.LOADERS;
    }

    @Override
    String build(ImageBuilder builder) {
      return builder.loaders().directory().toString();
    }
  }
}
