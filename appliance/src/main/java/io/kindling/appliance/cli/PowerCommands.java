package io.kindling.appliance.cli;

import static io.kindling.appliance.cli.NodeCommands.text;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `node power`, `node locate`: machines' management controllers.
final class PowerCommands {

  private PowerCommands() {}

  enum Verb {
    STATUS,
    ON,
    OFF,
    CYCLE
  }

  enum Boot {
    NETWORK
  }

  enum Kind {
    IPMI,
    REDFISH
  }

  enum Privilege {
    OPERATOR,
    ADMINISTRATOR
  }

  enum Light {
    ON,
    OFF
  }

  @Command(
      name = "power",
      description = {
        "Switches a machine by its management controller (BMC), or sets how that is reached:",
        "  node power NODE on --boot network",
        "  node power NODE --set ipmi --user admin < password-file",
        "  node power --label storage --set redfish --user admin --ca bmcs.pem < password-file"
      },
      mixinStandardHelpOptions = true)
  static final class Switching implements Callable<Integer> {
    private final Context context;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", arity = "0..1", paramLabel = "NODE", description = "Name or id.")
    private String node = "";

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "VERB",
        defaultValue = "status",
        description = "${COMPLETION-CANDIDATES} (default: status). off and cycle cut the power.")
    private Verb verb = Verb.STATUS;

    @Option(
        names = "--boot",
        paramLabel = "network",
        description = "With on or cycle: boot over the network, once.")
    private @Nullable Boot boot;

    @Option(names = "--yes", description = "Switch it off although something runs on it.")
    private boolean yes;

    @Option(names = "--confirm", description = "Switch it off although it is protected.")
    private boolean confirmed;

    @Option(
        names = "--label",
        paramLabel = "LABEL",
        description = "Set for all nodes with that label; each one's report names its BMC.")
    private String label = "";

    @ArgGroup private @Nullable Change change;

    @Option(
        names = "--address",
        paramLabel = "HOST[:PORT]",
        description = "The BMC's. Default: the one that the machine's report names.")
    private String address = "";

    @Option(names = "--user", paramLabel = "USER", description = "The BMC's user.")
    private String user = "";

    @Option(
        names = "--password-file",
        paramLabel = "FILE",
        description = "Its password; - (the default) is standard input.")
    private Path password = Path.of("-");

    @Option(
        names = "--cipher",
        paramLabel = "N",
        description = "IPMI: the cipher suite, 3 or 17. Default: the best that both know.")
    private @Nullable Integer cipher;

    @Option(
        names = "--privilege",
        paramLabel = "LEVEL",
        description = "IPMI: ${COMPLETION-CANDIDATES} (default: operator).")
    private @Nullable Privilege privilege;

    @Option(
        names = "--system",
        paramLabel = "ID",
        description = "Redfish: which system, where the BMC has several.")
    private String system = "";

    @Option(
        names = "--fingerprint",
        paramLabel = "SHA256",
        description = "Redfish: the only certificate the BMC may show.")
    private String fingerprint = "";

    @Option(
        names = "--ca",
        paramLabel = "FILE",
        description = "Redfish: who signed the BMC's certificate, in PEM. Default: the system's.")
    private @Nullable Path ca;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    static final class Change {
      @Option(
          names = "--set",
          paramLabel = "KIND",
          description = "Keep how the BMC is reached: ${COMPLETION-CANDIDATES}.")
      private @Nullable Kind set;

      @Option(names = "--unset", description = "Forget how the BMC is reached.")
      private boolean unset;
    }

    Switching(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      if (node.isEmpty() == label.isEmpty()) {
        throw new ParameterException(spec.commandLine(), "say NODE, or --label with --set");
      }
      String owner =
          label.isEmpty() ? Operators.node(node) : "/api/v1/labels/" + Operators.encode(label);
      Operators appliance = context.appliance();
      Change asked = change;
      if (asked != null && asked.unset) {
        appliance.send("DELETE", owner + "/power/access", Map.of());
        context.environment().line((label.isEmpty() ? node : "label " + label) + ": forgotten");
        return 0;
      }
      if (asked != null && asked.set != null) {
        JsonNode kept = appliance.send("PUT", owner + "/power/access", access(asked.set));
        context.environment().say("kept for " + text(kept, "from") + "; now asking the BMC");
        return label.isEmpty() ? show(appliance.json(owner + "/power")) : shown(kept);
      }
      if (!label.isEmpty()) {
        return shown(appliance.json(owner + "/power/access"));
      }
      return show(
          verb == Verb.STATUS
              ? appliance.json(owner + "/power")
              : appliance.send("POST", owner + "/power", order()));
    }

    private Map<String, Object> order() {
      var order = new LinkedHashMap<String, Object>();
      order.put("verb", lower(verb));
      if (boot != null) {
        order.put("boot", lower(boot));
      }
      if (yes) {
        order.put("yes", true);
      }
      if (confirmed) {
        order.put("confirm", true);
      }
      return order;
    }

    private Map<String, Object> access(Kind kind) {
      CliEnvironment environment = context.environment();
      if (password.toString().equals("-")) {
        environment.say("reading the password from standard input");
      }
      var access = new LinkedHashMap<String, Object>();
      access.put("kind", lower(kind));
      access.put("user", user);
      access.put("password", read(password).replaceFirst("\\R\\z", ""));
      put(access, "address", address);
      put(access, "system", system);
      put(access, "fingerprint", fingerprint);
      put(access, "ca", ca == null ? "" : read(ca));
      put(access, "privilege", privilege == null ? "" : lower(privilege));
      if (cipher != null) {
        access.put("cipher", cipher);
      }
      return access;
    }

    private String read(Path file) {
      return new String(GivenFiles.read(context.environment(), file), StandardCharsets.UTF_8);
    }

    private static void put(Map<String, Object> access, String key, String value) {
      if (!value.isEmpty()) {
        access.put(key, value);
      }
    }

    private int show(JsonNode done) {
      if (json) {
        context.environment().json(Operators.pretty(done));
      } else {
        context.environment().line(text(done, "text"));
      }
      return 0;
    }

    private int shown(JsonNode access) {
      if (json) {
        context.environment().json(Operators.pretty(access));
      } else {
        context
            .environment()
            .line(
                "%s: %s, user %s"
                    .formatted(text(access, "from"), text(access, "kind"), text(access, "user")));
      }
      return 0;
    }
  }

  @Command(
      name = "labels",
      description = {
        "Lists the labels that nodes carry or that have a BMC access, with that access; see",
        "`node label` and `node power --label`."
      },
      mixinStandardHelpOptions = true)
  static final class Labels implements Callable<Integer> {
    private final Context context;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    Labels(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      CliEnvironment environment = context.environment();
      JsonNode labels = context.appliance().json("/api/v1/labels");
      if (json) {
        environment.json(Operators.pretty(labels));
        return 0;
      }
      if (labels.isEmpty()) {
        environment.say("No node carries a label: kindling node label NODE LABEL");
        return 0;
      }
      var table = new Table("LABEL", "NODES", "BMC ACCESS");
      for (JsonNode label : labels) {
        JsonNode power = label.path("power");
        table.row(
            text(label, "label"),
            label.path("nodes").asString(""),
            power.isObject() ? text(power, "kind") + ", user " + text(power, "user") : "none");
      }
      environment.text(table.render());
      return 0;
    }
  }

  @Command(
      name = "locate",
      description = "Lights a machine's identification LED, or ends that.",
      mixinStandardHelpOptions = true)
  static final class Locate implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NODE", description = "Name or id.")
    private String node = "";

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "on|off",
        defaultValue = "on",
        description = "Default: on.")
    private Light light = Light.ON;

    Locate(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context
          .appliance()
          .send("POST", Operators.node(node) + "/locate", Map.of("on", light == Light.ON));
      context.environment().line(node + ": LED " + lower(light));
      return 0;
    }
  }

  private static String lower(Enum<?> word) {
    return word.name().toLowerCase(java.util.Locale.ROOT);
  }
}
