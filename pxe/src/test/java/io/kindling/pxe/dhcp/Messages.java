package io.kindling.pxe.dhcp;

import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;

/// Clients' messages, for tests.
final class Messages {
  private final List<Option> options = new ArrayList<>();
  private final HardwareAddress mac;
  private Inet4Address ciaddr = Ipv4.ANY;
  private Inet4Address giaddr = Ipv4.ANY;
  private int flags;

  private Messages(HardwareAddress mac) {
    this.mac = mac;
  }

  static Messages a(MessageType type, HardwareAddress mac) {
    return new Messages(mac).with(type.option());
  }

  /// Of a client that knows no message types.
  static Messages bootp(HardwareAddress mac) {
    return new Messages(mac);
  }

  Messages with(Option option) {
    options.add(option);
    return this;
  }

  Messages asking(Inet4Address address) {
    return with(Option.address(OptionCode.REQUESTED_ADDRESS, address));
  }

  Messages to(Inet4Address server) {
    return with(Option.address(OptionCode.SERVER_ID, server));
  }

  Messages from(Inet4Address address) {
    ciaddr = address;
    return this;
  }

  Messages via(Inet4Address relay) {
    giaddr = relay;
    return this;
  }

  Messages broadcast() {
    flags = DhcpPacket.BROADCAST_FLAG;
    return this;
  }

  Messages firmware(int architecture) {
    return with(Option.text(
            OptionCode.VENDOR_CLASS, "PXEClient:Arch:%05d:UNDI:003001".formatted(architecture)))
        .with(Option.bytes(OptionCode.CLIENT_ARCHITECTURE, 0, architecture));
  }

  DhcpPacket packet() {
    return new DhcpPacket(
        1,
        1,
        6,
        0,
        0xcafe,
        0,
        flags,
        ciaddr,
        Ipv4.ANY,
        Ipv4.ANY,
        giaddr,
        mac.bytes(),
        "",
        "",
        options);
  }

  DhcpRequest read() {
    return DhcpRequest.of(packet()).orElseThrow();
  }
}
