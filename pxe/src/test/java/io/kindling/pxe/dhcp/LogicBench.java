package io.kindling.pxe.dhcp;

import static io.kindling.pxe.dhcp.wire.MessageType.DISCOVER;
import static io.kindling.pxe.dhcp.wire.MessageType.REQUEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.FakeDecisions;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.PxeCounters;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.TestClock;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import java.net.Inet4Address;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A server of one network with two addresses to lend, and what tests ask of it.
abstract class LogicBench {
  static final Inet4Address SERVER = Ipv4.parse("10.20.0.1");
  static final Inet4Address FIRST = Ipv4.parse("10.20.0.100");
  static final Inet4Address SECOND = Ipv4.parse("10.20.0.101");
  static final Inet4Address FIXED = Ipv4.parse("10.20.0.10");
  static final Inet4Address ELSEWHERE = Ipv4.parse("192.0.2.7");
  static final HardwareAddress A = new HardwareAddress("52:54:00:00:00:01");
  static final HardwareAddress B = new HardwareAddress("52:54:00:00:00:02");
  static final HardwareAddress C = new HardwareAddress("52:54:00:00:00:03");

  final TestClock clock = new TestClock();
  final List<PxeError> errors = new ArrayList<>();
  final PxeCounters counters = new PxeCounters();
  final LeaseTable leases = new LeaseTable(List.of());
  final Set<String> files = new HashSet<>();
  final DhcpLogic logic =
      new DhcpLogic(
          leases, new Loaders(files::contains), (error, detail) -> errors.add(error), counters);
  DhcpConfig config =
      DhcpConfig.of(
              SERVER,
              24,
              AddressRange.parse("10.20.0.100-10.20.0.101"),
              URI.create("http://10.20.0.1:8080"))
          .withNames(
              Optional.of(Ipv4.parse("10.20.0.254")),
              List.of(SERVER),
              List.of(SERVER),
              Optional.of("rack1.example"));
  Optional<Inet4Address> fixed = Optional.empty();
  BootAnswer answer = FakeDecisions.BOOTSTRAP;

  Decision decide(Messages message) {
    return logic.decide(message.read(), answer, fixed, config, clock.instant());
  }

  static Decision.Reply reply(Decision decision) {
    return switch (decision) {
      case Decision.Send(Decision.Reply reply) -> reply;
      case Decision.Offer offer -> offer.reply();
      case Decision.CommitThenSend(var change, Decision.Reply reply) -> reply;
      default -> throw new AssertionError("no reply: " + decision);
    };
  }

  static MessageType type(Decision decision) {
    return reply(decision).packet().messageType().orElseThrow();
  }

  Inet4Address lease(HardwareAddress mac) {
    Inet4Address address = reply(decide(Messages.a(DISCOVER, mac))).packet().yiaddr();
    assertThat(type(take(mac, address))).isEqualTo(MessageType.ACK);
    return address;
  }

  /// The client takes what it was offered.
  Decision take(HardwareAddress mac, Inet4Address address) {
    return decide(Messages.a(REQUEST, mac).asking(address).to(SERVER));
  }

  static String text(DhcpPacket packet, int code) {
    return packet.option(code).orElseThrow().asText();
  }
}
