package io.kindling.inventory.facts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A machine's hardware as its discovery document tells it; parsed once, decided on everywhere.
///
/// Immutable and safe to share. Text comes from the machine and is untrusted: it must pass a
/// quoting filter wherever it is rendered. Sizes are in bytes unless the name says otherwise.
///
/// @param memoryBytes usable memory, 0 where no tool told it
/// @param sshHostKeys public host keys of the system the agent runs in, each `type base64`
/// @param bmcAddress the IPv4 address of its management controller, null where it has none
/// @param summary what lists show of [Hardware]
public record Facts(
    Agent agent,
    SystemInfo system,
    Cpu cpu,
    long memoryBytes,
    List<Disk> disks,
    List<Nic> nics,
    List<String> sshHostKeys,
    @Nullable String bmcAddress,
    Summary summary) {

  /// A machine without a management controller, of which no more is known.
  public Facts(
      Agent agent,
      SystemInfo system,
      Cpu cpu,
      long memoryBytes,
      List<Disk> disks,
      List<Nic> nics,
      List<String> sshHostKeys) {
    this(agent, system, cpu, memoryBytes, disks, nics, sshHostKeys, null, Summary.NONE);
  }

  public Facts {
    disks = List.copyOf(disks);
    nics = List.copyOf(nics);
    sshHostKeys = List.copyOf(sshHostKeys);
  }

  /// What lists and comparisons show of the deeper inventory.
  ///
  /// @param memoryModules populated slots; 0 where no tool told them
  /// @param moduleBytes the modules' sum
  /// @param ailments parts that fail or are worn
  public record Summary(
      int memoryModules, int emptyMemorySlots, long moduleBytes, int gpus, List<Ailment> ailments) {
    /// Nothing is known.
    public static final Summary NONE = new Summary(0, 0, 0, 0, List.of());

    static final int MAX_AILMENTS = 64;

    public Summary {
      ailments = List.copyOf(ailments.subList(0, Math.min(ailments.size(), MAX_AILMENTS)));
    }
  }

  /// A part that is not well.
  ///
  /// @param failing it fails, or says it is about to; else it is worn
  public record Ailment(boolean failing, String text) {}

  /// How the machine was started.
  public enum Firmware {
    BIOS,
    UEFI
  }

  /// The agent and the boot that it ran in.
  ///
  /// @param bootInterface hardware address the machine booted from, lower case with colons
  /// @param existing the system it runs in, where that is the machine's own; null in the bootstrap
  public record Agent(
      String version,
      Firmware firmware,
      boolean secureBoot,
      @Nullable String bootInterface,
      @Nullable Existing existing) {

    /// An agent in the bootstrap.
    public Agent(
        String version, Firmware firmware, boolean secureBoot, @Nullable String bootInterface) {
      this(version, firmware, secureBoot, bootInterface, null);
    }
  }

  /// An operating system that the machine has already.
  ///
  /// @param machineId /etc/machine-id, 32 hexadecimal digits: what such a machine is known by
  /// @param hostName its own short name, null where it is none that a node can have
  public record Existing(String machineId, @Nullable String hostName) {}

  /// SMBIOS (dmidecode types 0, 1): null where absent.
  public record SystemInfo(
      @Nullable String vendor,
      @Nullable String product,
      @Nullable String serial,
      @Nullable String uuid,
      @Nullable String firmwareVersion) {}

  /// lscpu.
  ///
  /// @param threads logical CPUs
  public record Cpu(@Nullable String model, String architecture, int sockets, int threads) {}

  /// What a drive is made of; decides where journals are suggested.
  public enum Media {
    HDD,
    SSD,
    NVME
  }

  /// One drive that could be installed to (no loop, CD-ROM, floppy, zram, or device-mapper
  /// devices).
  ///
  /// @param name kernel name at report (`sda`, `nvme0n1`), good for display only
  /// @param id the last part of the best link: `wwn-…`/`nvme-eui.…` before other by-id, before
  ///   by-path, else the kernel name
  /// @param bestLink that link relative to /dev (`disk/by-id/wwn-…`), or the node
  /// @param links all links relative to /dev, by-id and by-path, sorted
  /// @param byPath the by-path link relative to /dev
  /// @param bus lsblk's TRAN (`sata`, `sas`, `nvme`, `virtio`, `usb`, …), `unknown` where absent
  /// @param tableType `gpt`, `dos`, …
  /// @param tableUuid the partition table's own id (a GPT's disk GUID)
  /// @param contents what is on the drive now, for "what is lost" and what is kept
  public record Disk(
      String name,
      String id,
      String bestLink,
      List<String> links,
      @Nullable String byPath,
      @Nullable String model,
      @Nullable String serial,
      @Nullable String wwn,
      long sizeBytes,
      int logicalSectorBytes,
      int physicalSectorBytes,
      Media media,
      String bus,
      boolean removable,
      boolean readOnly,
      @Nullable String tableType,
      @Nullable String tableUuid,
      List<Content> contents) {

    public Disk {
      links = List.copyOf(links);
      contents = List.copyOf(contents);
    }

    /// Whole MiB, rounded down: the unit of ks_spaces.
    public long sizeMib() {
      return sizeBytes >> 20;
    }
  }

  /// A partition or volume found on a drive.
  ///
  /// @param startBytes where a partition begins on its drive; null where not told (util-linux
  ///   before 2.38) or where it is none
  /// @param number a partition's number in the table
  /// @param fileSystemId what blkid calls UUID
  public record Content(
      String name,
      String type,
      @Nullable Integer number,
      @Nullable Long startBytes,
      long sizeBytes,
      @Nullable String partitionType,
      @Nullable String partitionLabel,
      @Nullable String partitionUuid,
      @Nullable String fileSystem,
      @Nullable String fileSystemId,
      @Nullable String mountPoint) {}

  /// A network interface.
  ///
  /// @param mac its current hardware address, lower case with colons
  /// @param permanentMac `permaddr`, else `mac`
  /// @param identifies true for PCI and virtio NICs whose address says who the machine is; never
  ///   for USB and BMC LAN adapters, bonds, bridges
  /// @param pci address of the PCI function behind it, also where virtio stands between
  /// @param speedMbps what it can do at most; where that is not told, what its link does
  /// @param neighbour what it is plugged into, by LLDP
  public record Nic(
      String name,
      String mac,
      String permanentMac,
      @Nullable String parentBus,
      @Nullable String parentDevice,
      boolean linkUp,
      int mtu,
      List<String> addresses,
      boolean identifies,
      @Nullable String pci,
      @Nullable Integer speedMbps,
      @Nullable Neighbour neighbour) {

    public Nic {
      addresses = List.copyOf(addresses);
    }
  }

  /// The far end of a cable as LLDP tells it (IEEE 802.1AB).
  ///
  /// @param system the switch's name, else its chassis id
  /// @param port its port's id
  public record Neighbour(String system, @Nullable String port) {}
}
