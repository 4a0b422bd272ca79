package io.kindling.tests.bench;

import io.kindling.pxe.dhcp.wire.Decoded;
import io.kindling.pxe.dhcp.wire.DhcpCodec;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import io.kindling.pxe.net.DatagramPort;
import io.kindling.pxe.net.NettyDatagramPort;
import io.kindling.pxe.rack.Lan;
import io.kindling.pxe.rack.PxeClient;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/// Machines that are switched on at once, for a network namespace: `INTERFACE SERVER COUNT LOADER
/// FILE…`. Each gets an address as UEFI firmware does, the loader by TFTP, the files by HTTP; the
/// fetching is curl's. Prints `machine N STAGE SECONDS` for each stage, `lost N WHY` where one
/// ends.
public final class PoweringOn {
  /// Waits for an offer, seconds (PXE 2.1, 2.2.3).
  private static final int[] PATIENCE = {4, 8, 16, 32};

  private static final int UEFI_X64 = 7;

  private final Map<Integer, BlockingQueue<DhcpPacket>> replies = new ConcurrentHashMap<>();
  private final DatagramPort port;
  private final Inet4Address server;
  private final long begin = System.nanoTime();

  private PoweringOn(String device, Inet4Address server) throws Exception {
    this.server = server;
    port =
        NettyDatagramPort.open(
            "machines",
            Optional.of(device),
            new InetSocketAddress(68),
            (at, datagram) -> received(datagram));
  }

  public static void main(String[] args) throws Exception {
    var rack = new PoweringOn(args[0], Ipv4.parse(args[1]));
    int count = Integer.parseInt(args[2]);
    var threads = new ArrayList<Thread>();
    for (int i = 1; i <= count; i++) {
      int number = i;
      threads.add(Thread.ofVirtual().start(() -> rack.machine(number, args)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    System.out.println("all ended");
    rack.port.close();
  }

  /// Switches so many machines on among the clients and returns what they said when all have ended.
  ///
  /// @param files the loader, then what it fetches
  static String run(Peers peers, int machines, Duration limit, String... files) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of(Peers.DEVICE, Peers.ADDRESS, String.valueOf(machines)));
    arguments.addAll(List.of(files));
    Path log =
        peers.lan.startJava(peers.clients, PoweringOn.class, arguments.toArray(String[]::new));
    Awaitility.await().atMost(limit).until(() -> Lan.read(log).contains("all ended"));
    return Lan.read(log);
  }

  private void machine(int number, String[] args) {
    try {
      DhcpPacket offer = ask(number, MessageType.DISCOVER, null);
      DhcpPacket ack = ask(number, MessageType.REQUEST, offer);
      tell(number, "dhcp " + ack.yiaddr().getHostAddress());
      curl("tftp://" + args[1] + "/" + args[3]);
      tell(number, "loader");
      for (int i = 4; i < args.length; i++) {
        curl("http://%s:%d/boot/files/%s".formatted(args[1], BenchServer.HTTP_PORT, args[i]));
      }
      tell(number, "kernel");
    } catch (Exception e) {
      System.out.println("lost " + number + " " + e);
    }
  }

  private void tell(int number, String stage) {
    System.out.printf("machine %d %s %.1f%n", number, stage, (System.nanoTime() - begin) / 1e9);
  }

  private static void curl(String url) throws Exception {
    var curl =
        new ProcessBuilder(
                "curl",
                "-sSf",
                "--tftp-blksize",
                "1468",
                "-o",
                "/dev/null",
                "-w",
                "%{size_download}",
                url)
            .redirectErrorStream(true)
            .start();
    String said = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (curl.waitFor() != 0) {
      throw new IllegalStateException(url + ": " + said);
    }
    System.out.println("fetched " + url + " " + said);
  }

  /// Sends and waits as firmware does.
  private DhcpPacket ask(int number, MessageType type, @Nullable DhcpPacket offer)
      throws Exception {
    int transaction = 0x50000000 + number * 2 + (offer == null ? 0 : 1);
    BlockingQueue<DhcpPacket> answers = new LinkedBlockingQueue<>();
    replies.put(transaction, answers);
    List<Option> options = PxeClient.firmware(type, UEFI_X64);
    if (offer != null) {
      options.add(Option.address(OptionCode.REQUESTED_ADDRESS, offer.yiaddr()));
      options.add(Option.address(OptionCode.SERVER_ID, server));
    }
    byte[] mac = {0x52, 0x54, 0x00, 0x01, (byte) (number >> 8), (byte) number};
    DhcpPacket packet = PxeClient.packet(transaction, Ipv4.ANY, mac, options);
    for (int seconds : PATIENCE) {
      port.send(DhcpCodec.encode(packet, 0).bytes(), new InetSocketAddress(Ipv4.BROADCAST, 67));
      DhcpPacket answer = answers.poll(seconds, TimeUnit.SECONDS);
      if (answer != null) {
        return answer;
      }
      System.out.println("again " + number + " " + type);
    }
    throw new IllegalStateException("no answer to " + type);
  }

  private void received(DatagramPort.Datagram datagram) {
    if (DhcpCodec.decode(datagram.payload()) instanceof Decoded.Parsed(DhcpPacket packet)) {
      BlockingQueue<DhcpPacket> queue = replies.get(packet.xid());
      if (queue != null) {
        queue.add(packet);
      }
    }
  }
}
