package io.kindling.appliance.cli;

import io.kindling.appliance.console.internal.Words;
import io.kindling.isobuild.Mirror;
import io.kindling.isobuild.Mirror.Synced;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `mirror …`: the packages that nodes get, and get from nowhere else.
final class MirrorCommands {

  private MirrorCommands() {}

  @Command(
      name = "sync",
      description = {
        "Fetches what nodes need from Debian, verifies it and publishes it, signed, to the"
            + " machines.",
        "Run it again for updates: only what is new is fetched."
      },
      mixinStandardHelpOptions = true)
  static final class Sync implements Callable<Integer> {
    private final Context context;

    @Option(
        names = "--cache",
        paramLabel = "DIR",
        defaultValue = "/var/cache/kindling",
        description = "The appliance's `images.cache` (default: ${DEFAULT-VALUE}).")
    private Path cache = Path.of("");

    @Option(
        names = "--openstack",
        description =
            "Also what OpenStack needs (some 600 more packages); without it they are given up.")
    private boolean openstack;

    Sync(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      CliEnvironment environment = context.environment();
      Synced synced =
          Mirror.in(cache)
              .sync(
                  openstack,
                  (step, steps, what) ->
                      environment.say("[%d/%d] %s".formatted(step, steps, what)));
      environment.line(words(synced));
      return 0;
    }
  }

  @Command(
      name = "status",
      description = "Shows what the mirror holds and when it was synchronised.",
      mixinStandardHelpOptions = true)
  static final class Status implements Callable<Integer> {
    private final Context context;

    @Option(
        names = "--cache",
        paramLabel = "DIR",
        defaultValue = "/var/cache/kindling",
        description = "The appliance's `images.cache` (default: ${DEFAULT-VALUE}).")
    private Path cache = Path.of("");

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    Status(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      CliEnvironment environment = context.environment();
      Optional<Synced> synced = Mirror.in(cache).status();
      if (json) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("synced", synced.isPresent());
        synced.ifPresent(s -> {
          fields.put("suite", s.suite());
          fields.put("at", s.at().toString());
          fields.put("packages", s.packages());
          fields.put("bytes", s.bytes());
        });
        environment.json(io.kindling.appliance.http.Json.pretty(fields));
      } else {
        environment.line(
            synced.map(MirrorCommands::words).orElse("never synchronised: kindling mirror sync"));
      }
      return synced.isPresent() ? 0 : 1;
    }
  }

  private static String words(Synced s) {
    return "%s: %d packages, %s, synchronised %s"
        .formatted(s.suite(), s.packages(), Words.size(s.bytes()), s.at());
  }
}
