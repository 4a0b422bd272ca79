package io.kindling.pxe.dhcp;

import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.dhcp.wire.DhcpCodec;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.net.Inet4Address;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What a client's message says: read once, decided upon often. Immutable.
///
/// @param type DISCOVER for a BOOTP client, which knows no types
/// @param bootp a client that predates DHCP (RFC 1534 §2: no option 53)
/// @param architecture client architecture (RFC 4578 option 93), -1 where it names none
/// @param maxLength DHCP message it takes, bytes (option 57 less IP and UDP headers)
/// @param requestOrder option codes it asks for, in its order (option 55)
/// @param relay what the relay agent says, if one does
/// @param echoed options that go back as they came: 61 (RFC 6842), 97 (RFC 4578 §2.3), 118 (RFC
///   3011), 82 (RFC 3046 §2.2)
record DhcpRequest(
    MessageType type,
    boolean bootp,
    HardwareAddress mac,
    DhcpPacket packet,
    ClientKind kind,
    int architecture,
    Optional<Inet4Address> requestedAddress,
    Optional<Inet4Address> serverId,
    int maxLength,
    List<Integer> requestOrder,
    RelayInformation relay,
    List<Option> echoed) {

  private static final int ETHERNET = 1;
  private static final int IP_AND_UDP_HEADERS = 28;
  private static final byte[] IPXE_NAME = "iPXE".getBytes(StandardCharsets.US_ASCII);

  /// Empty where the message is none that a server for Ethernet clients answers.
  static Optional<DhcpRequest> of(DhcpPacket packet) {
    boolean bootp = packet.option(OptionCode.MESSAGE_TYPE).isEmpty();
    Optional<MessageType> type = bootp ? Optional.of(MessageType.DISCOVER) : packet.messageType();
    if (packet.op() != DhcpPacket.REQUEST
        || packet.htype() != ETHERNET
        || packet.hlen() != 6
        || type.isEmpty()) {
      return Optional.empty();
    }
    List<Option> echoed = new ArrayList<>();
    for (int code :
        new int[] {
          OptionCode.CLIENT_ID,
          OptionCode.CLIENT_MACHINE_ID,
          OptionCode.SUBNET_SELECTION,
          OptionCode.RELAY_AGENT
        }) {
      packet.option(code).ifPresent(echoed::add);
    }
    int architecture =
        packet
            .option(OptionCode.CLIENT_ARCHITECTURE)
            .flatMap(Option::asUnsignedShort)
            .orElseGet(() -> architectureInClass(packet));
    return Optional.of(
        new DhcpRequest(
            type.get(),
            bootp,
            HardwareAddress.of(packet.chaddr()),
            packet,
            kind(packet),
            architecture,
            packet.option(OptionCode.REQUESTED_ADDRESS).flatMap(Option::asAddress),
            packet.option(OptionCode.SERVER_ID).flatMap(Option::asAddress),
            packet
                .option(OptionCode.MAX_MESSAGE_SIZE)
                .flatMap(Option::asUnsignedShort)
                .map(size -> size - IP_AND_UDP_HEADERS)
                .filter(size -> size > DhcpCodec.DEFAULT_MAX_LENGTH) // RFC 2132 §9.10: 576 at least
                .orElse(DhcpCodec.DEFAULT_MAX_LENGTH),
            requestOrder(packet),
            RelayInformation.of(packet),
            List.copyOf(echoed)));
  }

  /// The network the client is on, as far as the message says: the relay's word before the client's
  /// own (RFC 3527 §3, RFC 3011 §3), then the relay's address (RFC 1542 §4.1.1). A client that
  /// renews speaks to the server itself, without its relay (RFC 2131 §4.4.5). Empty: it is on the
  /// server's own.
  Optional<Inet4Address> network() {
    if (relay.link().isPresent()) {
      return relay.link();
    }
    Optional<Inet4Address> selected =
        packet.option(OptionCode.SUBNET_SELECTION).flatMap(Option::asAddress);
    if (selected.isPresent()) {
      return selected;
    }
    return packet.giaddr().equals(Ipv4.ANY) ? Optional.empty() : Optional.of(packet.giaddr());
  }

  /// Whether the client asks for this option.
  boolean asksFor(int code) {
    return requestOrder.contains(code);
  }

  Inet4Address clientAddress() {
    return packet.ciaddr();
  }

  boolean hasClientAddress() {
    return !packet.ciaddr().equals(Ipv4.ANY);
  }

  private static ClientKind kind(DhcpPacket packet) {
    if (packet.option(OptionCode.IPXE).isPresent()
        || packet.option(OptionCode.USER_CLASS).filter(DhcpRequest::namesIpxe).isPresent()) {
      return ClientKind.IPXE;
    }
    String vendorClass = vendorClass(packet);
    if (vendorClass.startsWith("PXEClient")) {
      return ClientKind.PXE;
    }
    return vendorClass.startsWith("HTTPClient") ? ClientKind.HTTP : ClientKind.SYSTEM;
  }

  private static String vendorClass(DhcpPacket packet) {
    return packet.option(OptionCode.VENDOR_CLASS).map(Option::asText).orElse("");
  }

  /// iPXE sends its name raw, others as RFC 3004 wants it: a length before each class.
  private static boolean namesIpxe(Option userClass) {
    byte[] value = userClass.value();
    if (Arrays.equals(value, IPXE_NAME)) {
      return true;
    }
    int at = 0;
    while (at < value.length) {
      int length = Byte.toUnsignedInt(value[at]);
      int end = at + 1 + length;
      if (end > value.length) {
        return false;
      }
      if (Arrays.equals(value, at + 1, end, IPXE_NAME, 0, IPXE_NAME.length)) {
        return true;
      }
      at = end;
    }
    return false;
  }

  /// Some firmware says its architecture only in `PXEClient:Arch:00007:UNDI:003016`.
  private static int architectureInClass(DhcpPacket packet) {
    String vendorClass = vendorClass(packet);
    int at = vendorClass.indexOf(":Arch:");
    if (at < 0 || vendorClass.length() < at + 11) {
      return -1;
    }
    String digits = vendorClass.substring(at + 6, at + 11);
    return digits.matches("[0-9]{5}") ? Integer.parseInt(digits) : -1;
  }

  private static List<Integer> requestOrder(DhcpPacket packet) {
    List<Integer> codes = new ArrayList<>();
    packet
        .option(OptionCode.PARAMETER_REQUEST_LIST)
        .ifPresent(option -> {
          for (byte code : option.value()) {
            codes.add(Byte.toUnsignedInt(code));
          }
        });
    return List.copyOf(codes);
  }
}
