package io.kindling.inventory;

import java.util.Set;

/// System UUIDs that many machines share because a vendor never filled theirs in.
final class PlaceholderUuids {

  private static final Set<String> KNOWN =
      Set.of(
          // AMI's default, on boards of ASRock, Gigabyte, Biostar and no-name X79/X99 boards; in
          // both byte orders.
          "03000200-0400-0500-0006-000700080009",
          "00020003-0004-0005-0006-000700080009",
          // The same idea, on boards whose vendor is not known.
          "03d40274-0435-05dc-8506-010700080009",
          "07090201-0103-0301-0807-060504030201",
          // The SMBIOS specification's example and other counting patterns.
          "00010203-0405-0607-0809-0a0b0c0d0e0f",
          "00112233-4455-6677-8899-aabbccddeeff",
          "01234567-89ab-cdef-0123-456789abcdef",
          "12345678-1234-1234-1234-123456789abc",
          "12345678-1234-5678-90ab-cddeefaabbcc",
          "12345678-1234-5678-1234-567812345678",
          "deadbeef-dead-beef-dead-beefdeadbeef",
          // Dell with an empty service tag: "DELL", then blanks.
          "4c4c4544-0000-2010-8020-80c04f202020",
          // Vendors not known; from software vendors' lists of UUIDs found on many machines.
          "dc698397-fa54-4cf2-82c8-b1b5307a6a7f",
          "8e275844-178f-44a8-aceb-a7d7e5178c63",
          "890e2d14-cacd-45d1-ae66-bc80e8bfeb0f");

  private PlaceholderUuids() {}

  /// @param uuid lower case with dashes
  static boolean contains(String uuid) {
    return KNOWN.contains(uuid)
        || uuid.endsWith("-ffff-ffff-ffff-ffffffffffff") // Only the first field filled in.
        || oneByteRepeated(uuid.replace("-", ""));
  }

  /// SMBIOS (DSP0134 §7.2.1): all 00 is "none", all FF "not set". Also seen: all FE, all 58 ("X").
  private static boolean oneByteRepeated(String hex) {
    return hex.equals(hex.substring(0, 2).repeat(hex.length() / 2));
  }
}
