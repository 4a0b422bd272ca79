package io.kindling.pxe.rack;

import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.dhcp.wire.Decoded;
import io.kindling.pxe.dhcp.wire.DhcpCodec;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import io.kindling.pxe.net.DatagramPort;
import io.kindling.pxe.net.LinuxDatagramPort;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What firmware says, for a network namespace: `INTERFACE ARCHITECTURE [SERVER]`. It broadcasts a
/// DISCOVER as `PXEClient` (or as a plain client where the architecture is `plain`), with a server
/// it asks that one's port 4011 instead, and prints every reply until it is ended.
public final class PxeClient {
  private static final Option WANTED =
      Option.bytes(OptionCode.PARAMETER_REQUEST_LIST, 1, 3, 6, 43, 54, 60, 66, 67);

  private PxeClient() {}

  /// The options of a message of firmware; more may be added.
  public static List<Option> firmware(MessageType type, int architecture) {
    return new ArrayList<>(
        List.of(
            type.option(),
            WANTED,
            Option.text(
                OptionCode.VENDOR_CLASS, "PXEClient:Arch:%05d:UNDI:003016".formatted(architecture)),
            Option.bytes(OptionCode.CLIENT_ARCHITECTURE, 0, architecture),
            Option.bytes(OptionCode.CLIENT_NETWORK_INTERFACE, 1, 3, 16),
            new Option(OptionCode.CLIENT_MACHINE_ID, new byte[17])));
  }

  /// A client's message; one without an address of its own asks for a broadcast.
  public static DhcpPacket packet(
      int transaction, Inet4Address own, byte[] mac, List<Option> options) {
    return new DhcpPacket(
        DhcpPacket.REQUEST,
        1,
        6,
        0,
        transaction,
        0,
        own.equals(Ipv4.ANY) ? DhcpPacket.BROADCAST_FLAG : 0,
        own,
        Ipv4.ANY,
        Ipv4.ANY,
        Ipv4.ANY,
        mac,
        "",
        "",
        options);
  }

  public static void main(String[] args) throws Exception {
    byte[] mac = NetworkInterface.getByName(args[0]).getHardwareAddress();
    boolean bootService = args.length > 2;
    DatagramPort port =
        LinuxDatagramPort.open(
            "client",
            Optional.of(args[0]),
            new InetSocketAddress(68),
            (at, datagram) -> print(datagram));
    MessageType type = bootService ? MessageType.REQUEST : MessageType.DISCOVER;
    List<Option> options =
        args[1].equals("plain")
            ? new ArrayList<>(List.of(type.option(), WANTED))
            : firmware(type, Integer.parseInt(args[1]));
    Inet4Address own = Ipv4.ANY;
    if (bootService) {
      own =
          NetworkInterface.getByName(args[0])
              .inetAddresses()
              .filter(Inet4Address.class::isInstance)
              .map(Inet4Address.class::cast)
              .findFirst()
              .orElseThrow();
    }
    DhcpPacket packet = packet(0x50584531, own, mac, options);
    System.out.println("client " + HardwareAddress.of(mac));
    InetSocketAddress to =
        bootService
            ? new InetSocketAddress(Ipv4.parse(args[2]), 4011)
            : new InetSocketAddress(Ipv4.BROADCAST, 67);
    port.send(DhcpCodec.encode(packet, 0).bytes(), to);
    System.in.read();
    port.close();
  }

  private static void print(DatagramPort.Datagram datagram) {
    if (DhcpCodec.decode(datagram.payload()) instanceof Decoded.Parsed(DhcpPacket packet)) {
      System.out.println(
          packet.messageType().map(Enum::name).orElse("BOOTP")
              + " from "
              + datagram.from().getAddress().getHostAddress()
              + ":"
              + datagram.from().getPort()
              + " yiaddr "
              + packet.yiaddr().getHostAddress()
              + " siaddr "
              + packet.siaddr().getHostAddress()
              + " file "
              + packet.file()
              + " class "
              + packet.option(OptionCode.VENDOR_CLASS).map(Option::asText).orElse("-"));
    }
  }
}
