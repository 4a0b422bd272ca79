package io.kindling.pxe;

import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/// An Ethernet address (htype 1, hlen 6), lower case with colons: `52:54:00:00:00:01`.
public record HardwareAddress(String text) {

  public HardwareAddress {
    if (!text.matches("[0-9a-f]{2}(:[0-9a-f]{2}){5}")) {
      throw new IllegalArgumentException("not a hardware address: " + text);
    }
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
    return new HardwareAddress(HexFormat.ofDelimiter(":").formatHex(bytes));
  }

  public byte[] bytes() {
    return HexFormat.ofDelimiter(":").parseHex(text);
  }

  @Override
  public String toString() {
    return text;
  }
}
