package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.pxe.HardwareAddress;
import java.util.Optional;
import java.util.UUID;

/// Finds the node an operator means.
public final class Lookup {
  private Lookup() {}

  /// @param text its name, id or the hardware address of one of its NICs
  public static Node node(NodeStore nodes, String text) {
    return nodes
        .findByName(text)
        .or(() -> id(text).flatMap(nodes::find))
        .or(() -> HardwareAddress.parse(text).flatMap(mac -> nodes.findByMac(mac.text())))
        .orElseThrow(() -> new ApplianceException(ApplianceError.UNKNOWN_NODE, "`" + text + "`"));
  }

  private static Optional<UUID> id(String text) {
    try {
      return text.length() == 36 ? Optional.of(UUID.fromString(text)) : Optional.empty();
    } catch (IllegalArgumentException notAnId) {
      return Optional.empty();
    }
  }
}
