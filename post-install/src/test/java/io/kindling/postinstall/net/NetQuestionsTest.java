package io.kindling.postinstall.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.net.NetPlan.Dhcp;
import io.kindling.postinstall.net.NetPlan.Lane;
import io.kindling.postinstall.net.NetPlan.Network;
import io.kindling.postinstall.net.NetPlan.Node;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Who is told to probe what.
final class NetQuestionsTest {

  private static final Network MANAGEMENT =
      new Network("management", 0, 1500, null, List.of(), new Dhcp.Appliance("10.20.0.1"));
  private static final Network STORAGE =
      new Network("storage", 101, 9000, null, List.of(), new Dhcp.Nobody());

  private static NetPlan plan(int nodes, String device) {
    var all = new ArrayList<Node>();
    for (int n = 0; n < nodes; n++) {
      all.add(
          new Node(
              "node-" + n,
              Optional.empty(),
              true,
              List.of(
                  lane(2 * n, "management", device, n), lane(2 * n + 1, "storage", device, n))));
    }
    return new NetPlan(
        List.of(MANAGEMENT, STORAGE), all, List.of("10.20.0.1"), List.of("10.20.0.1", "a.example"));
  }

  private static Lane lane(int id, String network, String device, int n) {
    String address = "10.2%d.0.%d".formatted(id % 2, 10 + n);
    return new Lane(
        id, network, "eth0", "52:54:00:00:00:01", device, address, 24, true, null, "a'; reboot #");
  }

  private static List<Map<String, Object>> lanes(NetPlan plan, int node) {
    var lanes = new ArrayList<Map<String, Object>>();
    Object told = NetQuestions.of(plan, plan.nodes().get(node), "01020304", 6, 30).get("lanes");
    for (Object lane : (List<?>) told) {
      @SuppressWarnings("unchecked")
      var map = (Map<String, Object>) lane;
      lanes.add(map);
    }
    return lanes;
  }

  @Test
  void whatANodeIsToldDoesNotGrowWithTheCluster() {
    NetPlan few = plan(2, null);
    NetPlan many = plan(200, null);
    int small = NetQuestions.script(few, few.nodes().get(1), "01020304", 6, 30).text().length();
    int large = NetQuestions.script(many, many.nodes().get(1), "01020304", 6, 30).text().length();
    assertThat(large).isEqualTo(small);
  }

  @Test
  void onlyAFewPortsAskTheAppliancesOwnDhcpServerAllAskElsewhere() {
    NetPlan plan = plan(10, null);
    long asking =
        Stream.iterate(0, n -> n + 1)
            .limit(10)
            .filter(n -> Boolean.TRUE.equals(lanes(plan, n).getFirst().get("dhcp")))
            .count();
    assertThat(asking).isEqualTo(NetQuestions.DHCP_CLIENTS);
    assertThat(lanes(plan, 9).getLast().get("dhcp")).isEqualTo(true);
  }

  @Test
  void anInterfaceKnownByNameCarriesTheNetworkUntagged() {
    assertThat(lanes(plan(1, null), 0).getLast().get("vlan")).isEqualTo(101);
    assertThat(lanes(plan(1, "eth7"), 0).getLast().get("vlan")).isEqualTo(0);
  }

  @Test
  void timeSourcesByNameAreAskedForByName() {
    Map<String, Object> told =
        NetQuestions.of(plan(1, null), plan(1, null).nodes().getFirst(), "01020304", 6, 30);
    assertThat(told.get("ntp")).isEqualTo(List.of("10.20.0.1"));
    assertThat(told.get("ntpNames")).isEqualTo(List.of("a.example"));
  }

  @Test
  void valuesReachTheShellInBase64Only() {
    NetPlan plan = plan(1, "eth0'; reboot #");
    String text = NetQuestions.script(plan, plan.nodes().getFirst(), "01020304", 6, 30).text();
    assertThat(text).doesNotContain("reboot");
  }

  static Stream<Path> scripts() {
    Path folder = Path.of("src/main/resources/io/kindling/postinstall/net");
    return Stream.of(folder.resolve("net-probe.sh"), folder.resolve("net-go.sh"));
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void scriptPassesShellcheck(Path script) throws Exception {
    org.junit.jupiter.api.Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/shellcheck")), "shellcheck is not installed");
    Process check =
        new ProcessBuilder("shellcheck", script.toString()).redirectErrorStream(true).start();
    String said = new String(check.getInputStream().readAllBytes());
    assertThat(check.waitFor()).as(said).isZero();
  }
}
