package io.kindling.appliance.daytwo;

import io.kindling.appliance.machines.AgentScript;
import io.kindling.inventory.Node;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.FactsParser;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.LayoutException;
import io.kindling.ksgen.OsdDrive;
import io.kindling.ksgen.PartitionScript;
import io.kindling.postinstall.daytwo.DayTwoError;
import io.kindling.postinstall.daytwo.Order;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.ssh.Script;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Finds a node's blank drives by having it report anew, and lays one out for an OSD. Thread-safe.
final class Drives {
  /// Which of these have no signature whatsoever: what the report tells of a bare drive's content
  /// is not all that there can be.
  private static final String BLANK =
      """
      for disk; do
        found=$(wipefs --noheadings --no-act "/dev/$disk" 2>&1) || continue
        [ -n "$found" ] || echo "KINDLING-BLANK $disk"
      done
      """;

  private static final String REPORT_STATE = "KINDLING_STATE=/run/kindling/report\n";

  private final NodeAsk ask;
  private final FactsParser parser = new FactsParser();
  private final String agent;

  Drives(NodeAsk ask, AgentScript agent) {
    this.ask = ask;
    this.agent = new String(agent.bytes(), StandardCharsets.UTF_8);
  }

  /// @param blank of the machine's drives those that hold nothing
  record Found(Facts facts, List<Facts.Disk> blank) {}

  Found look(Host host) throws InterruptedException {
    List<String> lines =
        ask.ask(host, Script.of(REPORT_STATE + agent, "--print-member").withSudo());
    Facts facts =
        switch (parser.parse(json(lines).getBytes(StandardCharsets.UTF_8))) {
          case FactsParser.Parsed parsed -> parsed.facts();
          case FactsParser.Malformed bad ->
              throw new DayTwoException(DayTwoError.NO_ANSWER, host.name() + ": " + bad.reason());
        };
    List<Facts.Disk> empty =
        facts.disks().stream()
            .filter(d -> d.contents().isEmpty() && d.tableType() == null)
            .filter(d -> !d.removable() && !d.readOnly())
            .toList();
    if (empty.isEmpty()) {
      return new Found(facts, List.of());
    }
    String[] names = empty.stream().map(Facts.Disk::name).toArray(String[]::new);
    List<String> blank =
        NodeAsk.tagged(ask.ask(host, Script.of(BLANK, names).withSudo()), "KINDLING-BLANK").stream()
            .map(words -> words[0])
            .toList();
    return new Found(facts, empty.stream().filter(d -> blank.contains(d.name())).toList());
  }

  /// What the agent logs stands before its document.
  private static String json(List<String> lines) {
    int begin = lines.indexOf("{");
    return String.join("\n", lines.subList(Math.max(0, begin), lines.size()));
  }

  /// Those that are named; the only one where none is.
  static List<Facts.Disk> choose(Node node, Found found, List<String> wanted) {
    if (wanted.isEmpty()) {
      if (found.blank().isEmpty()) {
        throw new DayTwoException(DayTwoError.NO_DRIVE, node.name());
      }
      if (found.blank().size() > 1) {
        throw new DayTwoException(
            DayTwoError.WHICH_DRIVE,
            node.name()
                + ": "
                + found.blank().stream().map(Drives::words).collect(Collectors.joining(", ")));
      }
      return found.blank();
    }
    var chosen = new ArrayList<Facts.Disk>();
    for (String name : wanted) {
      chosen.add(
          found.blank().stream()
              .filter(d -> d.id().equals(name) || d.name().equals(name) || d.links().contains(name))
              .findFirst()
              .orElseThrow(
                  () -> new DayTwoException(DayTwoError.NOT_BLANK, name + " on " + node.name())));
    }
    return chosen.stream().distinct().toList();
  }

  /// @param number of the plan: ids of partitions come from it
  static Order.Drive lay(Node node, int number, Facts facts, Facts.Disk disk, @Nullable UUID db) {
    try {
      DiskPlan plan = OsdDrive.plan(node.id(), number, facts, disk);
      UUID partition =
          plan.disks().getFirst().partitions().stream()
              .filter(p -> p.use() == DiskPlan.Use.CEPH_OSD)
              .findFirst()
              .orElseThrow()
              .guid();
      return new Order.Drive(disk.id(), partition, db, PartitionScript.render(plan));
    } catch (LayoutException e) {
      throw new DayTwoException(
          DayTwoError.NOT_BLANK, node.name() + ": " + e.error().id() + " " + e.detail());
    }
  }

  private static String words(Facts.Disk disk) {
    return "%s (%s, %d GiB)".formatted(disk.id(), disk.name(), disk.sizeBytes() >> 30);
  }
}
