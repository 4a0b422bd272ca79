package io.kindling.appliance.api;

import io.kindling.appliance.http.Json;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.FactsParser;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A node's hardware in depth, read from its document when asked for, and in short, from memory.
/// Thread-safe.
final class HardwareViews {
  private final NodeStore nodes;
  private final FactsParser parser = new FactsParser();

  HardwareViews(NodeStore nodes) {
    this.nodes = nodes;
  }

  /// All that its tools told, and under `warnings` what could not be read; null where it never
  /// reported.
  @Nullable Map<String, Object> of(Node node) {
    byte[] document = nodes.document(node.id()).orElse(null);
    if (document == null) {
      return null;
    }
    return switch (parser.parse(document)) {
      case FactsParser.Parsed parsed -> {
        Map<String, Object> view = Json.map(parsed.hardware());
        view.put("warnings", parsed.warnings());
        yield view;
      }
      case FactsParser.Malformed bad ->
          new Fields().put("warnings", List.of(bad.error().id() + " " + bad.reason())).map();
    };
  }

  /// What lists show.
  static @Nullable Map<String, Object> summary(Node node, List<String> hints) {
    Facts facts = node.facts();
    if (facts == null) {
      return null;
    }
    Facts.Summary summary = facts.summary();
    return new Fields()
        .put("vendor", facts.system().vendor())
        .put("model", facts.system().product())
        .put("serial", facts.system().serial())
        .put("cpuModel", facts.cpu().model())
        .put("cpus", facts.cpu().threads())
        .put("memoryMib", facts.memoryBytes() >> 20)
        .put("memoryModules", summary.memoryModules())
        .put("disks", facts.disks().size())
        .put("diskBytes", NodeListing.diskBytes(facts))
        .put("nics", facts.nics().size())
        .put("nicSpeedMbps", speed(facts))
        .put("gpus", summary.gpus())
        .put("firmware", facts.agent().firmware().name().toLowerCase(Locale.ROOT))
        .put("firmwareVersion", facts.system().firmwareVersion())
        .put("ailments", summary.ailments().stream().map(Json::map).toList())
        .put("hints", hints)
        .map();
  }

  /// Of the fastest NIC; null where none told it.
  static @Nullable Integer speed(Facts facts) {
    return facts.nics().stream()
        .filter(Facts.Nic::identifies)
        .map(Facts.Nic::speedMbps)
        .filter(Objects::nonNull)
        .max(Integer::compareTo)
        .orElse(null);
  }
}
