package io.kindling.pxe.dhcp.wire;

/// What bytes turned out to be.
public sealed interface Decoded {

  record Parsed(DhcpPacket packet) implements Decoded {}

  /// @param offset byte at which reading stopped
  record Malformed(String reason, int offset) implements Decoded {}
}
