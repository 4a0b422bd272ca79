package io.kindling.appliance.cli;

import static io.kindling.appliance.cli.NodeCommands.text;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `cluster …`: the desired state.
final class ClusterCommands {

  private ClusterCommands() {}

  @Command(
      name = "apply",
      description = "Makes a file the cluster's desired state. Changes no machine: `deploy` does.",
      mixinStandardHelpOptions = true)
  static final class Apply implements Callable<Integer> {
    private final Context context;

    @Option(
        names = {"-f", "--file"},
        required = true,
        paramLabel = "FILE",
        description = "cluster.yaml; - reads standard input.")
    private Path file = Path.of("");

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    Apply(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      CliEnvironment environment = context.environment();
      byte[] yaml = GivenFiles.read(environment, file);
      JsonNode answer =
          context.appliance().send("PUT", "/api/v1/cluster", "application/yaml", yaml);
      if (json) {
        environment.json(Operators.pretty(answer));
      } else {
        answer
            .path("nodes")
            .forEach(n ->
                environment.line(
                    "%-12s %s: %s"
                        .formatted(text(n, "outcome"), text(n, "node"), text(n, "detail"))));
      }
      boolean problems = false;
      for (JsonNode node : answer.path("nodes")) {
        problems |= List.of("refused", "impossible").contains(text(node, "outcome"));
      }
      return problems ? 1 : 0;
    }
  }

  @Command(
      name = "renew-password",
      description = {
        "Makes the password of a user of OpenStack's Keystone anew; the next `deploy` puts it into",
        "effect and restarts that service alone."
      },
      mixinStandardHelpOptions = true)
  static final class RenewPassword implements Callable<Integer> {
    private final Context context;

    @Parameters(
        paramLabel = "USER",
        description = "A service (glance, cinder …), radosgw or admin.")
    private String user = "";

    RenewPassword(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      return renewed(context, "passwords/" + Operators.encode(user));
    }
  }

  @Command(
      name = "renew-key",
      description = {
        "Makes the cephx key of a user of OpenStack's anew; the next `deploy` puts it into effect"
            + " and",
        "restarts its services. Guests that run have the old one until they are moved or started",
        "anew."
      },
      mixinStandardHelpOptions = true)
  static final class RenewKey implements Callable<Integer> {
    private final Context context;

    @Parameters(
        paramLabel = "USER",
        description = "client.glance, client.cinder, client.cinder-backup or client.nova.")
    private String user = "";

    RenewKey(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      return renewed(context, "keys/" + Operators.encode(user));
    }
  }

  @Command(
      name = "renew-certificate",
      description = {
        "Makes the certificate of OpenStack's virtual address anew, by the appliance's authority"
            + " as",
        "before; the next `deploy` puts it into effect."
      },
      mixinStandardHelpOptions = true)
  static final class RenewCertificate implements Callable<Integer> {
    private final Context context;

    RenewCertificate(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      return renewed(context, "certificate");
    }
  }

  private static int renewed(Context context, String what) {
    context.appliance().send("POST", "/api/v1/openstack/" + what, Map.of());
    context.environment().line("made anew; `kindling deploy` puts it into effect");
    return 0;
  }

  @Command(
      name = "show",
      description = "Prints the cluster file that was applied last.",
      mixinStandardHelpOptions = true)
  static final class Show implements Callable<Integer> {
    private final Context context;

    Show(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context.environment().text(context.appliance().text("/api/v1/cluster"));
      return 0;
    }
  }

  @Command(
      name = "plan",
      description = "Shows what `deploy` would do, disk by disk; on installed nodes task by task.",
      mixinStandardHelpOptions = true)
  static final class Plan implements Callable<Integer> {
    private final Context context;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(
        names = "--phases",
        description =
            "Look at installed nodes and print each task with the commands and the changes of files"
                + " that it would make.")
    private boolean phases;

    Plan(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      if (phases) {
        context.environment().text(context.appliance().text("/api/v1/cluster/plan/phases"));
      } else if (json) {
        context
            .environment()
            .json(Operators.pretty(context.appliance().json("/api/v1/cluster/plan?format=json")));
      } else {
        context.environment().text(context.appliance().text("/api/v1/cluster/plan?format=table"));
      }
      return 0;
    }
  }
}
