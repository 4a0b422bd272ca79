package io.kindling.appliance.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.testing.Bench;
import io.kindling.appliance.tls.ServiceCertificates;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.Role;
import io.kindling.postinstall.MemoryOutcomeStore;
import io.kindling.postinstall.Sleeper;
import io.kindling.postinstall.engine.Engine;
import io.kindling.postinstall.engine.EngineSettings;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which nodes the phases can be without.
class ClusterPhasesTest {
  @TempDir Path state;
  private Bench bench;
  private ClusterPhases phases;

  @BeforeEach
  void open() {
    bench = new Bench(state);
    bench.keep("nodes:\n- {match: {label: storage}, roles: [base]}\n");
    var random = new SecureRandom();
    phases =
        new ClusterPhases(
            bench.nodes,
            bench.events,
            bench.clusters,
            bench.plans,
            new NodeOsds(bench.plans, bench.settings),
            new CephSecrets(bench.settings, bench.clock, random),
            new OpenStackSecrets(bench.settings, random),
            new ServiceCertificates(state, bench.clock, random),
            ServiceCertificates.ofComputes(state, bench.clock, random),
            new Engine(
                new MemoryOutcomeStore(),
                (address, port, user, keys) -> {
                  throw new AssertionError("nobody is asked");
                },
                bench.logs,
                bench.clock,
                Sleeper.real(),
                EngineSettings.standard()),
            new OneRun(),
            new Pace(bench.settings, bench.clock),
            bench.threads);
  }

  @AfterEach
  void close() {
    phases.close();
    bench.close();
  }

  /// Installed nodes with that role; those with OSDs have two each.
  private void installed(Role role, int... numbers) {
    for (int number : numbers) {
      Node node = bench.report(number);
      bench.nodes.change(
          node.id(),
          n ->
              n.withName("node-" + number)
                  .withAssignment(
                      new Assignment(
                          1,
                          Set.of(role),
                          Map.of(
                              "management", "10.20.0." + (10 + number) + "/24",
                              "storage", "10.21.0." + (10 + number) + "/24"),
                          "[]",
                          true,
                          "ssh-ed25519 AAAA",
                          null))
                  .withState(NodeState.READY, null, null));
      String osd = "{\"partition\":\"%s\",\"db\":null}";
      bench.settings.put(
          "osds/" + node.id() + "/1",
          "{\"osds\":[%s,%s],\"retired\":[],\"changes\":0}"
              .formatted(osd.formatted(UUID.randomUUID()), osd.formatted(UUID.randomUUID())));
    }
  }

  private String needs(int number) {
    return phases.needs(bench.node(number)).orElse("");
  }

  @Test
  void oneOfManyHostsWithOsdsIsNotNeeded() {
    installed(Role.CEPH_MON, 1, 2, 3);
    installed(Role.CEPH_OSD, 4, 5, 6, 7);
    assertThat(needs(4)).isEmpty();
    assertThat(needs(7)).isEmpty();
  }

  @Test
  void aMonitorIsNeeded() {
    installed(Role.CEPH_MON, 1, 2, 3);
    installed(Role.CEPH_OSD, 4, 5, 6, 7);
    assertThat(needs(2)).isEqualTo("ceph would wait for node-2");
  }

  @Test
  void aSpareControllerIsNotNeededButOneThatIsAMonitor() {
    installed(Role.CONTROLLER, 1, 2, 3, 8); // an even one out: three are monitors
    installed(Role.CEPH_OSD, 4, 5, 6, 7);
    assertThat(needs(8)).isEmpty();
    assertThat(needs(1)).isEqualTo("ceph would wait for node-1");
  }

  @Test
  void aHostWithoutWhichCopiesHaveNoPlaceIsNeeded() {
    installed(Role.CEPH_MON, 1);
    installed(Role.CEPH_OSD, 4, 5, 6);
    assertThat(needs(5)).isEqualTo("ceph would wait for more hosts with OSDs");
  }

  @Test
  void theOnlyHostWithOsdsAndTheOnlyMonitorAreNeeded() {
    installed(Role.CEPH_MON, 1);
    installed(Role.CEPH_OSD, 4);
    assertThat(needs(4)).startsWith("ceph would wait for ");
    assertThat(needs(1)).startsWith("ceph would wait for ");
  }

  @Test
  void aNodeWhoseDisksDoNotFitItsLayoutAnyMoreHasNoPartButServesOn() {
    installed(Role.CEPH_MON, 1, 2, 3);
    installed(Role.CEPH_OSD, 4, 5, 6, 7);
    var layout = "[{\"id\":\"gone\",\"size\":1000,\"type\":\"disk\",\"volumes\":[]}]";
    var addresses = Map.of("management", "10.20.0.18/24");
    var osds = Set.of(Role.CEPH_OSD);
    Node lost =
        bench
            .report(8)
            .withAssignment(
                new Assignment(1, osds, addresses, layout, true, "ssh-ed25519 AAAA", null))
            .withState(NodeState.READY, null, null);
    bench.nodes.change(lost.id(), n -> lost);
    assertThat(phases.follow(lost)).isFalse();
    assertThat(phases.serves(lost)).isTrue();
    assertThat(phases.serves(bench.node(4))).isTrue();
    assertThat(phases.serves(lost.withState(NodeState.REMOVED, null, null))).isFalse();
    assertThat(phases.serves(bench.report(9))).isFalse();
  }

  @Test
  void aNodeThatIsRescuedCountsAsOneThatIsNotThere() {
    installed(Role.CEPH_MON, 1, 2, 3);
    installed(Role.CEPH_OSD, 4, 5, 6, 7);
    bench.put(4, NodeState.RESCUE);
    assertThat(phases.follow(bench.node(4))).isTrue();
    assertThat(needs(5)).isEqualTo("ceph would wait for more hosts with OSDs");
    assertThat(needs(4)).isEmpty();
  }
}
