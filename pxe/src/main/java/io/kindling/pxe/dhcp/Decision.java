package io.kindling.pxe.dhcp;

import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.net.Inet4Address;

/// What to do about a client's message.
sealed interface Decision {

  /// Send at once: refusals and answers to INFORM change nothing that must last.
  record Send(Reply reply) implements Decision {}

  /// An offer: send it unless somebody turns out to use the address.
  ///
  /// @param probe false where the address is this client's already
  /// @param subnet the client's network
  record Offer(Inet4Address address, Subnet subnet, boolean probe, Reply reply)
      implements Decision {}

  /// Store the change, then send: an ACK.
  record CommitThenSend(LeaseTable.Change change, Reply reply) implements Decision {}

  /// Store the change; there is no reply (RELEASE, DECLINE).
  record Commit(LeaseTable.Change change) implements Decision {}

  /// Say nothing.
  record Ignore(String reason) implements Decision {}

  /// @param what for the log and the node's events: `OFFER 10.20.0.100, undionly.kpxe`
  record Reply(
      DhcpPacket packet,
      int maxLength,
      Destination destination,
      HardwareAddress mac,
      PxeCounter counter,
      String what) {

    /// Whether it says what to boot.
    boolean boots() {
      return !packet.file().isEmpty() || packet.option(OptionCode.BOOT_FILE).isPresent();
    }
  }

  /// Where a reply goes (RFC 2131 §4.1).
  sealed interface Destination {
    int CLIENT_PORT = 68;
    int SERVER_PORT = 67;

    record Relay(Inet4Address address) implements Destination {}

    /// A client that has an address and answers ARP.
    record Client(Inet4Address address) implements Destination {}

    /// A client that takes frames for an address it does not have yet: needs its hardware address.
    record Unconfigured(Inet4Address address, HardwareAddress mac) implements Destination {}

    record Broadcast() implements Destination {}

    static Destination of(DhcpRequest request, DhcpPacket reply) {
      DhcpPacket packet = request.packet();
      if (!packet.giaddr().equals(Ipv4.ANY)) {
        return new Relay(packet.giaddr());
      }
      if (!packet.ciaddr().equals(Ipv4.ANY)) {
        return new Client(packet.ciaddr());
      }
      if (packet.wantsBroadcast() || reply.yiaddr().equals(Ipv4.ANY)) {
        return new Broadcast();
      }
      return new Unconfigured(reply.yiaddr(), request.mac());
    }

    /// A refusal goes to everybody on the wire: the client's address is not to be trusted.
    static Destination ofNak(DhcpRequest request) {
      return request.packet().giaddr().equals(Ipv4.ANY)
          ? new Broadcast()
          : new Relay(request.packet().giaddr());
    }
  }
}
