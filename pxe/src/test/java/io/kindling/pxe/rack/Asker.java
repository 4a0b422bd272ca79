package io.kindling.pxe.rack;

import io.kindling.pxe.dhcp.wire.Decoded;
import io.kindling.pxe.dhcp.wire.DhcpCodec;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.net.DatagramPort;
import io.kindling.pxe.net.NettyDatagramPort;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Scanner;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Puts messages to servers as a relay would, for a network namespace: `OWN-ADDRESS`. It reads
/// lines `NAME SERVER HEX` and prints for each `NAME SERVER HEX` of the reply, or `NAME SERVER -`.
public final class Asker {
  /// A server that does not answer has to be told from a slow one.
  private static final long PATIENCE_MILLIS = 1500;

  private Asker() {}

  public static void main(String[] args) throws Exception {
    BlockingQueue<DatagramPort.Datagram> replies = new LinkedBlockingQueue<>();
    InetSocketAddress own = new InetSocketAddress(Ipv4.parse(args[0]), 67);
    DatagramPort port =
        NettyDatagramPort.open(
            "asker", Optional.empty(), own, (at, datagram) -> replies.add(datagram));
    System.out.println("listening");
    Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8);
    while (lines.hasNextLine()) {
      String[] words = lines.nextLine().split(" ");
      Inet4Address server = Ipv4.parse(words[1]);
      replies.clear();
      port.send(
          ByteBuffer.wrap(HexFormat.of().parseHex(words[2])), new InetSocketAddress(server, 67));
      DatagramPort.Datagram reply = replies.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      System.out.println(words[0] + " " + words[1] + " " + (reply == null ? "-" : hex(reply)));
    }
    System.out.println("all answered");
    port.close();
  }

  private static String hex(DatagramPort.Datagram datagram) {
    byte[] bytes = new byte[datagram.payload().remaining()];
    datagram.payload().get(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /// A reply as it was printed; empty where there was none.
  static Optional<DhcpPacket> reply(String hex) {
    return hex.equals("-")
        ? Optional.empty()
        : Optional.of(
            ((Decoded.Parsed) DhcpCodec.decode(ByteBuffer.wrap(HexFormat.of().parseHex(hex))))
                .packet());
  }

  static String hex(DhcpPacket packet) {
    ByteBuffer bytes = DhcpCodec.encode(packet, DhcpCodec.MAX_LENGTH).bytes();
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return HexFormat.of().formatHex(copy);
  }

  static Option requested(int... codes) {
    return Option.bytes(55, codes);
  }
}
