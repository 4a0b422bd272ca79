package io.kindling.inventory.facts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The machine in depth, as its tools told it: read from the document where one looks at one
/// machine; lists and decisions have [Facts].
///
/// Immutable. Text comes from the machine and is untrusted. What a vendor filled in with a
/// placeholder is null, as is what no tool told.
///
/// @param emptyMemorySlots slots that could hold a module and hold none
/// @param bmc its management controller; null where it has none
/// @param tpm null where none was told
public record Hardware(
    Board board,
    Bios bios,
    Processors processors,
    List<MemoryModule> memory,
    int emptyMemorySlots,
    List<PciDevice> pci,
    List<Adapter> nics,
    @Nullable Controller bmc,
    @Nullable Tpm tpm,
    List<DiskHealth> disks,
    List<PowerSupply> powerSupplies) {

  public Hardware {
    memory = List.copyOf(memory);
    pci = List.copyOf(pci);
    nics = List.copyOf(nics);
    disks = List.copyOf(disks);
    powerSupplies = List.copyOf(powerSupplies);
  }

  /// SMBIOS types 2 and 3.
  ///
  /// @param chassis its form (`Rack Mount Chassis`)
  public record Board(
      @Nullable String vendor,
      @Nullable String product,
      @Nullable String version,
      @Nullable String serial,
      @Nullable String chassis,
      @Nullable String assetTag) {}

  /// The machine's firmware (SMBIOS type 0).
  ///
  /// @param controllerRevision the BMC's, where the firmware knows it
  public record Bios(
      @Nullable String vendor,
      @Nullable String version,
      @Nullable String date,
      @Nullable String controllerRevision) {}

  /// The processors; 0 where a number was not told.
  ///
  /// @param threads logical CPUs
  public record Processors(
      @Nullable String model,
      @Nullable String vendor,
      String architecture,
      int sockets,
      int coresPerSocket,
      int threadsPerCore,
      int threads,
      int maxMhz,
      List<NumaNode> numa) {
    public Processors {
      numa = List.copyOf(numa);
    }
  }

  /// @param cpus the kernel's list (`0-15,32-47`), empty for memory without CPUs
  public record NumaNode(int number, String cpus) {}

  /// A memory module.
  ///
  /// @param slot as the board names it
  /// @param type `DDR4`, …
  /// @param speedMtps what it is made for, in MT/s
  /// @param configuredMtps what it runs at
  public record MemoryModule(
      String slot,
      long sizeBytes,
      @Nullable String type,
      @Nullable Integer speedMtps,
      @Nullable Integer configuredMtps,
      @Nullable String manufacturer,
      @Nullable String part,
      @Nullable String serial) {}

  /// A function on PCI.
  ///
  /// @param kind lshw's class (`network`, `storage`, `display`, …)
  /// @param gpu true for what computes or draws, not a BMC's screen
  public record PciDevice(
      String address,
      String kind,
      @Nullable String description,
      @Nullable String vendor,
      @Nullable String product,
      @Nullable String driver,
      boolean gpu) {}

  /// A network interface's hardware.
  ///
  /// @param name the kernel's, as in [Facts.Nic]
  /// @param speedMbps what the link does now
  /// @param capacityMbps what it can do at most
  /// @param neighbour what it is plugged into, by LLDP
  public record Adapter(
      String name,
      @Nullable String vendor,
      @Nullable String product,
      @Nullable String driver,
      @Nullable String driverVersion,
      @Nullable String firmware,
      @Nullable Boolean link,
      @Nullable Integer speedMbps,
      @Nullable Integer capacityMbps,
      @Nullable String duplex,
      @Nullable String pci,
      @Nullable FarEnd neighbour) {}

  /// The far end of a cable (IEEE 802.1AB).
  ///
  /// @param vlan the port's own VLAN, null where it did not say
  public record FarEnd(
      String system,
      @Nullable String chassis,
      @Nullable String description,
      @Nullable String address,
      @Nullable String port,
      @Nullable String portDescription,
      @Nullable Integer vlan) {}

  /// The management controller on the network (`ipmitool lan print`).
  ///
  /// @param source how it got its address (`Static Address`, `DHCP Address`)
  /// @param vlan null where its frames are untagged
  public record Controller(
      @Nullable String address,
      @Nullable String mac,
      @Nullable String source,
      @Nullable String gateway,
      @Nullable Integer vlan) {}

  /// The trusted platform module.
  ///
  /// @param version `1.2` or `2.0`
  public record Tpm(@Nullable String vendor, @Nullable String version) {}

  /// What a judgement of a part comes to.
  public enum Verdict {
    /// Its own tool says it works.
    GOOD,
    /// It works, and something in it is worn or damaged.
    WORN,
    /// It fails, or says it is about to.
    FAILING,
    /// No tool could tell.
    UNKNOWN
  }

  /// A drive's own account of itself (SMART; NVMe's log 02h; SCSI's logs).
  ///
  /// @param name the kernel's name at report
  /// @param percentageUsed of its endurance; can pass 100
  /// @param findings what made the verdict, in words
  public record DiskHealth(
      String name,
      Verdict verdict,
      List<String> findings,
      @Nullable String firmware,
      @Nullable Integer temperatureCelsius,
      @Nullable Long powerOnHours,
      @Nullable Integer percentageUsed,
      @Nullable Integer availableSpare,
      @Nullable Long mediaErrors,
      @Nullable Long reallocatedSectors,
      @Nullable Long pendingSectors) {
    public DiskHealth {
      findings = List.copyOf(findings);
    }
  }

  /// A power supply (SMBIOS type 39).
  ///
  /// @param watts what it can give
  /// @param status as the firmware words it (`Present, OK`)
  public record PowerSupply(
      String location,
      @Nullable String manufacturer,
      @Nullable String part,
      @Nullable String serial,
      @Nullable Integer watts,
      String status,
      Verdict verdict) {}

  /// What of this lists and comparisons show.
  public Facts.Summary summary() {
    var ailments = new java.util.ArrayList<Facts.Ailment>();
    for (DiskHealth disk : disks) {
      if (disk.verdict() == Verdict.FAILING || disk.verdict() == Verdict.WORN) {
        ailments.add(
            new Facts.Ailment(
                disk.verdict() == Verdict.FAILING,
                disk.name() + ": " + String.join(", ", disk.findings())));
      }
    }
    for (PowerSupply supply : powerSupplies) {
      if (supply.verdict() == Verdict.FAILING) {
        ailments.add(
            new Facts.Ailment(true, "power supply " + supply.location() + ": " + supply.status()));
      }
    }
    return new Facts.Summary(
        memory.size(),
        emptyMemorySlots,
        memory.stream().mapToLong(MemoryModule::sizeBytes).reduce(0, Hardware::plus),
        (int) pci.stream().filter(PciDevice::gpu).count(),
        ailments);
  }

  private static long plus(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
