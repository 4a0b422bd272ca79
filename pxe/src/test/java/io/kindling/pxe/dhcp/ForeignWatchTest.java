package io.kindling.pxe.dhcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.TestClock;
import io.kindling.pxe.dhcp.wire.Decoded;
import io.kindling.pxe.dhcp.wire.DhcpCodec;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ForeignWatchTest {
  private static final Inet4Address OWN = Ipv4.parse("10.20.0.1");
  private static final Inet4Address OTHER = Ipv4.parse("10.20.0.5");
  private static final Inet4Address OFFERED = Ipv4.parse("10.20.0.77");
  private static final HardwareAddress MAC = new HardwareAddress("52:54:00:00:00:01");
  private static final HardwareAddress ITS_MAC = new HardwareAddress("52:54:00:00:00:05");

  private final TestClock clock = new TestClock();
  private final List<DhcpPacket> asked = new ArrayList<>();
  private final List<PxeError> notices = new ArrayList<>();
  private final List<String> details = new ArrayList<>();

  private ForeignWatch watch(DhcpMode mode, boolean beside) {
    return new ForeignWatch(
        new ForeignWatch.Place(mode, beside, OWN, MAC),
        (bytes, from) -> {
          DhcpPacket packet = ((Decoded.Parsed) DhcpCodec.decode(bytes)).packet();
          assertThat(packet.ciaddr()).isEqualTo(from);
          asked.add(packet);
        },
        (notice, detail) -> {
          notices.add(notice);
          details.add(detail);
        },
        clock);
  }

  private static ByteBuffer reply(MessageType type, Inet4Address server, String file) {
    return reply(type, server, file, Ipv4.ANY);
  }

  private static ByteBuffer reply(
      MessageType type, Inet4Address server, String file, Inet4Address relay) {
    return DhcpCodec.encode(
            new DhcpPacket(
                2,
                1,
                6,
                0,
                7,
                0,
                0,
                Ipv4.ANY,
                OFFERED,
                Ipv4.ANY,
                relay,
                MAC.bytes(),
                "",
                file,
                List.of(type.option(), Option.address(54, server))),
            0)
        .bytes();
  }

  @Test
  void nobodyIsAnsweredBeforeTheFirstLookIsOver() {
    ForeignWatch watch = watch(DhcpMode.SERVER, false);
    watch.tick();
    assertThat(asked)
        .extracting(packet -> packet.messageType().orElseThrow())
        .containsExactly(MessageType.DISCOVER, MessageType.INFORM);
    assertThat(watch.mayAnswer()).isFalse();
    assertThat(watch.silence()).contains("looking for other DHCP servers");
    clock.advance(ForeignWatch.FIRST_LOOK);
    assertThat(watch.mayAnswer()).isTrue();
    assertThat(watch.silence()).isEmpty();
    assertThat(notices).isEmpty();
  }

  @Test
  void aServerThatIsFoundFirstSilencesThisOneUntilItIsGone() {
    ForeignWatch watch = watch(DhcpMode.SERVER, false);
    watch.tick();
    watch.heard(ITS_MAC, reply(MessageType.OFFER, OTHER, ""));
    clock.advance(Duration.ofSeconds(20));
    watch.tick();
    assertThat(watch.mayAnswer()).isFalse();
    assertThat(notices).containsExactly(PxeError.FOREIGN_SERVER_SILENCES);
    assertThat(details.getFirst()).isEqualTo("10.20.0.5 (52:54:00:00:00:05), offers 10.20.0.77.");
    assertThat(watch.silence().orElseThrow()).contains("10.20.0.5");
    assertThat(watch.servers())
        .singleElement()
        .satisfies(server -> {
          assertThat(server.address()).isEqualTo(OTHER);
          assertThat(server.mac()).isEqualTo(ITS_MAC);
          assertThat(server.offered()).contains(OFFERED);
        });
    clock.advance(Duration.ofSeconds(36));
    watch.tick();
    assertThat(notices)
        .containsExactly(PxeError.FOREIGN_SERVER_SILENCES, PxeError.FOREIGN_SERVER_GONE);
    assertThat(watch.mayAnswer()).isTrue();
  }

  @Test
  void anotherMachineWithThisOnesAddressIsAnotherServerAndSaidToBeItsPredecessor() {
    ForeignWatch watch = watch(DhcpMode.SERVER, false);
    watch.tick();
    watch.heard(MAC, reply(MessageType.OFFER, OWN, "")); // its own words
    assertThat(watch.servers()).isEmpty();
    watch.heard(ITS_MAC, reply(MessageType.OFFER, OWN, ""));
    clock.advance(ForeignWatch.FIRST_LOOK);
    assertThat(watch.mayAnswer()).isFalse();
    assertThat(notices).containsExactly(PxeError.FOREIGN_SERVER_SILENCES);
    assertThat(watch.silence().orElseThrow())
        .contains("10.20.0.1 (52:54:00:00:00:05)", "the one that it was restored from?");
  }

  @Test
  void aServerThatAppearsLaterIsReportedOnceAndMachinesAreServedOn() {
    ForeignWatch watch = watch(DhcpMode.SERVER, false);
    clock.advance(ForeignWatch.FIRST_LOOK);
    assertThat(watch.mayAnswer()).isTrue();
    watch.lent();
    for (int i = 0; i < 3; i++) {
      watch.heard(ITS_MAC, reply(MessageType.ACK, OTHER, ""));
    }
    assertThat(watch.mayAnswer()).isTrue();
    assertThat(notices).containsExactly(PxeError.FOREIGN_SERVER);
  }

  @Test
  void aServerThatIsSlowToOfferStillSilencesAnAppliaceThatHasLentNothing() {
    ForeignWatch watch = watch(DhcpMode.SERVER, false);
    clock.advance(ForeignWatch.FIRST_LOOK.plusSeconds(2));
    assertThat(watch.mayAnswer()).isTrue();
    watch.heard(ITS_MAC, reply(MessageType.OFFER, OTHER, ""));
    assertThat(watch.mayAnswer()).isFalse();
  }

  @Test
  void whoeverAsksForItServesBesideOthersAndIsToldAllTheSame() {
    ForeignWatch watch = watch(DhcpMode.SERVER, true);
    watch.heard(ITS_MAC, reply(MessageType.OFFER, OTHER, ""));
    assertThat(watch.mayAnswer()).isTrue();
    assertThat(notices).containsExactly(PxeError.FOREIGN_SERVER);
  }

  @Test
  void aProxyExpectsASitesServerAndSaysWhenThereIsNone() {
    ForeignWatch watch = watch(DhcpMode.PROXY, false);
    watch.tick();
    assertThat(watch.mayAnswer()).isTrue();
    for (int i = 0; i < 20; i++) {
      clock.advance(Duration.ofSeconds(1));
      watch.tick();
    }
    assertThat(notices).containsExactly(PxeError.NO_SITE_SERVER);
    watch.heard(ITS_MAC, reply(MessageType.OFFER, OTHER, ""));
    assertThat(notices).containsExactly(PxeError.NO_SITE_SERVER, PxeError.SITE_SERVER_FOUND);
  }

  @Test
  void aSitesServerThatSaysWhatToBootIsNamed() {
    ForeignWatch watch = watch(DhcpMode.PROXY, false);
    watch.heard(ITS_MAC, reply(MessageType.OFFER, OTHER, "pxelinux.0"));
    assertThat(notices).containsExactly(PxeError.SITE_SERVER_FOUND, PxeError.SITE_SERVER_BOOTS);
    assertThat(details.getLast()).contains("boot file pxelinux.0");
  }

  @Test
  void itsOwnWordsAndNoiseAreNoOtherServer() {
    ForeignWatch watch = watch(DhcpMode.SERVER, false);
    watch.heard(MAC, reply(MessageType.OFFER, OTHER, ""));
    watch.heard(ITS_MAC, reply(MessageType.OFFER, OWN, "", Ipv4.parse("10.30.0.1"))); // a relay's
    watch.heard(ITS_MAC, ByteBuffer.allocate(10));
    watch.heard(
        ITS_MAC, DhcpCodec.encode(Messages.a(MessageType.DISCOVER, MAC).packet(), 0).bytes());
    assertThat(watch.servers()).isEmpty();
    assertThat(notices).isEmpty();
  }

  @Test
  void spoofedServersDoNotFillTheMemory() {
    ForeignWatch watch = watch(DhcpMode.SERVER, false);
    for (int i = 0; i < ForeignWatch.MAX_SERVERS + 1; i++) {
      watch.heard(ITS_MAC, reply(MessageType.OFFER, Ipv4.of(0x0a140200 + i), ""));
    }
    assertThat(watch.servers()).hasSize(ForeignWatch.MAX_SERVERS);
  }

  @Test
  void itLooksEveryMinuteAndMoreOftenWhileSilent() {
    ForeignWatch watch = watch(DhcpMode.SERVER, false);
    clock.advance(ForeignWatch.FIRST_LOOK);
    watch.tick();
    int before = asked.size();
    clock.advance(Duration.ofSeconds(59));
    watch.tick();
    assertThat(asked).hasSize(before);
    clock.advance(Duration.ofSeconds(1));
    watch.tick();
    assertThat(asked).hasSize(before + 2);
    watch.heard(ITS_MAC, reply(MessageType.OFFER, OTHER, ""));
    clock.advance(ForeignWatch.LOOK_EVERY_WHILE_SILENT);
    watch.tick();
    assertThat(asked).hasSize(before + 4);
    assertThat(watch.servers())
        .extracting(ForeignServer::offered)
        .containsExactly(Optional.of(OFFERED));
  }
}
