package io.kindling.pxe.dhcp.wire;

import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// One DHCP option: its code and its value, joined if it came in parts (RFC 3396). Immutable.
public record Option(int code, byte[] value) {

  public Option {
    if (code < 1 || code > 254) {
      throw new IllegalArgumentException("not an option code: " + code);
    }
    value = value.clone();
  }

  public static Option bytes(int code, int... values) {
    byte[] value = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      value[i] = (byte) values[i];
    }
    return new Option(code, value);
  }

  /// Text without a terminating NUL (RFC 2132 §2).
  public static Option text(int code, String text) {
    return new Option(code, text.getBytes(StandardCharsets.UTF_8));
  }

  public static Option addresses(int code, List<Inet4Address> addresses) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * addresses.size());
    addresses.forEach(address -> buffer.put(address.getAddress()));
    return new Option(code, buffer.array());
  }

  public static Option address(int code, Inet4Address address) {
    return addresses(code, List.of(address));
  }

  /// An unsigned number of 32 bits; larger ones become all ones ("for ever").
  public static Option seconds(int code, long seconds) {
    int value = (int) Math.min(seconds, 0xffff_ffffL);
    return new Option(code, ByteBuffer.allocate(4).putInt(value).array());
  }

  @Override
  public byte[] value() {
    return value.clone();
  }

  public int length() {
    return value.length;
  }

  /// The address it holds, where it holds exactly one.
  public Optional<Inet4Address> asAddress() {
    return value.length == 4 ? Optional.of(Ipv4.of(value)) : Optional.empty();
  }

  /// The 16-bit number it starts with.
  public Optional<Integer> asUnsignedShort() {
    return value.length >= 2
        ? Optional.of(Byte.toUnsignedInt(value[0]) << 8 | Byte.toUnsignedInt(value[1]))
        : Optional.empty();
  }

  /// Its bytes as Latin-1 text, up to a NUL: what firmware sends.
  public String asText() {
    int end = 0;
    while (end < value.length && value[end] != 0) {
      end++;
    }
    return new String(value, 0, end, StandardCharsets.ISO_8859_1);
  }

  void writePart(ByteBuffer to, int from, int length) {
    to.put((byte) code).put((byte) length).put(value, from, length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Option(int otherCode, byte[] otherValue)
        && code == otherCode
        && Arrays.equals(value, otherValue);
  }

  @Override
  public int hashCode() {
    return 31 * code + Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return code + "=" + HexFormat.of().formatHex(value);
  }
}
