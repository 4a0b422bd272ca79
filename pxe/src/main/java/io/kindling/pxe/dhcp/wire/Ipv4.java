package io.kindling.pxe.dhcp.wire;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/// IPv4 addresses and the numbers they are.
public final class Ipv4 {
  public static final Inet4Address ANY = of(0);
  public static final Inet4Address BROADCAST = of(0xffff_ffff);

  private Ipv4() {}

  public static Inet4Address of(int number) {
    return of(
        new byte[] {
          (byte) (number >>> 24), (byte) (number >>> 16), (byte) (number >>> 8), (byte) number
        });
  }

  /// Of exactly four bytes.
  public static Inet4Address of(byte[] bytes) {
    try {
      return (Inet4Address) InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an IPv4 address has four bytes", e);
    }
  }

  /// Of dotted decimals only: never asks a name server.
  public static Inet4Address parse(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      throw new IllegalArgumentException("not an IPv4 address: " + text);
    }
    byte[] bytes = new byte[4];
    for (int i = 0; i < 4; i++) {
      if (!parts[i].matches("[0-9]{1,3}") || Integer.parseInt(parts[i]) > 255) {
        throw new IllegalArgumentException("not an IPv4 address: " + text);
      }
      bytes[i] = (byte) Integer.parseInt(parts[i]);
    }
    return of(bytes);
  }

  public static int number(Inet4Address address) {
    return ByteBuffer.wrap(address.getAddress()).getInt();
  }

  /// Its place in the order of addresses (unsigned).
  public static long order(Inet4Address address) {
    return Integer.toUnsignedLong(number(address));
  }
}
