package io.kindling.appliance.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.deploy.Deployer.Request;
import io.kindling.appliance.release.Isos;
import io.kindling.appliance.testing.Bench;
import io.kindling.inventory.NodeState;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What differs for nodes whose release installs by kickstart.
@Timeout(60)
class KickstartNodesTest {
  private static final Request ALL = new Request(false, Set.of(), Set.of());

  @TempDir Path state;
  private Bench bench;

  @BeforeEach
  void open() {
    bench = new Bench(state);
    bench.report(1);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private Cluster keep(String release, String roles) {
    return bench.keep(
        "release: %s\nnodes:\n- match: {mac: \"52:54:00:00:00:01\"}\n  name: one\n  roles: [%s]\n"
            .formatted(release, roles));
  }

  @Test
  void withoutItsTreeNothingIsStarted() {
    keep("rocky-9", "base");
    var refused = catchThrowableOfType(ApplianceException.class, () -> bench.deployer.deploy(ALL));
    assertThat(refused.error()).isEqualTo(ApplianceError.NO_RELEASE);
    assertThat(bench.node(1).state()).isEqualTo(NodeState.ASSIGNED);
  }

  @Test
  void withItTheNodeIsInstalledByItsReleaseAndNeedsNoImage() throws Exception {
    Isos.tree(state.resolve("releases/rocky-9.4"), "Rocky Linux", "9.4", "x86_64");
    bench.images.image = java.util.Optional.empty();
    keep("rocky-9", "base");
    bench.deployer.deploy(ALL);
    await().until(() -> bench.node(1).state() == NodeState.PROVISIONED);
    assertThat(bench.installer.plans.getFirst().image()).isNull();
  }

  @Test
  void servicesOfOtherRolesAreToldToBeDebians() throws Exception {
    Isos.tree(state.resolve("releases/alma-10.0"), "AlmaLinux", "10.0", "x86_64");
    Cluster cluster = keep("alma-10", "base, ceph-rgw");
    assertThat(bench.assigner.apply(cluster, true).getFirst().detail())
        .contains("the services of ceph-rgw are Debian's");
    assertThat(bench.assigner.apply(keep("alma-10", "base"), true).getFirst().detail())
        .doesNotContain("Debian");
  }

  @Test
  void anotherReleaseIsAChangeThatNeedsAReinstallation() throws Exception {
    Isos.tree(state.resolve("releases/rocky-9.4"), "Rocky Linux", "9.4", "x86_64");
    keep("debian-13", "base");
    bench.deployer.deploy(ALL);
    await().until(() -> bench.node(1).state() == NodeState.PROVISIONED);
    var line = bench.assigner.apply(keep("rocky-9", "base"), false).getFirst();
    assertThat(line.outcome()).isEqualTo("refused");
    assertThat(line.detail()).contains("APP-008", "another release");
  }
}
