package io.kindling.appliance.cli;

import io.kindling.appliance.Version;
import io.kindling.isobuild.ApplianceIso;
import io.kindling.isobuild.ApplianceIso.Software;
import io.kindling.isobuild.ApplianceIso.Written;
import io.kindling.isobuild.Edition;
import io.kindling.isobuild.ImageBuilder;
import io.kindling.isobuild.Mirror;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `iso`: the appliance as one file to start a machine from.
@Command(
    name = "iso",
    description = {
      "Writes the appliance's ISO, with everything that the rack needs.",
      "Beside it: its checksum, what is in it (CycloneDX) and the sizes of its parts."
    },
    mixinStandardHelpOptions = true)
final class IsoCommand implements Callable<Integer> {

  /// The virtual rack and the tests: no appliance has them.
  private static final Pattern NOT_OF_THE_APPLIANCE = Pattern.compile("kindling-tests-.*");

  private final Context context;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      defaultValue = "/var/cache/kindling",
      description = "Where built images are kept (default: ${DEFAULT-VALUE}).")
  private Path cache = Path.of("");

  @Option(
      names = "--edition",
      paramLabel = "EDITION",
      defaultValue = "full",
      description = {
        "full: all that the package mirror holds; ceph: without what only OpenStack needs"
            + " (default: ${DEFAULT-VALUE})."
      })
  private Edition edition = Edition.FULL;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      defaultValue = "kindling.iso",
      description = "The file to write (default: ${DEFAULT-VALUE}).")
  private Path output = Path.of("");

  IsoCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    CliEnvironment environment = context.environment();
    var images =
        new ImageBuilder(
            cache,
            (artefact, step, steps, what) ->
                environment.say("%s [%d/%d] %s".formatted(artefact.id(), step, steps, what)));
    Written written =
        new ApplianceIso(cache, images, Mirror.in(cache))
            .write(
                running(),
                edition,
                output,
                (step, steps, what) ->
                    environment.say("iso [%d/%d] %s".formatted(step, steps, what)));
    environment.line(written.image().toString());
    return 0;
  }

  /// This process's own Java and class path.
  private static Software running() {
    List<Path> classPath =
        Pattern.compile(":")
            .splitAsStream(System.getProperty("java.class.path"))
            .map(Path::of)
            .filter(
                jar -> !NOT_OF_THE_APPLIANCE.matcher(String.valueOf(jar.getFileName())).matches())
            .toList();
    return new Software(Path.of(System.getProperty("java.home")), classPath, Version.text());
  }
}
