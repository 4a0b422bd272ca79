package io.kindling.tests.rack;

import io.kindling.tests.rack.MachineSpec.Bus;
import io.kindling.tests.rack.MachineSpec.Drive;
import io.kindling.tests.rack.MachineSpec.Firmware;
import java.util.List;

/// The machines that `try` and the tests use.
public final class RackMachines {

  /// Enough for the bootstrap (1.5 GiB suffices) and for an installed Debian.
  public static final int MEMORY_MIB = 1536;

  /// Enough for a monitor, a manager and two OSDs beside it.
  private static final int CEPH_MEMORY_MIB = 3072;

  /// Room for a monitor's store beside the system; its file is sparse.
  private static final long MONITOR_DRIVE_MIB = 48 << 10;

  private static final long SYSTEM_DRIVE_MIB = 10 << 10;

  private RackMachines() {}

  /// A storage node: an OS drive, an NVMe journal device and two data drives of differing sizes.
  ///
  /// @param number makes names, addresses and serials unique, 1 to 99
  public static MachineSpec storageNode(int number, Firmware firmware) {
    return node(number, firmware, MEMORY_MIB, SYSTEM_DRIVE_MIB);
  }

  /// A storage node with the memory to run Ceph and a drive that holds a monitor's store too.
  public static MachineSpec cephNode(int number, Firmware firmware) {
    return node(number, firmware, CEPH_MEMORY_MIB, MONITOR_DRIVE_MIB);
  }

  private static MachineSpec node(
      int number, Firmware firmware, int memoryMib, long systemDriveMib) {
    String tag = String.format("%02d", number);
    return new MachineSpec(
        "machine-" + tag,
        firmware,
        List.of("52:54:00:00:00:" + tag),
        memoryMib,
        List.of(
            new Drive("OS" + tag, Bus.VIRTIO, systemDriveMib),
            new Drive("JOURNAL" + tag, Bus.NVME, 4 << 10),
            new Drive("DATA" + tag + "A", Bus.SCSI, 6 << 10),
            new Drive("DATA" + tag + "B", Bus.SCSI, 7 << 10)),
        null,
        null);
  }

  /// What they are to be: OSDs with their journals on the NVMe drive; no monitor, so no cluster
  /// yet.
  public static String clusterYaml(List<MachineSpec> machines) {
    return yaml(machines, 0);
  }

  /// The same with monitors: on the first three of them, on the first where there are fewer. No S3:
  /// its gateways and pools take emulated machines many minutes.
  public static String cephYaml(List<MachineSpec> machines) {
    return yaml(machines, machines.size() < 3 ? 1 : 3);
  }

  private static String yaml(List<MachineSpec> machines, int monitors) {
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
        storage: { objects: none }
        nodes:
        """);
    for (int i = 0; i < machines.size(); i++) {
      yaml.append("  - match: { mac: \"")
          .append(machines.get(i).macs().getFirst())
          .append("\" }\n");
      yaml.append("    name: node-").append(i + 1).append('\n');
      yaml.append("    roles: [").append(i < monitors ? "ceph-mon, " : "").append("ceph-osd]\n");
      yaml.append("    disks:\n");
      yaml.append("      - { media: nvme, count: 1, use: { cephjournal: all } }\n");
    }
    return yaml.toString();
  }
}
