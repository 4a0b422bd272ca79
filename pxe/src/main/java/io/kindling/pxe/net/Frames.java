package io.kindling.pxe.net;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/// The few fields of frames that raw sockets need. Pure functions.
final class Frames {

  private Frames() {}

  /// Of exactly four bytes.
  static Inet4Address address(byte[] bytes) {
    try {
      return (Inet4Address) InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an IPv4 address has four bytes", e);
    }
  }

  /// The Internet checksum (RFC 1071); an odd last byte counts as its high half.
  static short checksum(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int sum = 0;
    while (in.remaining() >= 2) {
      sum += Short.toUnsignedInt(in.getShort());
    }
    if (in.hasRemaining()) {
      sum += Byte.toUnsignedInt(in.get()) << 8;
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (short) ~sum;
  }
}
