package io.kindling.appliance.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.testing.Bench;
import io.kindling.appliance.testing.MemorySettings;
import io.kindling.inventory.Node;
import io.kindling.postinstall.ceph.CephModel.Osd;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeOsdsTest {
  private static final Osd FRESH = new Osd(new UUID(8, 1), null);

  @TempDir Path state;
  private final MemorySettings settings = new MemorySettings();
  private Bench bench;
  private Node node;
  private NodeOsds osds;

  @BeforeEach
  void aNodeThatWasInstalled() {
    bench = new Bench(state);
    bench.report(1);
    bench.assigner.apply(
        bench.keep("nodes:\n- match: {mac: \"52:54:00:00:00:01\"}\n  roles: [ceph-osd]\n"), false);
    node = bench.node(1);
    osds = new NodeOsds(bench.plans, settings);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void firstTheyAreWhatTheInstallationLaidOut() {
    assertThat(osds.of(node)).isEqualTo(CephModels.osds(bench.plans.disks(node))).isNotEmpty();
    assertThat(osds.changes(node)).isZero();
    assertThat(settings.get("osds/" + node.id() + "/1")).isEmpty();
  }

  @Test
  void whatIsAddedStaysAndIsAddedOnce() {
    List<Osd> before = osds.of(node);
    osds.add(node, FRESH);
    osds.add(node, FRESH);
    var again = new NodeOsds(bench.plans, settings);
    assertThat(again.of(node)).hasSize(before.size() + 1).containsAll(before).endsWith(FRESH);
    assertThat(again.changes(node)).isEqualTo(1);
  }

  @Test
  void oneInAnothersPlaceLeavesTheOthersTheirDbs() {
    List<Osd> before = osds.of(node);
    var fresh = new Osd(new UUID(8, 2), before.getFirst().db());
    osds.replace(node, before.getFirst().partition(), fresh);
    osds.replace(node, before.getFirst().partition(), fresh); // a resumed operation
    assertThat(osds.of(node))
        .hasSize(before.size())
        .contains(fresh)
        .doesNotContain(before.getFirst())
        .containsAll(before.subList(1, before.size()));
    assertThat(osds.changes(node)).isEqualTo(1);
  }
}
