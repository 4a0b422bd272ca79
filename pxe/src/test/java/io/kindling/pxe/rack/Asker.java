package io.kindling.pxe.rack;

import io.kindling.pxe.dhcp.wire.Decoded;
import io.kindling.pxe.dhcp.wire.DhcpCodec;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.net.DatagramPort;
import io.kindling.pxe.net.LinuxDatagramPort;
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
  private static final long PATIENCE_MILLIS = 3000;

  /// Ends the name of a question that a server need not answer.
  static final String MAY_BE_SILENT = "?";

  private Asker() {}

  public static void main(String[] args) throws Exception {
    BlockingQueue<DatagramPort.Datagram> replies = new LinkedBlockingQueue<>();
    InetSocketAddress own = new InetSocketAddress(Ipv4.parse(args[0]), 67);
    DatagramPort port =
        LinuxDatagramPort.open(
            "asker", Optional.empty(), own, (at, datagram) -> replies.add(datagram));
    System.out.println("listening");
    Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8);
    while (lines.hasNextLine()) {
      String[] words = lines.nextLine().split(" ");
      String answer = ask(port, replies, words);
      // A busy machine's first answers are slow; who may be silent is asked once.
      int tries = words[0].endsWith(MAY_BE_SILENT) ? 0 : 20;
      for (int i = 0; i < tries && answer.equals("-"); i++) {
        answer = ask(port, replies, words);
      }
      System.out.println(words[0] + " " + words[1] + " " + answer);
    }
    System.out.println("all answered");
    port.close();
  }

  private static String ask(
      DatagramPort port, BlockingQueue<DatagramPort.Datagram> replies, String[] words)
      throws InterruptedException {
    port.send(
        ByteBuffer.wrap(HexFormat.of().parseHex(words[2])),
        new InetSocketAddress(Ipv4.parse(words[1]), 67));
    // The transaction id is bytes 4 to 7: a reply to an earlier question is passed over.
    String id = words[2].substring(8, 16);
    long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
    while (System.nanoTime() < end) {
      DatagramPort.Datagram reply =
          replies.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (reply != null && hex(reply).startsWith(id, 8)) {
        return hex(reply);
      }
    }
    return "-";
  }

  private static String hex(DatagramPort.Datagram datagram) {
    byte[] bytes = new byte[datagram.payload().remaining()];
    datagram.payload().duplicate().get(bytes);
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
