package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Hardware;
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
  static Map<String, Hardware.FarEnd> farEnds(JsonNode json0) {
    var neighbours = new HashMap<String, Hardware.FarEnd>();
    for (JsonNode lldp : json0.path("lldp")) {
      for (JsonNode link : lldp.path("interface")) {
        JsonNode chassis = link.path("chassis").path(0);
        String id = value(chassis.path("id"));
        String system = value(chassis.path("name"));
        String name = link.path("name").asString("");
        if ((system == null && id == null) || name.isEmpty()) {
          continue;
        }
        JsonNode port = link.path("port").path(0);
        neighbours.putIfAbsent(
            name,
            new Hardware.FarEnd(
                system == null ? String.valueOf(id) : system,
                id,
                value(chassis.path("descr")),
                value(chassis.path("mgmt-ip")),
                value(port.path("id")),
                value(port.path("descr")),
                ownVlan(link.path("vlan"))));
      }
    }
    return neighbours;
  }

  static Map<String, Facts.Neighbour> neighbours(JsonNode json0) {
    var neighbours = new HashMap<String, Facts.Neighbour>();
    farEnds(json0)
        .forEach(
            (name, end) -> neighbours.put(name, new Facts.Neighbour(end.system(), end.port())));
    return neighbours;
  }

  /// The port's untagged VLAN.
  private static @Nullable Integer ownVlan(JsonNode vlans) {
    for (JsonNode vlan : vlans) {
      JsonNode own = vlan.path("pvid");
      String id = vlan.path("vlan-id").asString("");
      if ((own.asString("").equals("yes") || (own.isBoolean() && own.booleanValue()))
          && id.matches("\\d{1,4}")) {
        return Integer.valueOf(id);
      }
    }
    return null;
  }

  private static @Nullable String value(JsonNode array) {
    String text = Reader.clean(array.path(0).path("value").asString("")).strip();
    return text.isEmpty() ? null : text;
  }
}
