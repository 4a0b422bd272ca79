package io.kindling.pxe.dhcp;

import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.net.Inet4Address;
import java.util.Arrays;
import java.util.Optional;

/// What a relay agent says beside its address (RFC 3046 option 82).
///
/// @param link the network the client is on, where it is not that of giaddr (RFC 3527 sub-option 5)
/// @param serverId the address clients are to know the server by (RFC 5107 sub-option 11)
record RelayInformation(Optional<Inet4Address> link, Optional<Inet4Address> serverId) {
  static final int LINK_SELECTION = 5;
  static final int SERVER_ID_OVERRIDE = 11;

  static RelayInformation of(DhcpPacket packet) {
    Optional<Option> option = packet.option(OptionCode.RELAY_AGENT);
    return new RelayInformation(
        option.flatMap(all -> address(all, LINK_SELECTION)),
        option.flatMap(all -> address(all, SERVER_ID_OVERRIDE)));
  }

  private static Optional<Inet4Address> address(Option option, int wanted) {
    byte[] value = option.value();
    int at = 0;
    while (at + 2 <= value.length) {
      int length = Byte.toUnsignedInt(value[at + 1]);
      if (at + 2 + length > value.length) {
        return Optional.empty(); // a relay's fault: it is echoed and not understood
      }
      if (Byte.toUnsignedInt(value[at]) == wanted) {
        return length == 4
            ? Optional.of(Ipv4.of(Arrays.copyOfRange(value, at + 2, at + 6)))
            : Optional.empty();
      }
      at += 2 + length;
    }
    return Optional.empty();
  }
}
