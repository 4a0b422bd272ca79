package io.kindling.pxe.dhcp;

import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootDecisions;
import io.kindling.pxe.BootStage;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.Lease;
import io.kindling.pxe.LeaseStore;
import io.kindling.pxe.PxeCounters;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.dhcp.wire.DhcpCodec;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import io.kindling.pxe.net.DatagramPort;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/// Exchanges a server holds with itself, without a socket, while it may not answer anybody yet:
/// code that has run some thousand times is compiled, so the first rack that powers on is answered
/// as fast as the next. Leases, counters and decisions are its own and end with it.
public final class Rehearsal {
  /// Enough for all of it to be compiled.
  public static final int EXCHANGES = 6000;

  /// Replies that may be awaited: fewer than leases may wait to be stored.
  private static final int IN_FLIGHT = 512;

  private static final Duration MOST = Duration.ofSeconds(2);
  private static final Inet4Address SERVER = Ipv4.parse("127.0.0.1");
  private static final AddressRange POOL = AddressRange.parse("127.0.16.0-127.0.63.255");
  private static final int CLIENT_PORT = 68;

  /// Of addresses that are nobody's hardware.
  private static final int LOCAL_MAC = 0x0200;

  private Rehearsal() {}

  /// Returns how many replies came, two for each exchange; fewer where it took too long.
  public static long run(int exchanges, Clock clock) throws InterruptedException {
    var counters = new PxeCounters();
    var leases = new LeaseTable(List.of());
    var decisions = new Decisions();
    var config =
        DhcpConfig.of(SERVER, 16, POOL, URI.create("http://127.0.0.1"))
            .withProbeWait(Duration.ZERO);
    var room = new Semaphore(IN_FLIGHT);
    var port = new Nobody(room);
    try (var committer = new LeaseCommitter(new Nowhere(), leases, decisions, counters, clock)) {
      var server =
          new DhcpServer(
              () -> config,
              decisions,
              file -> true,
              leases,
              committer,
              (address, mac) -> 0,
              new OfferProbes((address, onThisLink) -> false, (wait, task) -> {}, counters),
              DhcpServer.Gate.open(),
              counters,
              clock,
              CLIENT_PORT);
      committer.start();
      long end = System.nanoTime() + MOST.toNanos();
      for (int i = 0; i < exchanges; i++) {
        long left = end - System.nanoTime();
        if (left <= 0 || !room.tryAcquire(2, left, TimeUnit.NANOSECONDS)) {
          break;
        }
        Inet4Address address = Ipv4.of(Ipv4.number(POOL.first()) + i);
        hear(server, port, message(MessageType.DISCOVER, i));
        hear(
            server,
            port,
            message(
                MessageType.REQUEST,
                i,
                Option.address(OptionCode.SERVER_ID, SERVER),
                Option.address(OptionCode.REQUESTED_ADDRESS, address)));
      }
    } // closing lets what waits be answered
    return port.replies.sum();
  }

  private static void hear(DhcpServer server, DatagramPort port, ByteBuffer message) {
    server.received(port, new DatagramPort.Datagram(message, port.localAddress(), 0));
  }

  /// What UEFI firmware sends, in short.
  private static ByteBuffer message(MessageType type, int client, Option... more) {
    List<Option> options = new ArrayList<>();
    options.add(type.option());
    options.addAll(List.of(more));
    options.add(Option.bytes(OptionCode.PARAMETER_REQUEST_LIST, 1, 3, 6, 15, 66, 67));
    options.add(Option.bytes(OptionCode.CLIENT_ARCHITECTURE, 0, 7));
    options.add(Option.text(OptionCode.VENDOR_CLASS, "PXEClient:Arch:00007:UNDI:003016"));
    byte[] mac = ByteBuffer.allocate(6).putShort((short) LOCAL_MAC).putInt(client).array();
    var packet =
        new DhcpPacket(
            DhcpPacket.REQUEST,
            1,
            mac.length,
            0,
            client,
            0,
            0,
            Ipv4.ANY,
            Ipv4.ANY,
            Ipv4.ANY,
            Ipv4.ANY,
            mac,
            "",
            "",
            options);
    return DhcpCodec.encode(packet, 0).bytes();
  }

  /// Counts what it is given to send: nothing leaves, least of all an ACK of a lease on no disk.
  private static final class Nobody implements DatagramPort {
    final LongAdder replies = new LongAdder();
    private final InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), CLIENT_PORT);
    private final Semaphore room;

    Nobody(Semaphore room) {
      this.room = room;
    }

    @Override
    public InetSocketAddress localAddress() {
      return address;
    }

    @Override
    public boolean send(ByteBuffer payload, InetSocketAddress to) {
      replies.increment();
      room.release();
      return true;
    }

    @Override
    public void close() {}
  }

  /// Forgets every lease.
  private static final class Nowhere implements LeaseStore {
    @Override
    public List<Lease> all() {
      return List.of();
    }

    @Override
    public void commit(Collection<Lease> put, Collection<Inet4Address> drop) {}
  }

  /// All boot, and nobody is told.
  private static final class Decisions implements BootDecisions {
    @Override
    public BootAnswer answer(HardwareAddress mac, BootStage stage) {
      return new BootAnswer.Bootstrap("", "", List.of());
    }

    @Override
    public Optional<Inet4Address> fixedAddress(HardwareAddress mac) {
      return Optional.empty();
    }

    @Override
    public void reached(HardwareAddress mac, BootStage stage, String detail) {}

    @Override
    public void leased(HardwareAddress mac, String detail) {}

    @Override
    public void noticed(PxeError notice, String detail) {}
  }
}
