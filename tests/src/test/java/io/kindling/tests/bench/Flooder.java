package io.kindling.tests.bench;

import io.kindling.pxe.dhcp.wire.DhcpCodec;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.net.DatagramPort;
import io.kindling.pxe.net.NettyDatagramPort;
import io.kindling.pxe.rack.PxeClient;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/// Everything that keeps others out where a server lets it, for a network namespace: `INTERFACE
/// SERVER DISCOVERS-PER-SECOND CONNECTIONS`. DISCOVERs of ever new machines, TFTP requests whose
/// blocks nobody acknowledges, and HTTP requests that never end; until it is ended. Prints `cut`
/// for each of these that the server ends.
public final class Flooder {
  private static final int TICKS = 50;
  private static final int UEFI_X64 = 7;

  /// Of one address's ports there are 28,000; each is asked from once.
  private static final int TFTP_PER_SECOND = 200;

  private Flooder() {}

  public static void main(String[] args) throws Exception {
    Inet4Address server = Ipv4.parse(args[1]);
    int perTick = Integer.parseInt(args[2]) / TICKS;
    List<Socket> slow = slow(server, Integer.parseInt(args[3]));
    // Replies go to port 68 and are nobody's here.
    DatagramPort port =
        NettyDatagramPort.open(
            "flood", Optional.of(args[0]), new InetSocketAddress(1068), (at, datagram) -> {});
    System.out.println("flooding");
    for (int tick = 0; ; tick++) {
      long begin = System.nanoTime();
      for (int i = 0; i < perTick; i++) {
        discover(port);
      }
      for (int i = 0; i < TFTP_PER_SECOND / TICKS; i++) {
        request(server);
      }
      Socket trickling = slow.get(tick % slow.size());
      if (!trickling.isClosed()) {
        trickle(trickling);
      }
      LockSupport.parkNanos(1_000_000_000L / TICKS - (System.nanoTime() - begin));
    }
  }

  private static void discover(DatagramPort port) {
    byte[] mac = new byte[6];
    ThreadLocalRandom.current().nextBytes(mac);
    mac[0] = 2;
    int transaction = ThreadLocalRandom.current().nextInt();
    var packet =
        PxeClient.packet(
            transaction, Ipv4.ANY, mac, PxeClient.firmware(MessageType.DISCOVER, UEFI_X64));
    port.send(DhcpCodec.encode(packet, 0).bytes(), new InetSocketAddress(Ipv4.BROADCAST, 67));
  }

  private static void request(Inet4Address server) throws Exception {
    byte[] request = "\0\1kernel\0octet\0".getBytes(StandardCharsets.ISO_8859_1);
    try (var socket = new DatagramSocket()) {
      socket.send(new DatagramPacket(request, request.length, server, 69));
    }
  }

  private static List<Socket> slow(Inet4Address server, int count) throws Exception {
    List<Socket> slow = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      var socket = new Socket(server, BenchServer.HTTP_PORT);
      socket.setSoTimeout(1); // its end is looked for, not waited for
      socket
          .getOutputStream()
          .write("GET /boot/files/kernel HTTP/1.1\r\nX: ".getBytes(StandardCharsets.US_ASCII));
      slow.add(socket);
    }
    return slow;
  }

  /// A byte more of a header that never ends, or `cut` where the server has had enough.
  private static void trickle(Socket socket) throws IOException {
    try {
      if (socket.getInputStream().read() < 0) {
        System.out.println("cut");
        socket.close();
      }
    } catch (SocketTimeoutException open) {
      socket.getOutputStream().write('x');
    } catch (SocketException reset) {
      System.out.println("cut");
      socket.close();
    }
  }
}
