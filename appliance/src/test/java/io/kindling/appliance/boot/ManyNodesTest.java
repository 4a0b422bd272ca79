package io.kindling.appliance.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.testing.Bench;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.Role;
import io.kindling.inventory.TestNodes;
import io.kindling.inventory.facts.FactsParser;
import io.kindling.inventory.store.Database;
import io.kindling.inventory.store.JdbcNodeStore;
import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootStage;
import io.kindling.pxe.HardwareAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With ten thousand nodes in the database a change is in the very next answer. Prints what an
/// answer and a change cost.
@Tag("full")
class ManyNodesTest {
  private static final int NODES = 10_000;
  private static final int ANSWERS = 10_000;

  @TempDir Path state;

  @Test
  void aChangeIsInTheNextAnswer() {
    try (Bench bench = new Bench(state);
        Database database =
            ((Database.Opened) Database.open(state.resolve("database"))).database()) {
      var nodes = new JdbcNodeStore(database, new FactsParser());
      for (int i = 0; i < NODES; i++) {
        nodes.add(TestNodes.node("node-" + i, mac(i)));
      }
      var decisions =
          new LiveBootDecisions(
              nodes,
              bench.events,
              bench.tokens,
              bench.stages,
              bench.kickstarts,
              Bench.PUBLIC_KEY,
              Runnable::run);
      long begin = System.nanoTime();
      for (int i = 0; i < ANSWERS; i++) {
        assertThat(decisions.answer(new HardwareAddress(mac(i * 7919 % NODES)), BootStage.SCRIPT))
            .isInstanceOf(BootAnswer.Bootstrap.class);
      }
      double each = (System.nanoTime() - begin) / 1e3 / ANSWERS;
      long changing = System.nanoTime();
      UUID id = nodes.findByMac(mac(4711)).map(Node::id).orElseThrow();
      nodes.change(
          id,
          n ->
              n.withState(NodeState.PROVISIONING, null, null)
                  .withAssignment(
                      new Assignment(
                          1, Set.of(Role.BASE), Map.of(), "[]", true, null, "ABCD-EF01")));
      BootAnswer next = decisions.answer(new HardwareAddress(mac(4711)), BootStage.SCRIPT);
      double change = (System.nanoTime() - changing) / 1e6;
      assertThat(next).isEqualTo(new BootAnswer.OwnDisk(Optional.of("ABCD-EF01")));
      System.out.printf(
          "%d nodes: an answer %.1f µs, a change on disk and answered %.2f ms%n",
          NODES, each, change);
    }
  }

  private static String mac(int number) {
    return "52:54:00:02:%02x:%02x".formatted(number >> 8, number & 0xff);
  }
}
