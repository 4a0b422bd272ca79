package io.kindling.pxe;

import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/// An Ethernet address (htype 1, hlen 6), lower case with colons: `52:54:00:00:00:01`.
public record HardwareAddress(String text) {
  private static final int LENGTH = "52:54:00:00:00:01".length();
  private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

  public HardwareAddress {
    if (!isWellFormed(text)) {
      throw new IllegalArgumentException("not a hardware address: " + text);
    }
  }

  /// By hand: one is made of every packet.
  private static boolean isWellFormed(String text) {
    if (text.length() != LENGTH) {
      return false;
    }
    for (int i = 0; i < LENGTH; i++) {
      char c = text.charAt(i);
      boolean digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      if (i % 3 == 2 ? c != ':' : !digit) {
        return false;
      }
    }
    return true;
  }

  /// Reads colons, dashes or bare hex, any case; empty where it is none.
  public static Optional<HardwareAddress> parse(String text) {
    String hex = text.replace(":", "").replace("-", "").toLowerCase(Locale.ROOT);
    if (!hex.matches("[0-9a-f]{12}")) {
      return Optional.empty();
    }
    return Optional.of(of(HexFormat.of().parseHex(hex)));
  }

  /// Of exactly six bytes.
  public static HardwareAddress of(byte[] bytes) {
    return new HardwareAddress(COLONS.formatHex(bytes));
  }

  public byte[] bytes() {
    return COLONS.parseHex(text);
  }

  @Override
  public String toString() {
    return text;
  }
}
