package io.kindling.appliance.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.Node;
import io.kindling.inventory.TestNodes;
import io.kindling.inventory.TestParsing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class SiblingsTest {
  private static final String DOCUMENT =
      new String(TestParsing.recorded("dell-r640"), StandardCharsets.UTF_8);

  private static Node node(int number, UnaryOperator<String> change) {
    String mac = "52:54:00:00:00:0" + number;
    Node node = TestNodes.node("node-" + number, mac);
    String document = change.apply(DOCUMENT);
    return node.withReport(node.macs(), mac, null, TestParsing.facts(document), TestNodes.NOON);
  }

  private static List<Node> rack(int like, List<UnaryOperator<String>> odd) {
    var nodes = new ArrayList<Node>();
    for (int i = 0; i < like; i++) {
      nodes.add(node(i, UnaryOperator.identity()));
    }
    for (int i = 0; i < odd.size(); i++) {
      nodes.add(node(like + i, odd.get(i)));
    }
    return nodes;
  }

  @Test
  void aMachineWithOneModuleLessIsToldAndItsSiblingsAreNot() {
    List<Node> nodes =
        rack(3, List.of(d -> d.replaceFirst("Size: 32 GB", "Size: No Module Installed")));
    Siblings siblings = Siblings.of(nodes);
    assertThat(siblings.hints(nodes.get(3)))
        .containsExactly(
            "1 DIMM less than its siblings: 11, they have 12",
            "352 GiB of memory, its siblings have 384 GiB");
    assertThat(siblings.hints(nodes.get(0))).isEmpty();
  }

  @Test
  void disksSpeedAndFirmwareAreComparedToo() {
    List<Node> nodes =
        rack(
            3,
            List.of(d ->
                d.replaceFirst("\"type\": \"disk\"", "\"type\": \"rom\"")
                    .replace("Version: 2.15.1", "Version: 2.14.0")
                    .replace("25000000000", "10000000000")));
    assertThat(Siblings.of(nodes).hints(nodes.get(3)))
        .containsExactly(
            "1 disk less than its siblings: 3, they have 4",
            "its fastest NIC does 10000 Mbit/s, its siblings' 25000",
            "firmware 2.14.0, its siblings have 2.15.1");
  }

  @Test
  void ofTwoMachinesOrHalvesNobodyIsOdd() {
    UnaryOperator<String> less = d -> d.replaceFirst("Size: 32 GB", "Size: No Module Installed");
    List<Node> two = rack(1, List.of(less));
    assertThat(Siblings.of(two).hints(two.get(1))).isEmpty();
    List<Node> halves = rack(2, List.of(less, less));
    assertThat(halves).allSatisfy(n -> assertThat(Siblings.of(halves).hints(n)).isEmpty());
  }

  @Test
  void anotherModelIsNoSibling() {
    List<Node> nodes =
        rack(
            3,
            List.of(d ->
                d.replace("PowerEdge R640", "PowerEdge R740")
                    .replaceFirst("Size: 32 GB", "Size: No Module Installed")));
    assertThat(Siblings.of(nodes).hints(nodes.get(3))).isEmpty();
  }
}
