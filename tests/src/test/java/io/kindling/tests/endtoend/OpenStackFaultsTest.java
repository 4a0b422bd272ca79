package io.kindling.tests.endtoend;

import static io.kindling.tests.endtoend.ContainerCluster.findings;
import static io.kindling.tests.endtoend.ContainerCluster.output;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Two controllers, both computes. Objects are served while either gateway is down; what is broken
/// in Nova, Placement, libvirt and RabbitMQ is named by `check`, and mended by `deploy`. Guests are
/// emulated.
@Tag("full")
final class OpenStackFaultsTest {

  private static final String OPENSTACK = "sudo openstack --os-cloud kindling ";
  private static final String OBJECTS = "https://10.20.0.5:6780/";
  private static final List<String> HOSTS = List.of("host-1", "host-2");
  private static final Duration SOON = Duration.ofMinutes(5);

  private ContainerCluster cluster;
  private Scenario scenario;
  private final Map<String, NodeShell> shells = new TreeMap<>();

  @BeforeEach
  void start() throws Exception {
    cluster = ContainerCluster.startForCloud("os-faults");
    scenario = cluster.scenario;
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void whatIsBrokenIsNamedAndMended() {
    cluster.joined(1, List.of(6 << 10, 7 << 10));
    cluster.joined(2, List.of());
    cluster.applyCloud(
        "{ match: { name: host-1 }, roles: [controller, compute, ceph-osd] }",
        "{ match: { name: host-2 }, roles: [controller, compute] }");
    cluster.deployed("host-1", "host-2");
    HOSTS.forEach(each -> shells.put(each, scenario.shell(each)));

    objectsAreServedWhileEitherGatewayIsDown();
    aComputeThatIsOfNoUseIsNamed();
    aQueueThatIsNotWholeIsNamed();
  }

  private void objectsAreServedWhileEitherGatewayIsDown() {
    NodeShell host = shell("host-1");
    output(host, OPENSTACK + "container create box");
    output(
        host, OPENSTACK + "ec2 credentials create -f value -c access -c secret | xargs >s3-login");
    for (String down : HOSTS) {
      String unit = "ceph-radosgw@rgw." + down;
      output(shell(down), "sudo systemctl stop " + unit);
      String text = "written while the gateway of " + down + " was down";
      output(host, "echo '" + text + "' >text");
      output(host, OPENSTACK + "object create --name by-swift-" + down + " box text");
      assertThat(output(host, OPENSTACK + "object save --file - box by-swift-" + down))
          .isEqualTo(text);
      String s3 =
          "curl -sS --fail --noproxy '*' --aws-sigv4 aws:amz:us-east-1:s3 --user \"$(tr ' ' :"
              + " <s3-login)\" %sbox/by-s3-%s".formatted(OBJECTS, down);
      output(host, s3 + " -T text");
      assertThat(output(host, s3)).isEqualTo(text);
      output(shell(down), "sudo systemctl start " + unit);
    }
  }

  private void aComputeThatIsOfNoUseIsNamed() {
    NodeShell host = shell("host-1");
    NodeShell second = shell("host-2");
    output(
        second,
        "sudo virsh -q secret-list | awk '{print $1}' | xargs -n1 sudo virsh"
            + " secret-undefine && sudo systemctl stop nova-compute");
    output(
        host,
        OPENSTACK
            + "resource provider inventory delete $("
            + OPENSTACK
            + "resource provider list --name host-2 -f value -c uuid)");
    Waiting.until(
        "Nova to miss the compute",
        SOON,
        () ->
            output(
                    host,
                    OPENSTACK
                        + "compute service list --host host-2 --service nova-compute -f value -c"
                        + " State")
                .equals("down"),
        () -> {});
    assertThat(findings(cluster.check()))
        .contains("CHK-027 services of Nova", "CHK-028 computes in Placement")
        .anyMatch(found -> found.startsWith("CHK-030 libvirt of host-2, secret "));
    mended();
  }

  /// A second server joins the first, and is lost again.
  private void aQueueThatIsNotWholeIsNamed() {
    NodeShell host = shell("host-1");
    output(host, "sudo systemctl stop rabbitmq-server");
    assertThat(findings(cluster.check())).contains("CHK-029 messages between services");
    mended();
  }

  private void mended() {
    cluster.deployed("host-1", "host-2");
    assertThat(findings(cluster.check())).isEmpty();
  }

  private NodeShell shell(String name) {
    return java.util.Objects.requireNonNull(shells.get(name));
  }
}
