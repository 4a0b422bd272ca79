package io.kindling.postinstall.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.net.NetPlan.Dhcp;
import io.kindling.postinstall.net.NetPlan.Lane;
import io.kindling.postinstall.net.NetPlan.Network;
import io.kindling.postinstall.net.NetPlan.Node;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A rack of forty nodes on four networks: every pair of ports, no frame missing.
@Tag("full")
final class NetVerifyScaleTest {

  private static final int NODES = 40;
  private static final List<Integer> NICS = List.of(0, 1, 1, 2);
  private static final List<Integer> VLANS = List.of(0, 101, 102, 0);

  @Test
  void everyPairOfFortyNodesOnFourNetworksIsProbed() throws Exception {
    var networks = new ArrayList<Network>();
    for (int i = 0; i < VLANS.size(); i++) {
      networks.add(
          new Network(
              "net" + i, VLANS.get(i), i == 0 ? 1500 : 9000, null, List.of(), new Dhcp.Nobody()));
    }
    try (var rack = new NamespaceRack(NODES)) {
      var nodes = new ArrayList<Node>();
      for (int n = 1; n <= NODES; n++) {
        var lanes = new ArrayList<Lane>();
        for (int i = 0; i < networks.size(); i++) {
          lanes.add(
              new Lane(
                  n * 10 + i,
                  "net" + i,
                  "eth" + NICS.get(i),
                  NamespaceRack.mac(n, NICS.get(i)),
                  null,
                  "10.2" + i + ".0." + (10 + n),
                  24,
                  false,
                  null,
                  null));
        }
        nodes.add(rack.node(n, lanes.toArray(Lane[]::new)));
      }
      NetReport report =
          new NetVerify(rack, Clock.systemUTC(), new Random())
              .run(new NetPlan(networks, nodes, List.of(), List.of()));
      assertThat(report.faults()).isEmpty();
      for (NetReport.Matrix matrix : report.networks()) {
        assertThat(matrix.rows().stream().flatMapToInt(String::chars).filter(c -> c == '='))
            .hasSize(NODES * (NODES - 1));
      }
      System.out.println(NODES + " nodes, 4 networks: " + report.seconds() + " s");
    }
  }
}
