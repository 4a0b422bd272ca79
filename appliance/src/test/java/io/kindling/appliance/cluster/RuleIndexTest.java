package io.kindling.appliance.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.cluster.Cluster.Match;
import io.kindling.appliance.cluster.Cluster.NodeRule;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RuleIndexTest {
  private static final List<Match> MATCHES =
      List.of(
          new Match.Mac("m1"),
          new Match.Mac("m2"),
          new Match.Label("l1"),
          new Match.Label("l2"),
          new Match.Name("n1"),
          new Match.Name("l1"));

  private static Node node(
      String name, Set<String> labels, Set<String> macs, @Nullable String boot) {
    return new Node(
        UUID.randomUUID(),
        name,
        labels,
        NodeState.DISCOVERED,
        null,
        null,
        macs,
        boot,
        null,
        null,
        null,
        Instant.EPOCH,
        Instant.EPOCH,
        1);
  }

  private static NodeRule rule(Match match) {
    return new NodeRule(match, Optional.empty(), Set.of(), List.of(), List.of(), false, 1);
  }

  @Test
  void itSaysWhatGoingThroughTheRulesSays() {
    var random = new Random(7);
    for (int round = 0; round < 500; round++) {
      var rules = new ArrayList<NodeRule>();
      for (int i = random.nextInt(6); i > 0; i--) {
        rules.add(rule(MATCHES.get(random.nextInt(MATCHES.size()))));
      }
      var nodes = new ArrayList<Node>();
      for (int i = 0; i < 3; i++) {
        nodes.add(
            node(
                random.nextBoolean() ? "n1" : "l1",
                random.nextBoolean() ? Set.of("l1", "l2") : Set.of(),
                random.nextBoolean() ? Set.of("m1") : Set.of("m3"),
                random.nextBoolean() ? "m2" : null));
      }
      var index = new RuleIndex(rules);
      for (Node node : nodes) {
        assertThat(index.ruleFor(node).orElse(null))
            .isSameAs(rules.stream().filter(r -> r.match().matches(node)).findFirst().orElse(null));
      }
      assertThat(index.without(nodes))
          .usingElementComparator((a, b) -> a == b ? 0 : 1)
          .containsExactlyElementsOf(
              rules.stream().filter(r -> nodes.stream().noneMatch(r.match()::matches)).toList());
    }
  }
}
