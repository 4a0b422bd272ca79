package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Facts;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// `lldpctl -f json0`: every element is an array, every text a `value`. What a machine hears from
/// its wires is a switch's word, so it is only text to compare.
final class Lldp {

  private Lldp() {}

  /// By the local interface's name; of several neighbours on one (a hub, a daemon on a virtual
  /// switch) the first.
  static Map<String, Facts.Neighbour> neighbours(JsonNode json0) {
    var neighbours = new HashMap<String, Facts.Neighbour>();
    for (JsonNode lldp : json0.path("lldp")) {
      for (JsonNode port : lldp.path("interface")) {
        JsonNode chassis = port.path("chassis").path(0);
        String system = value(chassis.path("name"));
        if (system == null) {
          system = value(chassis.path("id"));
        }
        String name = port.path("name").asString("");
        if (system != null && !name.isEmpty()) {
          neighbours.putIfAbsent(
              name, new Facts.Neighbour(system, value(port.path("port").path(0).path("id"))));
        }
      }
    }
    return neighbours;
  }

  private static @Nullable String value(JsonNode array) {
    String text = Reader.clean(array.path(0).path("value").asString("")).strip();
    return text.isEmpty() ? null : text;
  }
}
