package io.kindling.appliance.cluster;

import io.kindling.appliance.cluster.Cluster.Match;
import io.kindling.appliance.cluster.Cluster.NodeRule;
import io.kindling.inventory.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A cluster's rules by what they match: what [Cluster#ruleFor] says, of thousands of machines and
/// rules at once. Immutable once made.
public final class RuleIndex {
  private final List<NodeRule> rules;
  private final Map<Match, List<Integer>> places = new HashMap<>();

  RuleIndex(List<NodeRule> rules) {
    this.rules = rules;
    for (int i = 0; i < rules.size(); i++) {
      places.computeIfAbsent(rules.get(i).match(), m -> new ArrayList<>()).add(i);
    }
  }

  /// The rule that decides about this machine.
  public Optional<NodeRule> ruleFor(Node node) {
    return matching(node).min(Integer::compareTo).map(rules::get);
  }

  /// Rules that match none of these machines, in their order.
  public List<NodeRule> without(List<Node> nodes) {
    var used = new boolean[rules.size()];
    nodes.forEach(node -> matching(node).forEach(place -> used[place] = true));
    var unused = new ArrayList<NodeRule>();
    for (int i = 0; i < used.length; i++) {
      if (!used[i]) {
        unused.add(rules.get(i));
      }
    }
    return unused;
  }

  private Stream<Integer> matching(Node node) {
    Stream<Match> macs =
        Stream.concat(node.macs().stream(), Stream.ofNullable(node.bootMac())).map(Match.Mac::new);
    Stream<Match> labels = node.labels().stream().map(Match.Label::new);
    return Stream.of(macs, labels, Stream.<Match>of(new Match.Name(node.name())))
        .flatMap(m -> m)
        .flatMap(match -> places.getOrDefault(match, List.of()).stream());
  }
}
