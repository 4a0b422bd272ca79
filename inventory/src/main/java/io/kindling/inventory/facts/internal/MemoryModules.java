package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Hardware;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// dmidecode's Memory Devices (SMBIOS type 17): the slots and what is in them.
public final class MemoryModules {
  private static final int MAX_MODULES = 1_024;
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12}) (bytes|kB|MB|GB|TB)");

  /// MHz before dmidecode 3.1: the same number.
  private static final Pattern SPEED = Pattern.compile("(\\d{1,6}) (MT/s|MHz)");

  /// The firmware's own chips stand among the modules on some boards.
  private static final Set<String> CHIPS = Set.of("Flash", "ROM", "EPROM", "EEPROM", "FEPROM");

  private MemoryModules() {}

  /// @param empty slots without a module
  public record Slots(List<Hardware.MemoryModule> modules, int empty) {
    public Slots {
      modules = List.copyOf(modules);
    }
  }

  public static Slots of(Dmi dmi, Reader.Warnings warnings) {
    var modules = new ArrayList<Hardware.MemoryModule>();
    int empty = 0;
    for (Map<String, String> device : dmi.structures(17)) {
      if (CHIPS.contains(device.getOrDefault("Type", ""))) {
        continue;
      }
      long size = bytes(device.getOrDefault("Size", ""));
      if (size == 0) {
        empty++;
      } else if (modules.size() == MAX_MODULES) {
        warnings.add("$.raw.dmidecode", "more than " + MAX_MODULES + " memory modules");
        break;
      } else {
        modules.add(module(device, size, modules.size()));
      }
    }
    return new Slots(modules, empty);
  }

  private static Hardware.MemoryModule module(Map<String, String> device, long size, int index) {
    String locator = Placeholders.meaningful(device.get("Locator"));
    String bank = Placeholders.meaningful(device.get("Bank Locator"));
    String slot = locator == null ? bank : locator;
    Integer configured = speed(device.get("Configured Memory Speed"));
    return new Hardware.MemoryModule(
        slot == null ? "module " + (index + 1) : slot,
        size,
        Placeholders.meaningful(device.get("Type")),
        speed(device.get("Speed")),
        configured == null ? speed(device.get("Configured Clock Speed")) : configured,
        Placeholders.meaningful(device.get("Manufacturer")),
        Placeholders.meaningful(device.get("Part Number")),
        Placeholders.meaningful(device.get("Serial Number")));
  }

  private static @Nullable Integer speed(@Nullable String text) {
    Matcher speed = SPEED.matcher(text == null ? "" : text);
    return speed.matches() && Integer.parseInt(speed.group(1)) > 0
        ? Integer.valueOf(speed.group(1))
        : null;
  }

  /// 0 for `No Module Installed`, `Unknown` and whatever else is no size.
  private static long bytes(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      return 0;
    }
    long count = Long.parseLong(size.group(1));
    int shift =
        switch (size.group(2)) {
          case "kB" -> 10;
          case "MB" -> 20;
          case "GB" -> 30;
          case "TB" -> 40;
          default -> 0;
        };
    return count > (Long.MAX_VALUE >> shift) ? Long.MAX_VALUE : count << shift;
  }
}
