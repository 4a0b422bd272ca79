package io.kindling.pxe.net;

import io.kindling.pxe.HardwareAddress;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hears what DHCP servers say to clients on a device, and can speak as a client: whatever sockets
/// this host has on the ports of DHCP. Thread-safe.
public final class DhcpEar implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DhcpEar.class);
  private static final int ETHERNET_HEADER = 14;
  private static final int IP_HEADER = 20;
  private static final int UDP_HEADER = 8;
  private static final int UDP = 17;
  private static final int SERVER_PORT = 67;
  private static final int CLIENT_PORT = 68;

  /// UDP from port 67 to port 68, in no later fragment; all else stays in the kernel.
  private static final List<RawSocket.Instruction> SERVERS =
      List.of(
          new RawSocket.Instruction(0x30, 0, 0, ETHERNET_HEADER + 9), // ldb protocol
          new RawSocket.Instruction(0x15, 0, 8, UDP),
          new RawSocket.Instruction(0x28, 0, 0, ETHERNET_HEADER + 6), // ldh flags, offset
          new RawSocket.Instruction(0x45, 6, 0, 0x1fff),
          new RawSocket.Instruction(0xb1, 0, 0, ETHERNET_HEADER), // ldxb 4*(IP header length)
          new RawSocket.Instruction(0x48, 0, 0, ETHERNET_HEADER), // ldh source port
          new RawSocket.Instruction(0x15, 0, 3, SERVER_PORT),
          new RawSocket.Instruction(0x48, 0, 0, ETHERNET_HEADER + 2), // ldh destination port
          new RawSocket.Instruction(0x15, 0, 1, CLIENT_PORT),
          new RawSocket.Instruction(0x06, 0, 0, 0xffff),
          new RawSocket.Instruction(0x06, 0, 0, 0));

  /// Told of a server's message, by one thread.
  @FunctionalInterface
  public interface Heard {
    /// @param mac who put the frame on the wire: the server, or the router before it
    void message(HardwareAddress mac, ByteBuffer payload);
  }

  private final RawSocket socket;
  private final Receiving thread;
  private final String device;

  public DhcpEar(String device, Heard heard) {
    this.device = device;
    this.socket = RawSocket.frames(device, RawSocket.IPV4, SERVERS);
    this.thread = new Receiving("dhcp-ear-" + device, socket, frame -> message(frame, heard));
  }

  /// The device's own: that of a bridge or bond changes with its ports.
  public HardwareAddress mac() {
    return HardwareAddress.of(AddressWire.hardwareAddress(device));
  }

  private static void message(ByteBuffer frame, Heard heard) {
    int header = (frame.get(ETHERNET_HEADER) & 0xf) * 4;
    int payload = ETHERNET_HEADER + header + UDP_HEADER;
    if (header < IP_HEADER || frame.limit() < payload) {
      return; // shorter than its headers: the DHCP socket counts such noise
    }
    int length = Short.toUnsignedInt(frame.getShort(payload - 4)) - UDP_HEADER;
    byte[] sender = new byte[6];
    frame.get(6, sender);
    heard.message(
        HardwareAddress.of(sender),
        frame.slice(payload, Math.clamp(length, 0, frame.limit() - payload)));
  }

  /// Says this to every server on the link.
  ///
  /// @param from 0.0.0.0 for a client without an address
  public void ask(ByteBuffer payload, Inet4Address from) {
    byte[] broadcast = new byte[6];
    Arrays.fill(broadcast, (byte) 0xff);
    int length = IP_HEADER + UDP_HEADER + payload.remaining();
    byte[] header =
        ByteBuffer.allocate(IP_HEADER)
            .put((byte) 0x45)
            .put((byte) 0x10)
            .putShort((short) length)
            .putInt(0)
            .put((byte) 64)
            .put((byte) UDP)
            .putShort((short) 0)
            .put(from.getAddress())
            .putInt(-1)
            .array();
    ByteBuffer.wrap(header).putShort(10, Frames.checksum(header));
    boolean sent =
        socket.send(
            ByteBuffer.allocate(ETHERNET_HEADER + length)
                .put(broadcast)
                .put(mac().bytes())
                .putShort((short) RawSocket.IPV4)
                .put(header)
                .putShort((short) CLIENT_PORT)
                .putShort((short) SERVER_PORT)
                .putShort((short) (UDP_HEADER + payload.remaining()))
                .putShort((short) 0) // no checksum (RFC 768)
                .put(payload.duplicate())
                .array());
    if (!sent) {
      LOG.debug("a question to other DHCP servers was not sent: is the interface down?");
    }
  }

  @Override
  public void close() {
    thread.close();
  }
}
