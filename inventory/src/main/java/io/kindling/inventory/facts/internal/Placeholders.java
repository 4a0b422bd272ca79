package io.kindling.inventory.facts.internal;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What firmware says where the vendor filled nothing in: none of it names anything.
final class Placeholders {
  private static final Set<String> NOTHING =
      Set.of(
          "",
          "-",
          "[empty]",
          "default string",
          "n/a",
          "no dimm",
          "no_dimm",
          "no module installed",
          "none",
          "not available",
          "not present",
          "not provided",
          "not specified",
          "null",
          "o.e.m.",
          "oem",
          "other",
          "system manufacturer",
          "system product name",
          "system serial number",
          "to be filled by o.e.m.",
          "undefined",
          "unknown",
          "unspecified");

  /// Zeros or Fs for a serial number; AMI's and Phoenix's templates (`DIMM_A1_SerNum`,
  /// `Array1_PartNumber0`, `Manufacturer00`, `A1_AssetTagNum0`).
  private static final Pattern TEMPLATE =
      Pattern.compile(
          "(0x)?(0{4,}|f{4,})|[a-z0-9_-]*(sernum|serialnum|partnum|modulepartnumber|assettag)[a-z0-9]*"
              + "|manufacturer_?[a-z0-9]{0,2}",
          Pattern.CASE_INSENSITIVE);

  private Placeholders() {}

  /// The text where it says something, else null.
  static @Nullable String meaningful(@Nullable String text) {
    if (text == null) {
      return null;
    }
    String lower = text.toLowerCase(Locale.ROOT).strip();
    return NOTHING.contains(lower) || TEMPLATE.matcher(lower).matches() ? null : text.strip();
  }
}
