package io.kindling.pxe.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.FakeDecisions;
import io.kindling.pxe.FileCatalogue;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.MemoryLeaseStore;
import io.kindling.pxe.PxeCounter;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Whole servers against mutated datagrams: nothing may throw. `-Dkindling.fuzz.seconds=N` for each
/// server (30), `-Dkindling.fuzz.seed=N`, `-Dkindling.fuzz.keep=true` to keep what was found.
@Tag("full")
class DecodersFuzzTest {
  private static final InetSocketAddress CLIENT = new InetSocketAddress(Ipv4.of(0x0a140064), 68);
  private static final HardwareAddress MAC = new HardwareAddress("52:54:00:00:00:01");

  enum Target {
    DHCP(DecodersFuzzTest::dhcp),
    PROXY(DecodersFuzzTest::proxy),
    WATCH(DecodersFuzzTest::watch),
    TFTP(DecodersFuzzTest::tftp);

    private final Supplier<Function<byte[], String>> maker;

    Target(Supplier<Function<byte[], String>> maker) {
      this.maker = maker;
    }

    Function<byte[], String> target() {
      return maker.get();
    }

    Path corpus() {
      return Path.of("src/test/resources/fuzz", name().toLowerCase(java.util.Locale.ROOT) + ".hex");
    }
  }

  @ParameterizedTest
  @EnumSource(Target.class)
  void mutatedDatagramsThrowNothing(Target target) throws Exception {
    Mutator mutator =
        new Mutator(Long.getLong("kindling.fuzz.seed", 1), Mutator.read(target.corpus()));
    long seconds = Long.getLong("kindling.fuzz.seconds", 30);
    long inputs = mutator.run(seconds * 1_000_000_000L, target.target());
    System.out.printf(
        "fuzzed %s for %d s: %d inputs, %d kinds of outcome%n",
        target, seconds, inputs, mutator.outcomes());
    assertThat(inputs).isPositive();
    if (Boolean.getBoolean("kindling.fuzz.keep")) {
      mutator.keep(target.corpus());
    }
  }

  /// Notes what is sent, and that it can be read.
  private static final class Sink implements DatagramPort {
    private final List<String> sent = new ArrayList<>();

    @Override
    public InetSocketAddress localAddress() {
      return new InetSocketAddress(67);
    }

    @Override
    public boolean send(ByteBuffer payload, InetSocketAddress to) {
      sent.add(shape(payload) + (to.getPort() == 67 ? " to a relay" : ""));
      return true;
    }

    @Override
    public void close() {}

    String taken() {
      String all = sent.stream().limit(3).collect(Collectors.joining(","));
      sent.clear();
      return all;
    }
  }

  /// The codes of a DHCP reply, else the first two bytes.
  private static String shape(ByteBuffer payload) {
    if (DhcpCodec.decode(payload) instanceof Decoded.Parsed(var packet)) {
      assertThat(payload.remaining()).isBetween(300, 1472);
      return packet.options().stream().map(o -> "" + o.code()).collect(Collectors.joining("."));
    }
    return payload.remaining() < 2 ? "short" : "" + payload.getShort(payload.position());
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

  private static Function<byte[], String> dhcp() {
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
    return counted(counters, decisions, server::received);
  }

  private static Function<byte[], String> proxy() {
    var counters = new PxeCounters();
    var decisions = new FakeDecisions();
    DhcpConfig config = config();
    var server =
        new ProxyServer(() -> config, decisions, file -> true, counters, new TestClock(), 68);
    return counted(
        counters,
        decisions,
        (port, datagram) -> {
          server.received(port, datagram);
          server.bootService(port, datagram);
        });
  }

  private static Function<byte[], String> watch() {
    List<String> notices = new ArrayList<>();
    var watch =
        new ForeignWatch(
            new ForeignWatch.Place(DhcpMode.PROXY, false, Ipv4.parse("10.20.0.1"), MAC),
            (question, from) -> {},
            (notice, detail) -> notices.add(notice.id()),
            new TestClock());
    return input -> {
      watch.heard(new HardwareAddress("52:54:00:00:00:02"), ByteBuffer.wrap(input));
      String outcome = String.join(",", notices) + kind(input);
      notices.clear();
      return outcome;
    };
  }

  private static Function<byte[], String> tftp() {
    var counters = new PxeCounters();
    var server =
        new TftpServer(
            TftpConfig.DEFAULT,
            new FileCatalogue(Map.of(), Map.of("file", new byte[100_000], "text", new byte[3])),
            (client, file) -> {},
            counters,
            new TestClock(),
            System::nanoTime);
    return counted(
        counters,
        new FakeDecisions(),
        (port, datagram) -> {
          server.request(port, datagram);
          server.transfer(port, datagram);
        });
  }

  private static Function<byte[], String> counted(
      PxeCounters counters, FakeDecisions decisions, DatagramPort.Receiver receiver) {
    var sink = new Sink();
    return input -> {
      Map<PxeCounter, Long> before = counters.snapshot();
      receiver.received(sink, new DatagramPort.Datagram(ByteBuffer.wrap(input), CLIENT, 1));
      decisions.reached.clear();
      decisions.noticed.clear();
      String counted =
          counters.snapshot().entrySet().stream()
              .filter(e -> !e.getValue().equals(before.get(e.getKey())))
              .map(e -> e.getKey().name())
              .sorted()
              .collect(Collectors.joining(","));
      return counted + " " + sink.taken() + kind(input);
    };
  }

  /// Why an input was not read, without its numbers.
  private static String kind(byte[] input) {
    return DhcpCodec.decode(ByteBuffer.wrap(input)) instanceof Decoded.Malformed(var reason, var at)
        ? " " + reason.replaceAll("[0-9]+", "#")
        : "";
  }
}
