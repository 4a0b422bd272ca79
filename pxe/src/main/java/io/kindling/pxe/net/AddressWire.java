package io.kindling.pxe.net;

import io.kindling.pxe.HardwareAddress;
import java.net.Inet4Address;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Asks whether an address is in use: by ARP on its own link, by ICMP echo beyond (RFC 2131 §2.2).
/// Never waits; answers come from threads of its own. Thread-safe.
public final class AddressWire implements AutoCloseable {
  private static final int ETHERNET_HEADER = 14;
  private static final int IP_HEADER = 20;
  private static final int ARP_LENGTH = 28;
  private static final int ARP_REPLY = 2;
  private static final int ECHO_REQUEST = 8;
  private static final short ECHO_ID = 0x4b44;

  /// ARP replies only: `ldh [20]; jeq #2; ret`.
  private static final List<RawSocket.Instruction> REPLIES =
      List.of(
          new RawSocket.Instruction(0x28, 0, 0, ETHERNET_HEADER + 6),
          new RawSocket.Instruction(0x15, 0, 1, ARP_REPLY),
          new RawSocket.Instruction(0x06, 0, 0, 0xffff),
          new RawSocket.Instruction(0x06, 0, 0, 0));

  /// Told who answered; without a hardware address where a router is between.
  @FunctionalInterface
  public interface Answered {
    void by(Inet4Address address, Optional<HardwareAddress> mac);
  }

  private final RawSocket arp;
  private final RawSocket icmp;
  private final Receiving arpThread;
  private final Receiving icmpThread;
  private final String device;

  public AddressWire(String device, Answered answered) {
    this.device = device;
    this.arp = RawSocket.frames(device, RawSocket.ARP, REPLIES);
    this.icmp = RawSocket.icmp();
    this.arpThread = new Receiving("arp-" + device, arp, frame -> arpReply(frame, answered));
    this.icmpThread = new Receiving("icmp-" + device, icmp, packet -> echo(packet, answered));
  }

  static byte[] hardwareAddress(String device) {
    try {
      byte[] found = RawSocket.device(device).getHardwareAddress();
      return found == null ? new byte[6] : found;
    } catch (SocketException e) {
      throw new IllegalStateException("interface " + device, e);
    }
  }

  /// Asks; false where the question could not be sent.
  public boolean ask(Inet4Address address, boolean onThisLink) {
    return onThisLink ? arp.send(arpRequest(address)) : icmp.send(echoRequest(), address);
  }

  /// RFC 826, in an Ethernet broadcast; a probe names no sender's address (RFC 5227 §2.1.1), so
  /// that it changes nothing in the tables of those who hear it. The hardware address is today's:
  /// that of a bridge or bond changes with its ports.
  private byte[] arpRequest(Inet4Address address) {
    byte[] mac = hardwareAddress(device);
    byte[] broadcast = new byte[6];
    Arrays.fill(broadcast, (byte) 0xff);
    return ByteBuffer.allocate(60) // the least an Ethernet frame has
        .put(broadcast)
        .put(mac)
        .putShort((short) RawSocket.ARP)
        .putShort((short) 1)
        .putShort((short) RawSocket.IPV4)
        .put((byte) 6)
        .put((byte) 4)
        .putShort((short) 1)
        .put(mac)
        .put(new byte[4])
        .put(new byte[6])
        .put(address.getAddress())
        .array();
  }

  private static void arpReply(ByteBuffer frame, Answered answered) {
    if (frame.limit() < ETHERNET_HEADER + ARP_LENGTH
        || frame.getShort(ETHERNET_HEADER + 6) != ARP_REPLY) {
      return; // padding or another protocol's: nobody's answer
    }
    byte[] sender = new byte[6];
    byte[] address = new byte[4];
    frame.get(ETHERNET_HEADER + 8, sender).get(ETHERNET_HEADER + 14, address);
    answered.by(Frames.address(address), Optional.of(HardwareAddress.of(sender)));
  }

  private static byte[] echoRequest() {
    ByteBuffer packet =
        ByteBuffer.allocate(16).put((byte) ECHO_REQUEST).put((byte) 0).putShort((short) 0);
    packet.putShort(ECHO_ID).putShort((short) 1);
    packet.putShort(2, Frames.checksum(packet.array()));
    return packet.array();
  }

  /// Any echo reply to us shows that its sender is there.
  private static void echo(ByteBuffer packet, Answered answered) {
    int header = (packet.get(0) & 0xf) * 4;
    if (header < IP_HEADER
        || packet.limit() < header + 8
        || packet.get(header) != 0
        || packet.getShort(header + 4) != ECHO_ID) {
      return; // some other ICMP message
    }
    byte[] source = new byte[4];
    packet.get(12, source);
    answered.by(Frames.address(source), Optional.empty());
  }

  @Override
  public void close() {
    arpThread.close();
    icmpThread.close();
  }
}
