package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Hardware;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// dmidecode's types 0, 2, 3 and 43: firmware, board, chassis and TPM.
final class Boards {
  private Boards() {}

  static Hardware.Board board(Dmi dmi) {
    Map<String, String> board = first(dmi, 2);
    Map<String, String> chassis = first(dmi, 3);
    return new Hardware.Board(
        Placeholders.meaningful(board.get("Manufacturer")),
        Placeholders.meaningful(board.get("Product Name")),
        Placeholders.meaningful(board.get("Version")),
        Placeholders.meaningful(board.get("Serial Number")),
        Placeholders.meaningful(chassis.get("Type")),
        Placeholders.meaningful(chassis.get("Asset Tag")));
  }

  static Hardware.Bios bios(Dmi dmi, Lshw lshw) {
    Map<String, String> bios = first(dmi, 0);
    String version = Placeholders.meaningful(bios.get("Version"));
    return new Hardware.Bios(
        Placeholders.meaningful(bios.get("Vendor")),
        version == null ? Placeholders.meaningful(lshw.firmwareVersion()) : version,
        Placeholders.meaningful(bios.get("Release Date")),
        Placeholders.meaningful(bios.get("Firmware Revision")));
  }

  /// @param kernel /sys/class/tpm/tpm0/tpm_version_major: what the kernel drives, `1` or `2`
  static Hardware.@Nullable Tpm tpm(Dmi dmi, @Nullable String kernel) {
    Map<String, String> tpm = first(dmi, 43);
    String major = kernel == null ? "" : kernel.strip();
    String version = Placeholders.meaningful(tpm.get("Specification Version"));
    if (major.equals("1") || major.equals("2")) {
      version = major.equals("1") ? "1.2" : "2.0";
    }
    return tpm.isEmpty() && version == null
        ? null
        : new Hardware.Tpm(Placeholders.meaningful(tpm.get("Vendor ID")), version);
  }

  private static Map<String, String> first(Dmi dmi, int type) {
    return dmi.structures(type).stream().findFirst().orElse(Map.of());
  }
}
