package io.kindling.appliance.net;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/// IPv4 addresses as numbers and text, never by a name service.
public final class Addresses {
  private Addresses() {}

  /// Reads four decimal octets, nothing else.
  public static Optional<Inet4Address> parse(String text) {
    String[] parts = text.strip().split("\\.", -1);
    if (parts.length != 4) {
      return Optional.empty();
    }
    long value = 0;
    for (String part : parts) {
      if (!part.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(part) > 255) {
        return Optional.empty();
      }
      value = value << 8 | Integer.parseInt(part);
    }
    return Optional.of(of(value));
  }

  /// The address as an unsigned number.
  public static long number(Inet4Address address) {
    long value = 0;
    for (byte b : address.getAddress()) {
      value = value << 8 | (b & 0xff);
    }
    return value;
  }

  /// The address of that unsigned number.
  public static Inet4Address of(long value) {
    byte[] bytes = {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value};
    try {
      return (Inet4Address) InetAddress.getByAddress(bytes);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible); // four bytes are always an address
    }
  }

  public static String text(Inet4Address address) {
    return address.getHostAddress();
  }
}
