package io.kindling.appliance.cli;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.FactsParser;
import io.kindling.ksgen.DiskOverride;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.Expand;
import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.LayoutException;
import io.kindling.ksgen.LayoutRequest;
import io.kindling.ksgen.LayoutTable;
import io.kindling.ksgen.Layouter;
import io.kindling.ksgen.PartitionScript;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `plan` and `render …`: what a machine would get, from its discovery document alone.
final class OfflineCommands {

  private static final int FIRST_ATTEMPT = 1;

  private OfflineCommands() {}

  /// The machine and what it is to become.
  abstract static class Offline implements Callable<Integer> {
    final Context context;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--facts",
        required = true,
        paramLabel = "FILE",
        description = "The machine's discovery document; - reads standard input.")
    private Path facts = Path.of("");

    @Option(
        names = "--role",
        required = true,
        split = ",",
        paramLabel = "ROLE",
        description =
            "What it is to do: base, controller, compute, ceph-mon, ceph-osd, ceph-rgw, cinder-lvm."
                + " Roles combine.")
    private List<String> roles = List.of();

    @Option(
        names = "--disk",
        paramLabel = "ID=VOLUME:SIZE",
        description =
            "Gives a volume (os, image, vm, database, logs, mon, cephjournal, ceph, cinder) its"
                + " place: SIZE in MiB, `all`, `mirror` (os, on two disks), or `keep`; ID=keep"
                + " leaves the whole disk alone. Repeatable.")
    private List<String> disks = List.of();

    Offline(Context context) {
      this.context = context;
    }

    /// What was asked for, of the machine.
    record Laid(Facts facts, UUID nodeId, KsSpaces spaces) {
      DiskPlan plan() {
        return Expand.expand(spaces, nodeId, FIRST_ATTEMPT, facts);
      }
    }

    abstract String print(Laid laid);

    @Override
    public Integer call() {
      Set<Role> wanted = wanted();
      byte[] document = GivenFiles.read(context.environment(), facts);
      Facts machine =
          switch (new FactsParser().parse(document)) {
            case FactsParser.Parsed parsed -> {
              parsed.warnings().forEach(w -> context.environment().say("facts: " + w));
              yield parsed.facts();
            }
            case FactsParser.Malformed bad ->
                throw new CliException(
                    bad.error().id(),
                    bad.error().summary() + " " + bad.reason(),
                    bad.error().cure(),
                    null);
          };
      // The same document gives the same ids, with no inventory to ask.
      UUID nodeId = UUID.nameUUIDFromBytes(document);
      try {
        var rules = disks.stream().map(d -> DiskOverride.parse(d).rule()).toList();
        KsSpaces spaces =
            Layouter.layout(new LayoutRequest(nodeId, FIRST_ATTEMPT, machine, wanted, rules));
        context.environment().text(print(new Laid(machine, nodeId, spaces)));
        return 0;
      } catch (LayoutException e) {
        throw new CliException(
            e.error().id(), e.error().summary() + " " + e.detail(), e.error().cure(), e);
      }
    }

    private Set<Role> wanted() {
      var wanted = new LinkedHashSet<Role>();
      for (String label : roles) {
        wanted.add(
            Role.of(label.strip())
                .orElseThrow(() ->
                    new ParameterException(
                        spec.commandLine(),
                        "there is no role `"
                            + label
                            + "`; roles are "
                            + Arrays.stream(Role.values())
                                .map(Role::label)
                                .collect(Collectors.joining(", ")))));
      }
      return wanted;
    }
  }

  @Command(
      name = "plan",
      description = "Shows the disk layout a machine would get; needs no appliance.",
      mixinStandardHelpOptions = true)
  static final class Plan extends Offline {

    /// How the layout is printed.
    enum Format {
      TABLE,
      KS_SPACES
    }

    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        defaultValue = "table",
        description = "table or ks_spaces (default: ${DEFAULT-VALUE}).")
    private Format format = Format.TABLE;

    Plan(Context context) {
      super(context);
    }

    @Override
    String print(Laid laid) {
      return switch (format) {
        case TABLE -> LayoutTable.render(laid.plan(), laid.facts());
        case KS_SPACES -> laid.spaces().toJson();
      };
    }
  }

  @Command(
      name = "partition-script",
      description = "Prints the script that partitions the machine's disks.",
      mixinStandardHelpOptions = true)
  static final class PartitionScriptOf extends Offline {
    PartitionScriptOf(Context context) {
      super(context);
    }

    @Override
    String print(Laid laid) {
      return PartitionScript.render(laid.plan());
    }
  }
}
