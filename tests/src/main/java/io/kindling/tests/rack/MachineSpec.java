package io.kindling.tests.rack;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an emulated machine is made of.
///
/// @param macs a NIC each; the first is the one it boots from unless said otherwise at power-on
/// @param memoryMib RAM
/// @param uuid system UUID, null for one derived from the name
/// @param serial system serial, null for the name
public record MachineSpec(
    String name,
    Firmware firmware,
    List<String> macs,
    int memoryMib,
    List<Drive> drives,
    @Nullable String uuid,
    @Nullable String serial) {

  public MachineSpec {
    macs = List.copyOf(macs);
    drives = List.copyOf(drives);
  }

  public enum Firmware {
    /// SeaBIOS with QEMU's iPXE option ROM.
    BIOS,
    /// The same, with a ROM that does not say that it is iPXE: it boots as vendors' plain PXE ROMs.
    BIOS_PLAIN_PXE,
    /// OVMF, its own PXE.
    UEFI,
    /// OVMF with UEFI HTTP Boot and no PXE.
    UEFI_HTTP,
    /// OVMF with Secure Boot on and Microsoft's keys, its own PXE.
    UEFI_SECURE_BOOT;

    public boolean isUefi() {
      return switch (this) {
        case BIOS, BIOS_PLAIN_PXE -> false;
        case UEFI, UEFI_HTTP, UEFI_SECURE_BOOT -> true;
      };
    }
  }

  public enum Bus {
    VIRTIO,
    SCSI,
    NVME
  }

  /// A drive. SCSI drives carry a WWN made of the serial; NVMe drives are SSDs, the rest rotate.
  public record Drive(String serial, Bus bus, long sizeMib) {}
}
