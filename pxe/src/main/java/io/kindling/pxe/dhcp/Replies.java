package io.kindling.pxe.dhcp;

import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.dhcp.Decision.Destination;
import io.kindling.pxe.dhcp.Decision.Reply;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.net.Inet4Address;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Makes the server's messages (RFC 2131 §4.3.1, table 3). Pure functions.
final class Replies {
  /// PXE option 43, sub-option 6 (discovery control) = 8: take the boot file of this message and
  /// look for no other boot server (PXE 2.1 §2.2.3). Spares BIOS ROMs the wait for one.
  private static final Option NO_BOOT_SERVER_DISCOVERY =
      Option.bytes(OptionCode.VENDOR_SPECIFIC, 6, 1, 8, 255);

  private Replies() {}

  static Reply offer(DhcpRequest request, Inet4Address address, Boot boot, DhcpConfig config) {
    return lease(MessageType.OFFER, PxeCounter.DHCP_OFFERS, request, address, boot, config);
  }

  static Reply ack(DhcpRequest request, Inet4Address address, Boot boot, DhcpConfig config) {
    return lease(MessageType.ACK, PxeCounter.DHCP_ACKS, request, address, boot, config);
  }

  private static Reply lease(
      MessageType type,
      PxeCounter counter,
      DhcpRequest request,
      Inet4Address address,
      Boot boot,
      DhcpConfig config) {
    long seconds = config.leaseTime().toSeconds();
    List<Option> options = new ArrayList<>();
    options.add(Option.seconds(OptionCode.LEASE_TIME, seconds));
    options.add(Option.seconds(OptionCode.RENEWAL_TIME, seconds / 2));
    options.add(Option.seconds(OptionCode.REBINDING_TIME, seconds * 7 / 8));
    return reply(type, counter, request, address, boot, config, options);
  }

  /// The client has its address: no yiaddr, no lease time (RFC 2131 §4.3.5).
  static Reply inform(DhcpRequest request, Boot boot, DhcpConfig config) {
    return reply(
        MessageType.ACK, PxeCounter.DHCP_ACKS, request, Ipv4.ANY, boot, config, new ArrayList<>());
  }

  static Reply nak(DhcpRequest request, String reason, DhcpConfig config) {
    List<Option> options = new ArrayList<>();
    options.add(MessageType.NAK.option());
    options.add(Option.address(OptionCode.SERVER_ID, config.serverAddress()));
    options.add(Option.text(OptionCode.MESSAGE, reason));
    echo(request, options);
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

  private static Reply reply(
      MessageType type,
      PxeCounter counter,
      DhcpRequest request,
      Inet4Address yiaddr,
      Boot boot,
      DhcpConfig config,
      List<Option> times) {
    List<Option> network = new ArrayList<>();
    network.add(Option.address(OptionCode.SUBNET_MASK, config.subnetMask()));
    config.router().ifPresent(router -> network.add(Option.address(OptionCode.ROUTER, router)));
    network.add(Option.address(OptionCode.BROADCAST_ADDRESS, config.broadcastAddress()));
    if (!config.dns().isEmpty()) {
      network.add(Option.addresses(OptionCode.DNS, config.dns()));
    }
    config.domain().ifPresent(name -> network.add(Option.text(OptionCode.DOMAIN_NAME, name)));
    if (!config.ntp().isEmpty()) {
      network.add(Option.addresses(OptionCode.NTP, config.ntp()));
    }
    network.sort(Comparator.comparingInt(option -> wanted(request, option)));

    List<Option> options = new ArrayList<>();
    options.add(type.option());
    options.add(Option.address(OptionCode.SERVER_ID, config.serverAddress()));
    options.addAll(times);
    String server = config.serverAddress().getHostAddress();
    Inet4Address siaddr = Ipv4.ANY;
    String file = "";
    switch (boot) {
      case Boot.Nothing unused -> {}
      case Boot.From(Loaders.Loader.Tftp loader) -> {
        siaddr = config.serverAddress();
        file = loader.file();
        options.add(cString(OptionCode.TFTP_SERVER, server));
        options.add(cString(OptionCode.BOOT_FILE, file));
        if (loader.endsDiscovery()) {
          options.add(Option.text(OptionCode.VENDOR_CLASS, "PXEClient"));
          options.add(NO_BOOT_SERVER_DISCOVERY);
        }
      }
      case Boot.From(Loaders.Loader.Http loader) -> {
        siaddr = config.serverAddress();
        file = loader.url();
        options.add(Option.text(OptionCode.TFTP_SERVER, server));
        options.add(Option.text(OptionCode.BOOT_FILE, file));
        if (!loader.vendorClass().isEmpty()) {
          options.add(Option.text(OptionCode.VENDOR_CLASS, loader.vendorClass()));
        }
      }
      case Boot.From unused -> {}
    }
    options.addAll(network);
    echo(request, options);

    DhcpPacket packet =
        packet(
            request,
            request.packet().flags(),
            type == MessageType.ACK ? request.clientAddress() : Ipv4.ANY,
            yiaddr,
            siaddr,
            file,
            options);
    String what =
        type
            + (yiaddr.equals(Ipv4.ANY) ? "" : " " + yiaddr.getHostAddress())
            + (file.isEmpty() ? "" : ", " + file);
    return new Reply(
        packet, request.maxLength(), Destination.of(request, packet), request.mac(), counter, what);
  }

  /// Some BIOS ROMs read options 66 and 67 as C strings past their end.
  private static Option cString(int code, String text) {
    return new Option(code, (text + "\0").getBytes(StandardCharsets.US_ASCII));
  }

  private static int wanted(DhcpRequest request, Option option) {
    int place = request.requestOrder().indexOf(option.code());
    return place < 0 ? Integer.MAX_VALUE : place;
  }

  private static void echo(DhcpRequest request, List<Option> options) {
    // 82 is among them; the codec puts it last.
    options.addAll(request.echoed());
  }

  private static DhcpPacket packet(
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
