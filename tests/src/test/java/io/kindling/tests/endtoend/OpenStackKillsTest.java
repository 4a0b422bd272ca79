package io.kindling.tests.endtoend;

import static io.kindling.tests.endtoend.ContainerCluster.output;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.NodeShell;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// An appliance that is killed ten times while it builds OpenStack makes, file by file, what one
/// makes that is not.
@Tag("full")
final class OpenStackKillsTest {

  private static final int KILLS = 10;
  private static final Duration WHOLE = Duration.ofMinutes(45);

  /// Each file with its mode, owner and sum, secrets aside, for each cluster has its own; the
  /// catalogue, users and roles; what runs.
  private static final String STATE =
      """
      sudo sh -c '
      cd /etc
      find keystone glance cinder nova neutron placement haproxy mysql rabbitmq openstack libvirt \\
        openvswitch default ceph kindling ../usr/local/lib/kindling -type f \\
        ! -name "*.pem" ! -path "*/fernet-keys/*" ! -path "*/credential-keys/*" | sort |
      while read -r file; do
        printf "%s %s\\n" "$(stat -c "%a %U %G" "$file")" \\
          "$(sed -E "s#[A-Za-z0-9+/_-]{20,}={0,2}#SECRET#g; /fsid/d" "$file" | sha256sum | cut -c 1-16) $file"
      done
      export OS_CLOUD=kindling
      openstack service list -f value -c Name -c Type | sort
      openstack endpoint list -f value -c Region -c "Service Type" -c Interface -c URL | sort
      openstack user list -f value -c Name | sort
      openstack role assignment list --names -f value | sort
      openstack volume type list -f value -c Name | sort
      openstack compute service list -f value -c Binary -c Host -c Status | sort
      openstack network agent list -f value -c "Agent Type" -c Host -c Alive | sort
      mariadb -N -e "select concat(table_schema, chr(32), table_name) from information_schema.tables" | sort
      rabbitmqctl -q list_users | sort
      systemctl list-units --no-legend --plain --state=active --type=service | cut -d " " -f 1 | grep -v "@" | sort
      '
      """;

  private ContainerCluster cluster;

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void aKilledApplianceMakesWhatOneMakesThatIsNot() throws Exception {
    start("os-unkilled");
    cluster.deployed("host-1");
    List<String> expected = state();
    cluster.close();

    start("os-killed");
    cluster.scenario.deploy("{}");
    new CommitPoints(cluster, "openstack").kill(KILLS);
    cluster.scenario.settled("host-1", WHOLE, "ready");
    assertThat(state()).isEqualTo(expected);
    cluster.deployed("host-1");
    assertThat(cluster.events("phase-done").getLast()).contains("ceph, openstack: nothing changed");
  }

  private void start(String name) throws IOException {
    cluster = ContainerCluster.startForCloud(name);
    cluster.joined(1, List.of(6 << 10));
    cluster.applyCloud("{ match: { name: host-1 }, roles: [controller, compute, ceph-osd] }");
  }

  private List<String> state() {
    NodeShell host = cluster.scenario.shell("host-1");
    List<String> lines = output(host, STATE).lines().toList();
    cluster.scenario.terminal.say(lines.size() + " lines of state");
    assertThat(lines).hasSizeGreaterThan(400);
    return lines;
  }
}
