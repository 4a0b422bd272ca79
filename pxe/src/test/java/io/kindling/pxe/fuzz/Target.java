package io.kindling.pxe.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.FakeDecisions;
import io.kindling.pxe.FileCatalogue;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.MemoryLeaseStore;
import io.kindling.pxe.PxeCounters;
import io.kindling.pxe.TestClock;
import io.kindling.pxe.dhcp.AddressRange;
import io.kindling.pxe.dhcp.DhcpConfig;
import io.kindling.pxe.dhcp.DhcpMode;
import io.kindling.pxe.dhcp.DhcpServer;
import io.kindling.pxe.dhcp.ForeignWatch;
import io.kindling.pxe.dhcp.LeaseCommitter;
import io.kindling.pxe.dhcp.LeaseTable;
import io.kindling.pxe.dhcp.OfferProbes;
import io.kindling.pxe.dhcp.ProxyServer;
import io.kindling.pxe.dhcp.Subnet;
import io.kindling.pxe.dhcp.wire.Decoded;
import io.kindling.pxe.dhcp.wire.DhcpCodec;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.net.DatagramPort;
import io.kindling.pxe.tftp.TftpConfig;
import io.kindling.pxe.tftp.TftpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// What is fuzzed: whole servers without their sockets. Each takes any bytes and throws nothing.
enum Target {
  DHCP(Target::dhcp),
  PROXY(Target::proxy),
  WATCH(Target::watch),
  TFTP(Target::tftp),
  HTTP(HttpTarget::new);

  private static final InetSocketAddress CLIENT = new InetSocketAddress(Ipv4.of(0x0a140064), 68);
  private static final HardwareAddress MAC = new HardwareAddress("52:54:00:00:00:01");

  private final Supplier<Consumer<byte[]>> maker;

  Target(Supplier<Consumer<byte[]>> maker) {
    this.maker = maker;
  }

  /// A server of its own.
  Consumer<byte[]> start() {
    return maker.get();
  }

  /// Notes what is sent, and that it can be read.
  private static final class Sink implements DatagramPort {
    @Override
    public InetSocketAddress localAddress() {
      return new InetSocketAddress(67);
    }

    @Override
    public boolean send(ByteBuffer payload, InetSocketAddress to) {
      if (DhcpCodec.decode(payload) instanceof Decoded.Parsed) {
        assertThat(payload.remaining()).isBetween(300, 1472);
      }
      return true;
    }

    @Override
    public void close() {}
  }

  private static DhcpConfig config() {
    DhcpConfig config =
        DhcpConfig.of(
                Ipv4.parse("10.20.0.1"),
                24,
                AddressRange.parse("10.20.0.100-10.20.0.103"),
                URI.create("http://10.20.0.1"))
            .withProbeWait(Duration.ZERO);
    return config.withNetworks(
        config.local(),
        List.of(
            Subnet.of(
                Ipv4.parse("10.30.0.1"),
                24,
                List.of(AddressRange.parse("10.30.0.100-10.30.0.103")))));
  }

  private static Consumer<byte[]> dhcp() {
    var counters = new PxeCounters();
    var clock = new TestClock();
    var decisions = new FakeDecisions();
    var leases = new LeaseTable(List.of());
    var committer = new LeaseCommitter(new MemoryLeaseStore(), leases, decisions, counters, clock);
    DhcpConfig config = config();
    var server =
        new DhcpServer(
            () -> config,
            decisions,
            file -> true,
            leases,
            committer,
            (address, mac) -> 0,
            new OfferProbes((address, onThisLink) -> true, (wait, task) -> {}, counters),
            DhcpServer.Gate.open(),
            counters,
            clock,
            68);
    return receiving(decisions, server::received);
  }

  private static Consumer<byte[]> proxy() {
    var counters = new PxeCounters();
    var decisions = new FakeDecisions();
    DhcpConfig config = config();
    var server =
        new ProxyServer(() -> config, decisions, file -> true, counters, new TestClock(), 68);
    return receiving(
        decisions,
        (port, datagram) -> {
          server.received(port, datagram);
          server.bootService(port, datagram);
        });
  }

  private static Consumer<byte[]> watch() {
    List<String> notices = new ArrayList<>();
    var watch =
        new ForeignWatch(
            new ForeignWatch.Place(DhcpMode.PROXY, false, Ipv4.parse("10.20.0.1"), MAC),
            (question, from) -> {},
            (notice, detail) -> notices.add(notice.id()),
            new TestClock());
    return input -> {
      watch.heard(new HardwareAddress("52:54:00:00:00:02"), ByteBuffer.wrap(input));
      notices.clear();
    };
  }

  private static Consumer<byte[]> tftp() {
    var counters = new PxeCounters();
    var server =
        new TftpServer(
            TftpConfig.DEFAULT,
            new FileCatalogue(Map.of(), Map.of("file", new byte[100_000], "text", new byte[3])),
            (client, file) -> {},
            counters,
            new TestClock(),
            System::nanoTime);
    return receiving(
        new FakeDecisions(),
        (port, datagram) -> {
          server.request(port, datagram);
          server.transfer(port, datagram);
        });
  }

  private static Consumer<byte[]> receiving(
      FakeDecisions decisions, DatagramPort.Receiver receiver) {
    var sink = new Sink();
    return input -> {
      receiver.received(sink, new DatagramPort.Datagram(ByteBuffer.wrap(input), CLIENT, 1));
      decisions.reached.clear();
      decisions.noticed.clear();
    };
  }
}
