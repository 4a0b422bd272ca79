package io.kindling.tests.endtoend;

import static io.kindling.tests.endtoend.ContainerCluster.output;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec;
import io.kindling.tests.rack.MachineSpec.Bus;
import io.kindling.tests.rack.MachineSpec.Drive;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.Waiting;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Volumes on LVM: an emulated machine holds and exports them, another, a compute, attaches one the
/// way Nova does (os-brick), beside a controller in a container. What was written there is read
/// where it lies, in a copy made from a snapshot, and after both machines lost their power.
@Tag("full")
final class OpenStackVolumesTest {

  private static final String OPENSTACK = "sudo openstack --os-cloud kindling ";
  private static final Duration INSTALLED = Duration.ofMinutes(60);
  private static final Duration PHASES = Duration.ofMinutes(90);
  private static final Duration SLOW = Duration.ofMinutes(15);
  private static final int MARK_MIB = 512;

  /// What os-brick is asked, by the root of the compute.
  private static final String ATTACH =
      """
      import json, sys
      from os_brick.initiator import connector
      verb, rest = sys.argv[1], sys.argv[2:]
      if verb == "properties":
          print(json.dumps(connector.get_connector_properties("sudo", rest[0], False, False)))
          sys.exit()
      with open("connection.json") as file:
          told = json.load(file)["attachment"]["connection_info"]
      iscsi = connector.InitiatorConnector.factory("ISCSI", "sudo", driver_volume_type="iscsi")
      if verb == "connect":
          print(iscsi.connect_volume(told)["path"])
      else:
          iscsi.disconnect_volume(told, None, force=True)
      """;

  private Scenario scenario;
  private ContainerCluster cluster;
  private NodeShell host;
  private NodeShell exporter;
  private NodeShell compute;
  private String project;

  @BeforeEach
  void start() throws Exception {
    scenario = Scenario.start("volumes");
    cluster = ContainerCluster.in(scenario);
  }

  @AfterEach
  void stop() {
    scenario.close();
  }

  @Test
  void volumesLieOnOneMachineAndAreAttachedByAnother() {
    scenario.mirrorForCloud();
    List<Machine> machines =
        List.of(machine(8, 2048, new Drive("LVM08", Bus.SCSI, 8 << 10)), machine(9, 3072));
    machines.forEach(Machine::on);
    cluster.joined(1, List.of(6 << 10, 7 << 10));
    scenario.discovered(3);
    scenario.apply(
        """
        networks:
          management: { cidr: 10.20.0.0/24, dhcp: 10.20.0.100-10.20.0.199, nodes: 10.20.0.10-10.20.0.99, vip: 10.20.0.5 }
        storage: { volumes: [ceph, lvm] }
        openstack: { region: rack1, virtualization: qemu }
        nodes:
          - { match: { name: host-1 }, roles: [controller, ceph-osd] }
          - { match: { mac: "52:54:00:00:00:08" }, name: node-8, roles: [cinder-lvm] }
          - { match: { mac: "52:54:00:00:00:09" }, name: node-9, roles: [compute] }
        """);
    scenario.deploy("{}");
    for (String name : List.of("node-8", "node-9")) {
      assertThat(scenario.settled(name, INSTALLED, "provisioned", "deploying", "ready", "error"))
          .isNotEqualTo("error");
    }
    for (String name : List.of("host-1", "node-8", "node-9")) {
      assertThat(scenario.settled(name, PHASES, "ready", "error"))
          .as(String.join("\n", cluster.events("phase-failed")))
          .isEqualTo("ready");
    }
    host = scenario.shell("host-1");
    exporter = scenario.shell("node-8");
    compute = scenario.shell("node-9");
    project = output(host, OPENSTACK + "project show -f value -c id admin");

    String content =
        output(host, "head -c 8388608 /dev/urandom >image && sha256sum image | cut -d' ' -f1");
    String image =
        output(
            host,
            OPENSTACK
                + "image create -f value -c id --container-format bare --disk-format raw --file"
                + " image random");
    String volume = made("--image " + image);
    output(compute, "cat >attach.py <<'END'\n" + ATTACH + "END\n");
    String attachment = attached(volume);
    String disk = connected(attachment);
    assertThat(sum(compute, disk, 0)).isEqualTo(content);
    assertThat(output(compute, "sudo pvs --noheadings -o pv_name")).doesNotContain(disk);
    String wrote =
        output(
            compute,
            "head -c 8388608 /dev/urandom >mark && sudo dd if=mark of=%s bs=1M seek=%d oflag=direct"
                    .formatted(disk, MARK_MIB)
                + " status=none && sha256sum mark | cut -d' ' -f1");
    assertThat(sum(exporter, "/dev/cinder/volume-" + volume, MARK_MIB)).isEqualTo(wrote);

    String snapshot =
        output(
            host,
            OPENSTACK + "volume snapshot create -f value -c id --force --volume " + volume + " s");
    becomes("volume snapshot", snapshot, "available");
    String copy = made("--snapshot " + snapshot);
    String ofCopy = attached(copy);
    assertThat(sum(compute, connected(ofCopy), MARK_MIB)).isEqualTo(wrote);
    gone(ofCopy);

    // Ended as a compute ends that loses its power.
    scenario.powerCycle(machines, List.of(exporter, compute), SLOW);
    Waiting.until(
        "the exporter's service",
        SLOW,
        () ->
            output(host, OPENSTACK + "volume service list -f value -c Host -c State")
                .contains("node-8@lvm up"),
        () -> {});
    assertThat(sum(compute, connected(attachment), 0)).isEqualTo(content);
    assertThat(sum(compute, connected(attachment), MARK_MIB)).isEqualTo(wrote);
    gone(attachment);
    for (String each : List.of(copy, volume)) {
      output(host, OPENSTACK + "volume delete --force " + each);
    }
    assertThat(cluster.deploy("{}")).isTrue();
    assertThat(cluster.events("phase-done").getLast()).contains("nothing changed");
  }

  private Machine machine(int number, int memoryMib, Drive... more) {
    var drives =
        new java.util.ArrayList<>(List.of(new Drive("OS0" + number, Bus.VIRTIO, 20 << 10)));
    drives.addAll(List.of(more));
    return scenario.machine(
        new MachineSpec(
            "machine-0" + number,
            Firmware.UEFI,
            List.of("52:54:00:00:00:0" + number),
            memoryMib,
            drives,
            null,
            null));
  }

  /// @return the volume's id, once it can be used
  private String made(String of) {
    String volume =
        output(
            host, OPENSTACK + "volume create -f value -c id --type lvm --size 1 " + of + " data");
    becomes("volume", volume, "available");
    return volume;
  }

  private void becomes(String kind, String id, String wanted) {
    Waiting.until(
        kind + " " + wanted,
        SLOW,
        () -> {
          String status = output(host, OPENSTACK + kind + " show -f value -c status " + id);
          assertThat(status).doesNotContain("error");
          return status.equals(wanted);
        },
        () -> {});
  }

  /// Asks Cinder to let the compute in.
  ///
  /// @return the attachment's id
  private String attached(String volume) {
    String properties = output(compute, "sudo python3 attach.py properties " + compute.address());
    return asked(
        "POST",
        "/attachments",
        "{\"attachment\":{\"volume_uuid\":\"%s\",\"connector\":%s}}".formatted(volume, properties),
        ".attachment.id");
  }

  /// @return the disk on the compute
  private String connected(String attachment) {
    String told = asked("GET", "/attachments/" + attachment, "", "tojson");
    output(compute, "umask 077 && cat >connection.json <<'END'\n" + told + "\nEND\n");
    return output(compute, "sudo python3 attach.py connect");
  }

  private void gone(String attachment) {
    output(compute, "sudo python3 attach.py disconnect");
    asked("DELETE", "/attachments/" + attachment, "", "length");
  }

  private String asked(String method, String path, String body, String filter) {
    return output(
        host,
        "curl -sS --noproxy '*' -X %s -H \"X-Auth-Token: $(%s token issue -f value -c id)\""
                .formatted(method, OPENSTACK)
            + " -H 'OpenStack-API-Version: volume 3.54' -H 'Content-Type: application/json'"
            + (body.isEmpty() ? "" : " -d '" + body + "'")
            + " https://10.20.0.5:8776/v3/%s%s | jq -r '%s'".formatted(project, path, filter));
  }

  private static String sum(NodeShell at, String disk, int mib) {
    return output(
        at,
        "sudo dd if=%s bs=1M skip=%d count=8 iflag=direct status=none | sha256sum | cut -d' ' -f1"
            .formatted(disk, mib));
  }
}
