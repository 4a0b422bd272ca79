package io.kindling.appliance.cluster;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.cluster.Cluster.Match;
import io.kindling.appliance.cluster.Cluster.NodeRule;
import io.kindling.appliance.yaml.YamlEdit;
import io.kindling.inventory.Node;
import io.kindling.inventory.Role;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What is changed in a cluster file without writing it: storage settings, the roles and disks of
/// single nodes. The rest of the file stays as its author wrote it. Immutable.
///
/// @param storage keys of `storage:` and their new values
/// @param nodes at most one wish for each node
public record ClusterChange(Map<String, Object> storage, List<Wish> nodes) {

  /// The file that is changed where none was applied yet.
  public static final String EMPTY = "# Begun in the console.\nnodes: []\n";

  private static final String NODES = "nodes";

  public ClusterChange {
    storage = Collections.unmodifiableMap(new LinkedHashMap<>(storage)); // the order is seen
    nodes = List.copyOf(nodes);
  }

  /// @param roles none where an empty set; as they are where absent
  /// @param disks entries of `disks:`; as they are where absent
  public record Wish(
      Node node, Optional<Set<Role>> roles, Optional<List<Map<String, Object>>> disks) {}

  /// The file with the changes in it, unchecked.
  ///
  /// @param cluster what the file says now
  /// @param all every node there is: a rule for a label is changed where all its nodes change alike
  public String in(String file, Cluster cluster, List<Node> all) {
    String text = file;
    if (!storage.isEmpty()) {
      if (YamlEdit.read(text, List.of("storage")) instanceof Map<?, ?>) {
        for (Map.Entry<String, Object> setting : storage.entrySet()) {
          text = YamlEdit.set(text, setting.getValue(), List.of("storage", setting.getKey()));
        }
      } else {
        text = YamlEdit.set(text, storage, List.of("storage"));
      }
    }
    return new Rules(text, cluster, all).changed();
  }

  /// The entries of `disks:` that the file has for a node.
  public static List<Map<String, Object>> disksOf(String file, Cluster cluster, Node node) {
    int place = cluster.ruleFor(node).map(cluster.nodes()::indexOf).orElse(-1);
    var rules = new ArrayList<Map<String, Object>>();
    if (place >= 0 && YamlEdit.read(file, List.of(NODES, place, "disks")) instanceof List<?> list) {
      for (Object entry : list) {
        var rule = new LinkedHashMap<String, Object>();
        if (entry instanceof Map<?, ?> map) {
          map.forEach((key, value) -> rule.put(String.valueOf(key), value));
        }
        rules.add(rule);
      }
    }
    return rules;
  }

  /// The places in the file's list of rules.
  private final class Rules {
    private String text;
    private final Cluster cluster;
    private final List<Node> all;
    private final List<Map<String, Object>> fresh = new ArrayList<>();
    private final Set<Integer> gone = new TreeSet<>(Comparator.reverseOrder());

    Rules(String text, Cluster cluster, List<Node> all) {
      this.text = text;
      this.cluster = cluster;
      this.all = all;
    }

    String changed() {
      var shared = new LinkedHashMap<Integer, List<Wish>>();
      for (Wish wish : nodes) {
        int place = place(wish.node());
        if (place >= 0 && !(cluster.nodes().get(place).match() instanceof Match.Label)) {
          own(place, wish);
        } else {
          shared.computeIfAbsent(place, p -> new ArrayList<>()).add(wish);
        }
      }
      shared.forEach(this::shared);
      for (int place : gone) {
        text = YamlEdit.remove(text, List.of(NODES), place);
      }
      for (Map<String, Object> rule : fresh.reversed()) {
        text = YamlEdit.insertFirst(text, rule, List.of(NODES));
      }
      return text;
    }

    private int place(Node node) {
      return cluster.ruleFor(node).map(cluster.nodes()::indexOf).orElse(-1);
    }

    /// A rule for this node alone.
    private void own(int place, Wish wish) {
      if (wish.roles().filter(Set::isEmpty).isPresent()) {
        gone.add(place);
        return;
      }
      wish.roles().ifPresent(roles -> set(place, "roles", labels(roles)));
      wish.disks().ifPresent(disks -> set(place, "disks", disks));
    }

    private void set(int place, String key, Object value) {
      text = YamlEdit.set(text, value, List.of(NODES, place, key));
    }

    /// A rule for a label, or none: the rule itself where all its nodes get the same roles, else
    /// rules for the nodes, before it.
    private void shared(int place, List<Wish> wishes) {
      Optional<Set<Role>> roles = wishes.getFirst().roles();
      boolean alike =
          place >= 0
              && wishes.size() > 1
              && roles.isPresent()
              && !roles.get().isEmpty()
              && wishes.stream().allMatch(w -> w.roles().equals(roles) && w.disks().isEmpty())
              && all.stream().filter(n -> place(n) == place).count() == wishes.size();
      if (alike) {
        set(place, "roles", labels(roles.get()));
        return;
      }
      for (Wish wish : wishes) {
        Set<Role> wanted =
            wish.roles().orElseGet(() -> place < 0 ? Set.of() : cluster.nodes().get(place).roles());
        if (wanted.isEmpty() && place >= 0) {
          NodeRule rule = cluster.nodes().get(place);
          throw new ApplianceException(
              ApplianceError.BAD_REQUEST,
              "%s has its roles by the rule for %s: take its label off, or give it other roles"
                  .formatted(wish.node().name(), rule.match().text()));
        }
        if (!wanted.isEmpty()) {
          fresh.add(rule(place, wish, wanted));
        }
      }
    }

    private Map<String, Object> rule(int place, Wish wish, Set<Role> roles) {
      var rule = new LinkedHashMap<String, Object>();
      rule.put("match", match(wish.node()));
      rule.put("roles", labels(roles));
      if (place >= 0 && YamlEdit.read(text, List.of(NODES, place)) instanceof Map<?, ?> general) {
        for (String key : List.of("interfaces", "disks", "enter")) {
          Object value = general.get(key);
          if (value != null) {
            rule.put(key, value);
          }
        }
      }
      wish.disks().ifPresent(disks -> rule.put("disks", disks));
      return rule;
    }
  }

  /// By hardware, which no renaming changes.
  private static Map<String, Object> match(Node node) {
    String mac = node.bootMac();
    if (mac == null) {
      mac = node.macs().stream().min(Comparator.naturalOrder()).orElse(null);
    }
    return mac == null ? Map.of("name", node.name()) : Map.of("mac", mac);
  }

  private static List<String> labels(Set<Role> roles) {
    return roles.stream().sorted().map(Role::label).toList();
  }
}
