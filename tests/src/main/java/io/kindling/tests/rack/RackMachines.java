package io.kindling.tests.rack;

import io.kindling.tests.rack.MachineSpec.Bus;
import io.kindling.tests.rack.MachineSpec.Drive;
import io.kindling.tests.rack.MachineSpec.Firmware;
import java.util.List;

/// The machines that `try` and the tests use.
public final class RackMachines {

  /// Enough for the bootstrap (1.5 GiB suffices) and for an installed Debian.
  public static final int MEMORY_MIB = 1536;

  private RackMachines() {}

  /// A storage node: an OS drive, an NVMe journal device and two data drives of differing sizes.
  ///
  /// @param number makes names, addresses and serials unique, 1 to 99
  public static MachineSpec storageNode(int number, Firmware firmware) {
    String tag = String.format("%02d", number);
    return new MachineSpec(
        "machine-" + tag,
        firmware,
        List.of("52:54:00:00:00:" + tag),
        MEMORY_MIB,
        List.of(
            new Drive("OS" + tag, Bus.VIRTIO, 10 << 10),
            new Drive("JOURNAL" + tag, Bus.NVME, 4 << 10),
            new Drive("DATA" + tag + "A", Bus.SCSI, 6 << 10),
            new Drive("DATA" + tag + "B", Bus.SCSI, 7 << 10)),
        null,
        null);
  }

  /// What they are to be: OSDs with their journals on the NVMe drive.
  public static String clusterYaml(List<MachineSpec> machines) {
    var yaml = new StringBuilder();
    yaml.append(
        """
        name: rack1
        release: debian-13
        domain: rack1.example
        networks:
          management:  { cidr: 10.20.0.0/24, dhcp: 10.20.0.100-10.20.0.199, nodes: 10.20.0.10-10.20.0.99 }
          storage:     { cidr: 10.21.0.0/24, vlan: 101, nodes: 10.21.0.10-10.21.0.99 }
          replication: { cidr: 10.22.0.0/24, vlan: 102, nodes: 10.22.0.10-10.22.0.99 }
        nodes:
        """);
    for (int i = 0; i < machines.size(); i++) {
      yaml.append("  - match: { mac: \"")
          .append(machines.get(i).macs().getFirst())
          .append("\" }\n");
      yaml.append("    name: node-").append(i + 1).append('\n');
      yaml.append("    roles: [ceph-osd]\n");
      yaml.append("    disks:\n");
      yaml.append("      - { media: nvme, count: 1, use: { cephjournal: all } }\n");
    }
    return yaml.toString();
  }
}
