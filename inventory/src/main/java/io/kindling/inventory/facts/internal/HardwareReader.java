package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Hardware;

/// Puts the tools' parsers together.
public final class HardwareReader {
  private HardwareReader() {}

  /// @param raw the document's `raw`
  public static Hardware read(Reader raw, Dmi dmi, Lshw lshw, Reader.Warnings warnings) {
    MemoryModules.Slots memory = MemoryModules.of(dmi, warnings);
    return new Hardware(
        Boards.board(dmi),
        Boards.bios(dmi, lshw),
        Cpus.processors(raw.object("lscpu"), dmi, lshw),
        memory.modules(),
        memory.empty(),
        PciDevices.of(lshw, warnings),
        Adapters.of(lshw, Lldp.farEnds(raw.any("lldp")), warnings),
        Bmcs.controller(raw.longText("ipmi")),
        Boards.tpm(dmi, raw.longText("tpm")),
        Smart.of(raw.object("smart")),
        PowerSupplies.of(dmi));
  }
}
