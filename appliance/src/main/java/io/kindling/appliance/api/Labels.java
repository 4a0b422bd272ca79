package io.kindling.appliance.api;

import io.kindling.appliance.power.BmcAccess;
import io.kindling.appliance.power.PowerBook;
import io.kindling.appliance.power.PowerBook.Found;
import io.kindling.appliance.power.PowerBook.Owner;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/// Which labels there are: those that nodes carry, and those that have a BMC access. Thread-safe.
public final class Labels {
  private final NodeStore nodes;
  private final PowerBook book;
  private final Supplier<Set<String>> settings;

  /// @param settings the names of all settings
  public Labels(NodeStore nodes, PowerBook book, Supplier<Set<String>> settings) {
    this.nodes = nodes;
    this.book = book;
    this.settings = settings;
  }

  /// In the order of their names: `label`, `nodes` (how many carry it), and `power` where it has a
  /// BMC access, without the password.
  public List<Map<String, Object>> all() {
    var carried = new TreeMap<String, Integer>();
    book.labels(settings.get()).forEach(label -> carried.put(label, 0));
    for (Node node : nodes.all()) {
      if (node.state() != NodeState.REMOVED) {
        node.labels().forEach(label -> carried.merge(label, 1, Integer::sum));
      }
    }
    return carried.entrySet().stream().map(e -> view(e.getKey(), e.getValue())).toList();
  }

  private Map<String, Object> view(String label, int number) {
    return new Fields()
        .put("label", label)
        .put("nodes", number)
        .put("power", book.get(Owner.label(label)).map(a -> access(label, a)).orElse(null))
        .map();
  }

  private static Map<String, Object> access(String label, BmcAccess a) {
    return NodeViews.access(new Found(a, "label " + label));
  }
}
