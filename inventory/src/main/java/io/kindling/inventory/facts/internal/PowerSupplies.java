package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Hardware;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// dmidecode's System Power Supplies (SMBIOS type 39). Empty bays are left out.
final class PowerSupplies {
  private static final int MAX_SUPPLIES = 64;
  private static final Pattern WATTS = Pattern.compile("(\\d{1,6}) W");

  private PowerSupplies() {}

  static List<Hardware.PowerSupply> of(Dmi dmi) {
    var supplies = new ArrayList<Hardware.PowerSupply>();
    for (Map<String, String> supply : dmi.structures(39)) {
      String status = supply.getOrDefault("Status", "");
      if (status.toLowerCase(Locale.ROOT).startsWith("not present")
          || supplies.size() == MAX_SUPPLIES) {
        continue;
      }
      String location = Placeholders.meaningful(supply.get("Location"));
      String name = Placeholders.meaningful(supply.get("Name"));
      String number = String.valueOf(supplies.size() + 1);
      Matcher watts = WATTS.matcher(supply.getOrDefault("Max Power Capacity", ""));
      boolean unplugged = supply.getOrDefault("Plugged", "").equals("No");
      supplies.add(
          new Hardware.PowerSupply(
              location == null ? (name == null ? number : name) : location,
              Placeholders.meaningful(supply.get("Manufacturer")),
              Placeholders.meaningful(supply.get("Model Part Number")),
              Placeholders.meaningful(supply.get("Serial Number")),
              watts.matches() ? Integer.valueOf(watts.group(1)) : null,
              unplugged ? "not plugged" : status,
              verdict(status, unplugged)));
    }
    return supplies;
  }

  /// SMBIOS 7.40.1: OK, Non-critical, Critical; firmware that fills nothing in says Unknown.
  private static Hardware.Verdict verdict(String status, boolean unplugged) {
    String lower = status.toLowerCase(Locale.ROOT);
    if (unplugged || lower.contains("critical")) {
      return Hardware.Verdict.FAILING;
    }
    return lower.endsWith("ok") ? Hardware.Verdict.GOOD : Hardware.Verdict.UNKNOWN;
  }
}
