package io.kindling.inventory;

import java.util.List;

/// Who a report is from.
public sealed interface Identification {

  /// A machine not seen before.
  ///
  /// @param namesakes known nodes with the same system UUID, which then counts for none of them
  record New(Evidence evidence, List<Node> namesakes) implements Identification {
    public New {
      namesakes = List.copyOf(namesakes);
    }
  }

  /// A known node.
  ///
  /// @param namesakes other nodes with the same system UUID
  record Known(Node node, Evidence evidence, List<Node> namesakes) implements Identification {
    public Known {
      namesakes = List.copyOf(namesakes);
    }
  }

  /// The evidence belongs to more than one known node.
  ///
  /// @param reporter the one that the machine most likely is: by its UUID, else by the NIC that it
  ///   booted from, else by the most NICs
  /// @param reason in words
  record Conflict(Node reporter, String reason) implements Identification {}

  /// Nothing tells this machine from others.
  record Nobody(String reason) implements Identification {}
}
