package io.kindling.appliance.cli;

import static io.kindling.appliance.cli.NodeCommands.text;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `node rescue` and `node wipe`: nodes that are taken aside into the bootstrap.
final class AsideCommands {

  private AsideCommands() {}

  /// What both take.
  static final class Options {
    @Option(
        names = "--restart",
        description =
            "Restart the machine over the network now: by its BMC, else you are asked to.")
    private boolean restart;

    @Option(names = "--yes", description = "Do it although something is lost or stops.")
    private boolean yes;

    @Option(
        names = "--confirm",
        description = "Do it although the node is protected, or a disk known by its place alone.")
    private boolean confirmed;

    @Option(names = "--end", description = "End it: of a wipe, as long as nothing was cleared.")
    private boolean end;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    private Map<String, Object> order() {
      var order = new LinkedHashMap<String, Object>();
      put(order, "restart", restart);
      put(order, "yes", yes);
      put(order, "confirm", confirmed);
      return order;
    }

    private static void put(Map<String, Object> order, String key, boolean said) {
      if (said) {
        order.put(key, true);
      }
    }

    private int send(Context context, String path, Map<String, Object> order) {
      JsonNode answer =
          context.appliance().send(end ? "DELETE" : "POST", path, end ? Map.of() : order);
      if (json) {
        context.environment().json(Operators.pretty(answer));
      } else {
        context.environment().line(text(answer, "text"));
      }
      return 0;
    }
  }

  @Command(
      name = "rescue",
      description = {
        "Takes a node aside: its boots over the network end in the bootstrap, where you log in as",
        "root and nothing is done to it, until --end. Its system and its disks stay as they are."
      },
      mixinStandardHelpOptions = true)
  static final class Rescue implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NODE", description = "Name or id.")
    private String node = "";

    @Option(
        names = "--key",
        paramLabel = "FILE",
        description = {
          "An OpenSSH public key to let in beside the appliance's; repeatable; - is standard",
          "input. It is forgotten when the rescue ends."
        })
    private List<Path> keys = List.of();

    @Mixin private Options options = new Options();

    Rescue(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      Map<String, Object> order = options.order();
      var lines = new ArrayList<String>();
      for (Path key : keys) {
        new String(GivenFiles.read(context.environment(), key), StandardCharsets.UTF_8)
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
            .forEach(lines::add);
      }
      if (!lines.isEmpty()) {
        order.put("keys", lines);
      }
      return options.send(context, Operators.node(node) + "/rescue", order);
    }
  }

  @Command(
      name = "wipe",
      description = {
        "Clears disks of a node, in the bootstrap: every signature, both ends of the disks and of",
        "what was on them. Only the disks that are named; none of a node that serves in a cluster.",
        "The node is then one that has just been discovered."
      },
      mixinStandardHelpOptions = true)
  static final class Wipe implements Callable<Integer> {
    private final Context context;

    @Spec private @Nullable CommandSpec spec;

    @Parameters(index = "0", paramLabel = "NODE", description = "Name or id.")
    private String node = "";

    @ArgGroup private Which which = new Which();

    @Mixin private Options options = new Options();

    static final class Which {
      @Option(
          names = "--disk",
          paramLabel = "ID",
          description = "A disk to clear, by its id from `node show`; repeatable.")
      private List<String> disks = List.of();

      @Option(
          names = "--all-disks",
          description = "All that the node has reported, but those that cannot be written.")
      private boolean all;
    }

    Wipe(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      Map<String, Object> order = options.order();
      if (!options.end) {
        List<String> disks = which.all ? all() : which.disks;
        if (disks.isEmpty() && spec != null) {
          throw new ParameterException(
              spec.commandLine(), "say which: --disk ID, or --all-disks; or --end");
        }
        order.put("disks", disks);
      }
      return options.send(context, Operators.node(node) + "/wipe", order);
    }

    private List<String> all() {
      var disks = new ArrayList<String>();
      for (JsonNode disk : context.appliance().json(Operators.node(node)).path("disks")) {
        if (!disk.path("readOnly").asBoolean(false) && disk.path("sizeBytes").asLong(0) > 0) {
          disks.add(text(disk, "id"));
        }
      }
      return disks;
    }
  }
}
