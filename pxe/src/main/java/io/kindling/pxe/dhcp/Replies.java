package io.kindling.pxe.dhcp;

import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.dhcp.Decision.Destination;
import io.kindling.pxe.dhcp.Decision.Reply;
import io.kindling.pxe.dhcp.wire.DhcpCodec;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Makes the server's messages (RFC 2131 §4.3.1, table 3). Pure functions.
final class Replies {

  private Replies() {}

  /// What is answered, and with what.
  ///
  /// @param serverId what the client knows this server by
  record To(
      DhcpRequest request, Subnet subnet, DhcpConfig config, Inet4Address serverId, Boot boot) {}

  static Reply offer(To to, Inet4Address address) {
    return lease(MessageType.OFFER, PxeCounter.DHCP_OFFERS, to, address);
  }

  static Reply ack(To to, Inet4Address address) {
    return lease(MessageType.ACK, PxeCounter.DHCP_ACKS, to, address);
  }

  private static Reply lease(MessageType type, PxeCounter counter, To to, Inet4Address address) {
    long seconds = to.config().leaseTime().toSeconds();
    List<Option> head = head(type, to);
    head.add(Option.seconds(OptionCode.LEASE_TIME, seconds));
    head.add(Option.seconds(OptionCode.RENEWAL_TIME, seconds / 2));
    head.add(Option.seconds(OptionCode.REBINDING_TIME, seconds * 7 / 8));
    Inet4Address ciaddr = type == MessageType.ACK ? to.request().clientAddress() : Ipv4.ANY;
    return reply(type.toString(), counter, to, head, ciaddr, address);
  }

  /// The client has its address: no yiaddr, no lease time, and the answer goes straight to that
  /// address, past the relay that brought the question (RFC 2131 §4.3.5).
  static Reply inform(To to) {
    Reply reply =
        reply(
            MessageType.ACK.toString(),
            PxeCounter.DHCP_ACKS,
            to,
            head(MessageType.ACK, to),
            to.request().clientAddress(),
            Ipv4.ANY);
    return new Reply(
        reply.packet(),
        reply.maxLength(),
        new Destination.Client(to.request().clientAddress()),
        reply.mac(),
        reply.counter(),
        reply.what());
  }

  /// None of DHCP's own options (RFC 1534 §2), and no more of the others than a BOOTP message
  /// holds.
  static Reply bootp(To to, Inet4Address address) {
    Reply reply =
        reply(
            "BOOTP reply",
            PxeCounter.DHCP_BOOTP_REPLIES,
            to,
            new ArrayList<>(),
            to.request().clientAddress(),
            address);
    return new Reply(
        reply.packet(),
        DhcpCodec.MIN_LENGTH,
        reply.destination(),
        reply.mac(),
        reply.counter(),
        reply.what());
  }

  static Reply nak(DhcpRequest request, String reason, Inet4Address serverId) {
    List<Option> options = new ArrayList<>();
    options.add(MessageType.NAK.option());
    options.add(Option.address(OptionCode.SERVER_ID, serverId));
    options.add(Option.text(OptionCode.MESSAGE, reason));
    options.addAll(request.echoed());
    // RFC 2131 §4.3.2: a relay must broadcast it, the client's address being wrong.
    int flags =
        request.packet().giaddr().equals(Ipv4.ANY)
            ? request.packet().flags()
            : request.packet().flags() | DhcpPacket.BROADCAST_FLAG;
    DhcpPacket packet = packet(request, flags, Ipv4.ANY, Ipv4.ANY, Ipv4.ANY, "", options);
    return new Reply(
        packet,
        request.maxLength(),
        Destination.ofNak(request),
        request.mac(),
        PxeCounter.DHCP_NAKS,
        "NAK: " + reason);
  }

  private static List<Option> head(MessageType type, To to) {
    List<Option> options = new ArrayList<>();
    options.add(type.option());
    options.add(Option.address(OptionCode.SERVER_ID, to.serverId()));
    return options;
  }

  private static Reply reply(
      String name,
      PxeCounter counter,
      To to,
      List<Option> head,
      Inet4Address ciaddr,
      Inet4Address yiaddr) {
    DhcpRequest request = to.request();
    BootFields boot = BootFields.of(to.boot(), request, to.config().serverAddress());
    List<Option> rest = new ArrayList<>(boot.options());
    rest.addAll(network(to.subnet()));
    List<Option> options = new ArrayList<>(head);
    // Before the rest, for a reply must have them (RFC 6842 §3); 82 the codec puts last.
    options.addAll(request.echoed());
    options.addAll(ordered(request, rest));
    DhcpPacket packet =
        packet(
            request, request.packet().flags(), ciaddr, yiaddr, boot.siaddr(), boot.file(), options);
    String what =
        name
            + (yiaddr.equals(Ipv4.ANY) ? "" : " " + yiaddr.getHostAddress())
            + (boot.file().isEmpty() ? "" : ", " + boot.file());
    return new Reply(
        packet, request.maxLength(), Destination.of(request, packet), request.mac(), counter, what);
  }

  private static List<Option> network(Subnet subnet) {
    List<Option> network = new ArrayList<>();
    network.add(Option.address(OptionCode.SUBNET_MASK, subnet.subnetMask()));
    subnet.router().ifPresent(router -> network.add(Option.address(OptionCode.ROUTER, router)));
    network.add(Option.address(OptionCode.BROADCAST_ADDRESS, subnet.broadcastAddress()));
    if (!subnet.dns().isEmpty()) {
      network.add(Option.addresses(OptionCode.DNS, subnet.dns()));
    }
    subnet.domain().ifPresent(name -> network.add(Option.text(OptionCode.DOMAIN_NAME, name)));
    if (!subnet.ntp().isEmpty()) {
      network.add(Option.addresses(OptionCode.NTP, subnet.ntp()));
    }
    return network;
  }

  /// What the client asks for, in its order (RFC 2132 §9.8), then the rest; the subnet mask before
  /// the router whatever the order (RFC 2132 §3.3).
  private static List<Option> ordered(DhcpRequest request, List<Option> options) {
    List<Option> ordered = new ArrayList<>(options);
    ordered.sort(Comparator.comparingInt(option -> place(request, option.code())));
    int mask = indexOf(ordered, OptionCode.SUBNET_MASK);
    int router = indexOf(ordered, OptionCode.ROUTER);
    if (router >= 0 && router < mask) {
      ordered.add(router, ordered.remove(mask));
    }
    return ordered;
  }

  private static int place(DhcpRequest request, int code) {
    int place = request.requestOrder().indexOf(code);
    return place < 0 ? Integer.MAX_VALUE : place;
  }

  private static int indexOf(List<Option> options, int code) {
    for (int i = 0; i < options.size(); i++) {
      if (options.get(i).code() == code) {
        return i;
      }
    }
    return -1;
  }

  static DhcpPacket packet(
      DhcpRequest request,
      int flags,
      Inet4Address ciaddr,
      Inet4Address yiaddr,
      Inet4Address siaddr,
      String file,
      List<Option> options) {
    DhcpPacket in = request.packet();
    return new DhcpPacket(
        DhcpPacket.REPLY,
        in.htype(),
        in.hlen(),
        0,
        in.xid(),
        0,
        flags,
        ciaddr,
        yiaddr,
        siaddr,
        in.giaddr(),
        in.chaddr(),
        "",
        file,
        options);
  }
}
