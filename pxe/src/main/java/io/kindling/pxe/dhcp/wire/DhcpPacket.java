package io.kindling.pxe.dhcp.wire;

import java.net.Inet4Address;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// One DHCPv4 message (RFC 2131 §2). Immutable.
///
/// @param chaddr `hlen` bytes, 0 to 16
/// @param sname text of the field, empty where it carried options (option 52)
/// @param file likewise
/// @param options in their order; each code once after decoding (RFC 3396 joined)
public record DhcpPacket(
    int op,
    int htype,
    int hlen,
    int hops,
    int xid,
    int secs,
    int flags,
    Inet4Address ciaddr,
    Inet4Address yiaddr,
    Inet4Address siaddr,
    Inet4Address giaddr,
    byte[] chaddr,
    String sname,
    String file,
    List<Option> options) {

  public static final int REQUEST = 1;
  public static final int REPLY = 2;
  public static final int BROADCAST_FLAG = 0x8000;

  public DhcpPacket {
    chaddr = chaddr.clone();
    options = List.copyOf(options);
  }

  @Override
  public byte[] chaddr() {
    return chaddr.clone();
  }

  public Optional<Option> option(int code) {
    for (Option option : options) {
      if (option.code() == code) {
        return Optional.of(option);
      }
    }
    return Optional.empty();
  }

  public Optional<MessageType> messageType() {
    return option(OptionCode.MESSAGE_TYPE)
        .filter(option -> option.length() == 1)
        .flatMap(option -> MessageType.of(option.value()[0]));
  }

  public boolean wantsBroadcast() {
    return (flags & BROADCAST_FLAG) != 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DhcpPacket that
        && op == that.op
        && htype == that.htype
        && hlen == that.hlen
        && hops == that.hops
        && xid == that.xid
        && secs == that.secs
        && flags == that.flags
        && ciaddr.equals(that.ciaddr)
        && yiaddr.equals(that.yiaddr)
        && siaddr.equals(that.siaddr)
        && giaddr.equals(that.giaddr)
        && Arrays.equals(chaddr, that.chaddr)
        && sname.equals(that.sname)
        && file.equals(that.file)
        && options.equals(that.options);
  }

  @Override
  public int hashCode() {
    return Objects.hash(op, xid, Arrays.hashCode(chaddr), options);
  }
}
