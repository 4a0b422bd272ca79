package io.kindling.inventory;

import java.util.List;

/// What became of a report.
public sealed interface ReportResult {

  /// A machine not seen before is a node now.
  ///
  /// @param warnings what of the document was left out
  record Created(Node node, List<String> warnings) implements ReportResult {
    public Created {
      warnings = List.copyOf(warnings);
    }
  }

  /// A known node's facts are renewed.
  record Updated(Node node, List<String> warnings) implements ReportResult {
    public Updated {
      warnings = List.copyOf(warnings);
    }
  }

  /// The node that reported is set apart until its evidence is clear.
  record Quarantined(Node node, InventoryError error, String reason) implements ReportResult {}

  /// Nothing was changed.
  record Rejected(InventoryError error, String reason) implements ReportResult {}
}
