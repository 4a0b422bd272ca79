package io.kindling.pxe.dhcp;

import static io.kindling.pxe.dhcp.wire.MessageType.DECLINE;
import static io.kindling.pxe.dhcp.wire.MessageType.DISCOVER;
import static io.kindling.pxe.dhcp.wire.MessageType.INFORM;
import static io.kindling.pxe.dhcp.wire.MessageType.RELEASE;
import static io.kindling.pxe.dhcp.wire.MessageType.REQUEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.FakeDecisions;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.TestClock;
import io.kindling.pxe.dhcp.Decision.Destination;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.net.Inet4Address;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DhcpLogicTest {
  private static final Inet4Address SERVER = Ipv4.parse("10.20.0.1");
  private static final Inet4Address FIRST = Ipv4.parse("10.20.0.100");
  private static final Inet4Address SECOND = Ipv4.parse("10.20.0.101");
  private static final Inet4Address FIXED = Ipv4.parse("10.20.0.10");
  private static final Inet4Address ELSEWHERE = Ipv4.parse("192.0.2.7");
  private static final HardwareAddress A = new HardwareAddress("52:54:00:00:00:01");
  private static final HardwareAddress B = new HardwareAddress("52:54:00:00:00:02");
  private static final HardwareAddress C = new HardwareAddress("52:54:00:00:00:03");

  private final TestClock clock = new TestClock();
  private final List<PxeError> errors = new ArrayList<>();
  private final LeaseTable leases = new LeaseTable(List.of());
  private final DhcpLogic logic = new DhcpLogic(leases, (error, detail) -> errors.add(error));
  private DhcpConfig config =
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
  private Optional<Inet4Address> fixed = Optional.empty();
  private BootAnswer answer = FakeDecisions.BOOTSTRAP;

  private Decision decide(Messages message) {
    return logic.decide(message.read(), answer, fixed, config, clock.instant());
  }

  private static Decision.Reply reply(Decision decision) {
    return switch (decision) {
      case Decision.Send(Decision.Reply reply) -> reply;
      case Decision.CommitThenSend(var change, Decision.Reply reply) -> reply;
      default -> throw new AssertionError("no reply: " + decision);
    };
  }

  private static MessageType type(Decision decision) {
    return reply(decision).packet().messageType().orElseThrow();
  }

  private Inet4Address lease(HardwareAddress mac) {
    Inet4Address address = reply(decide(Messages.a(DISCOVER, mac))).packet().yiaddr();
    assertThat(type(decide(Messages.a(REQUEST, mac).asking(address).to(SERVER))))
        .isEqualTo(MessageType.ACK);
    return address;
  }

  private static String text(DhcpPacket packet, int code) {
    return packet.option(code).orElseThrow().asText();
  }

  // RFC 2131 §4.3.1: DISCOVER

  @Test
  void discoverGetsAnOfferThatIsNotCommitted() {
    Decision decision = decide(Messages.a(DISCOVER, A));
    assertThat(decision).isInstanceOf(Decision.Send.class);
    DhcpPacket offer = reply(decision).packet();
    assertThat(type(decision)).isEqualTo(MessageType.OFFER);
    assertThat(offer.op()).isEqualTo(DhcpPacket.REPLY);
    assertThat(offer.xid()).isEqualTo(0xcafe);
    assertThat(offer.yiaddr()).isEqualTo(FIRST);
    assertThat(offer.ciaddr()).isEqualTo(Ipv4.ANY);
    assertThat(offer.option(OptionCode.SERVER_ID).orElseThrow().asAddress()).contains(SERVER);
    assertThat(offer.option(OptionCode.LEASE_TIME)).contains(Option.seconds(51, 3600));
    assertThat(offer.option(OptionCode.RENEWAL_TIME)).contains(Option.seconds(58, 1800));
    assertThat(offer.option(OptionCode.REBINDING_TIME)).contains(Option.seconds(59, 3150));
    assertThat(offer.option(OptionCode.SUBNET_MASK)).contains(Option.bytes(1, 255, 255, 255, 0));
    assertThat(offer.option(OptionCode.BROADCAST_ADDRESS))
        .contains(Option.bytes(28, 10, 20, 0, 255));
    assertThat(offer.option(OptionCode.ROUTER)).contains(Option.bytes(3, 10, 20, 0, 254));
    assertThat(offer.option(OptionCode.DNS)).contains(Option.bytes(6, 10, 20, 0, 1));
    assertThat(offer.option(OptionCode.NTP)).contains(Option.bytes(42, 10, 20, 0, 1));
    assertThat(text(offer, OptionCode.DOMAIN_NAME)).isEqualTo("rack1.example");
  }

  @Test
  void firmwareLoaderAndSystemOfOneMachineShareOneLeaseWhateverTheirClientIds() {
    Inet4Address address = lease(A);
    Option firmware = Option.bytes(61, 0, 1, 2, 3);
    DhcpPacket offer = reply(decide(Messages.a(DISCOVER, A).with(firmware))).packet();
    assertThat(offer.yiaddr()).isEqualTo(address);
    assertThat(offer.option(61)).contains(firmware);
    assertThat(
            reply(decide(Messages.a(DISCOVER, A).with(Option.bytes(61, 255, 9)))).packet().yiaddr())
        .isEqualTo(address);
  }

  @Test
  void theRequestedAddressIsGivenWhereItIsFree() {
    assertThat(reply(decide(Messages.a(DISCOVER, A).asking(SECOND))).packet().yiaddr())
        .isEqualTo(SECOND);
    assertThat(reply(decide(Messages.a(DISCOVER, B).asking(SECOND))).packet().yiaddr())
        .isEqualTo(FIRST);
  }

  @Test
  void anOfferedAddressIsKeptForItsClientForAWhileOnly() {
    decide(Messages.a(DISCOVER, A));
    decide(Messages.a(DISCOVER, B));
    assertThat(decide(Messages.a(DISCOVER, C))).isInstanceOf(Decision.Ignore.class);
    assertThat(errors).containsExactly(PxeError.POOL_EXHAUSTED);
    clock.advance(config.offerHold().plusSeconds(1));
    assertThat(type(decide(Messages.a(DISCOVER, C)))).isEqualTo(MessageType.OFFER);
  }

  @Test
  void theLeastRecentlyUsedExpiredLeaseIsReused() {
    lease(A);
    clock.advance(Duration.ofMinutes(5));
    lease(B);
    clock.advance(Duration.ofHours(2));
    assertThat(lease(C)).isEqualTo(FIRST);
  }

  @Test
  void aReturningClientGetsItsOldAddressBackLongAfterItsLeaseEnded() {
    lease(A);
    Inet4Address address = lease(B);
    clock.advance(Duration.ofDays(30));
    assertThat(reply(decide(Messages.a(DISCOVER, B))).packet().yiaddr()).isEqualTo(address);
  }

  @Test
  void aFixedAddressIsGivenThoughThePoolHasOthers() {
    fixed = Optional.of(FIXED);
    assertThat(lease(A)).isEqualTo(FIXED);
  }

  @Test
  void aFixedAddressThatAnotherMachineHoldsIsNotGivenTwice() {
    assertThat(lease(A)).isEqualTo(FIRST);
    fixed = Optional.of(FIRST);
    assertThat(reply(decide(Messages.a(DISCOVER, B))).packet().yiaddr()).isEqualTo(SECOND);
    assertThat(errors).containsExactly(PxeError.FIXED_ADDRESS_TAKEN);
  }

  @Test
  void aFixedAddressOfAnotherNetworkIsReportedAndThePoolUsed() {
    fixed = Optional.of(ELSEWHERE);
    assertThat(reply(decide(Messages.a(DISCOVER, B))).packet().yiaddr()).isEqualTo(FIRST);
    assertThat(errors).containsExactly(PxeError.FIXED_ADDRESS_OUTSIDE);
  }

  @Test
  void excludedAddressesServerAndRouterAreNeverLent() {
    config =
        config.withPool(AddressRange.parse("10.20.0.1-10.20.0.3"), Set.of(Ipv4.parse("10.20.0.2")));
    assertThat(reply(decide(Messages.a(DISCOVER, A))).packet().yiaddr())
        .isEqualTo(Ipv4.parse("10.20.0.3"));
    assertThat(config.poolSize()).isEqualTo(1);
  }

  // RFC 2131 §4.3.2: REQUEST

  @Test
  void selectingClientGetsAnAckThatWaitsForItsCommit() {
    decide(Messages.a(DISCOVER, A));
    Decision decision = decide(Messages.a(REQUEST, A).asking(FIRST).to(SERVER));
    assertThat(decision).isInstanceOf(Decision.CommitThenSend.class);
    assertThat(((Decision.CommitThenSend) decision).change().put())
        .singleElement()
        .satisfies(lease -> {
          assertThat(lease.mac()).isEqualTo(A);
          assertThat(lease.address()).isEqualTo(FIRST);
          assertThat(lease.expires()).isEqualTo(clock.instant().plus(config.leaseTime()));
        });
    assertThat(reply(decision).packet().yiaddr()).isEqualTo(FIRST);
  }

  @Test
  void selectingClientThatTookAnotherServerIsLeftAloneAndItsOfferFreed() {
    decide(Messages.a(DISCOVER, A));
    assertThat(decide(Messages.a(REQUEST, A).asking(ELSEWHERE).to(ELSEWHERE)))
        .isInstanceOf(Decision.Ignore.class);
    assertThat(lease(B)).isEqualTo(SECOND);
    assertThat(lease(C)).isEqualTo(FIRST);
  }

  @Test
  void selectingClientWhoseAddressWentToAnotherGetsANak() {
    Inet4Address address = lease(A);
    assertThat(type(decide(Messages.a(REQUEST, B).asking(address).to(SERVER))))
        .isEqualTo(MessageType.NAK);
  }

  @Test
  void selectingClientIsAcknowledgedByAServerThatForgotItsOffer() {
    assertThat(type(decide(Messages.a(REQUEST, A).asking(SECOND).to(SERVER))))
        .isEqualTo(MessageType.ACK);
  }

  @Test
  void selectingClientThatWantsAnAddressOutsideThePoolGetsANak() {
    assertThat(type(decide(Messages.a(REQUEST, A).asking(FIXED).to(SERVER))))
        .isEqualTo(MessageType.NAK);
  }

  @Test
  void rebootingClientWithItsLeaseGetsAnAck() {
    Inet4Address address = lease(A);
    assertThat(type(decide(Messages.a(REQUEST, A).asking(address)))).isEqualTo(MessageType.ACK);
  }

  @Test
  void rebootingClientFromAnotherNetworkGetsABroadcastNak() {
    Decision decision = decide(Messages.a(REQUEST, A).asking(ELSEWHERE));
    assertThat(type(decision)).isEqualTo(MessageType.NAK);
    assertThat(reply(decision).destination()).isEqualTo(new Destination.Broadcast());
    assertThat(reply(decision).packet().yiaddr()).isEqualTo(Ipv4.ANY);
    assertThat(reply(decision).packet().option(OptionCode.LEASE_TIME)).isEmpty();
  }

  @Test
  void rebootingClientWithAWrongAddressGetsANak() {
    lease(A);
    assertThat(type(decide(Messages.a(REQUEST, A).asking(SECOND)))).isEqualTo(MessageType.NAK);
  }

  @Test
  void rebootingClientTheServerDoesNotKnowGetsNoAnswer() {
    assertThat(decide(Messages.a(REQUEST, A).asking(FIRST))).isInstanceOf(Decision.Ignore.class);
  }

  @Test
  void rebootingClientWhoseAddressWasReusedGetsANak() {
    Inet4Address address = lease(A);
    lease(B);
    clock.advance(Duration.ofHours(2));
    assertThat(lease(C)).isEqualTo(address);
    fixed = Optional.empty();
    assertThat(decide(Messages.a(REQUEST, A).asking(address))).isInstanceOf(Decision.Ignore.class);
    assertThat(type(decide(Messages.a(REQUEST, B).asking(address)))).isEqualTo(MessageType.NAK);
  }

  @Test
  void renewingClientWithoutOption50GetsAnAck() {
    Inet4Address address = lease(A);
    clock.advance(Duration.ofMinutes(30));
    Decision decision = decide(Messages.a(REQUEST, A).from(address));
    assertThat(type(decision)).isEqualTo(MessageType.ACK);
    assertThat(reply(decision).packet().yiaddr()).isEqualTo(address);
    assertThat(reply(decision).packet().ciaddr()).isEqualTo(address);
    assertThat(reply(decision).destination()).isEqualTo(new Destination.Client(address));
    assertThat(leases.active(clock.instant()))
        .singleElement()
        .satisfies(lease ->
            assertThat(lease.expires()).isEqualTo(clock.instant().plus(config.leaseTime())));
  }

  @Test
  void rebindingClientIsExtendedWhenNobodyHasItsAddressThoughTheServerForgotIt() {
    assertThat(type(decide(Messages.a(REQUEST, A).from(FIRST)))).isEqualTo(MessageType.ACK);
  }

  @Test
  void renewingClientWhoseAddressAnotherMachineHasGetsANak() {
    Inet4Address address = lease(A);
    assertThat(type(decide(Messages.a(REQUEST, B).from(address)))).isEqualTo(MessageType.NAK);
  }

  @Test
  void renewingClientOfAnotherNetworkGetsANak() {
    assertThat(type(decide(Messages.a(REQUEST, A).from(ELSEWHERE)))).isEqualTo(MessageType.NAK);
  }

  @Test
  void renewalOfAStaticAddressOutsideThePoolIsNotOurBusiness() {
    assertThat(decide(Messages.a(REQUEST, A).from(FIXED))).isInstanceOf(Decision.Ignore.class);
  }

  @Test
  void aMachineThatGetsAFixedAddressKeepsItsRunningLeaseUntilItAsksAnew() {
    Inet4Address address = lease(A);
    fixed = Optional.of(FIXED);
    assertThat(type(decide(Messages.a(REQUEST, A).from(address)))).isEqualTo(MessageType.ACK);
    assertThat(type(decide(Messages.a(REQUEST, A).asking(address)))).isEqualTo(MessageType.NAK);
    decide(Messages.a(DISCOVER, A));
    Decision.CommitThenSend moved =
        (Decision.CommitThenSend) decide(Messages.a(REQUEST, A).asking(FIXED).to(SERVER));
    assertThat(moved.change().drop()).containsExactly(address);
    assertThat(lease(B)).isNotEqualTo(FIXED);
  }

  // RFC 2131 §4.3.3 to §4.3.5: DECLINE, RELEASE, INFORM

  @Test
  void aDeclinedAddressIsLeftAloneForAWhile() {
    Inet4Address address = lease(A);
    Decision decision = decide(Messages.a(DECLINE, A).asking(address).to(SERVER));
    assertThat(decision).isInstanceOf(Decision.Commit.class);
    assertThat(((Decision.Commit) decision).change().put())
        .singleElement()
        .satisfies(lease -> assertThat(lease.declined()).isTrue());
    assertThat(errors).containsExactly(PxeError.ADDRESS_DECLINED);
    assertThat(lease(A)).isEqualTo(SECOND);
    assertThat(decide(Messages.a(DISCOVER, B))).isInstanceOf(Decision.Ignore.class);
    clock.advance(config.declineQuarantine().plusSeconds(1));
    assertThat(reply(decide(Messages.a(DISCOVER, B))).packet().yiaddr()).isEqualTo(address);
  }

  @Test
  void nobodyDeclinesTheAddressOfAnother() {
    Inet4Address address = lease(A);
    assertThat(decide(Messages.a(DECLINE, B).asking(address).to(SERVER)))
        .isInstanceOf(Decision.Ignore.class);
    assertThat(leases.holder(address, clock.instant())).contains(A);
  }

  @Test
  void aReleasedAddressIsFreeAndGetsNoReply() {
    Inet4Address address = lease(A);
    lease(B);
    assertThat(decide(Messages.a(RELEASE, A).from(address).to(SERVER)))
        .isInstanceOf(Decision.Commit.class);
    assertThat(leases.holder(address, clock.instant())).isEmpty();
    assertThat(lease(C)).isEqualTo(address);
  }

  @Test
  void nobodyReleasesTheAddressOfAnother() {
    Inet4Address address = lease(A);
    assertThat(decide(Messages.a(RELEASE, B).from(address).to(SERVER)))
        .isInstanceOf(Decision.Ignore.class);
    assertThat(leases.holder(address, clock.instant())).contains(A);
  }

  @Test
  void informGetsOptionsWithoutAddressAndLeaseTime() {
    Decision decision = decide(Messages.a(INFORM, A).from(FIXED));
    assertThat(decision).isInstanceOf(Decision.Send.class);
    DhcpPacket ack = reply(decision).packet();
    assertThat(type(decision)).isEqualTo(MessageType.ACK);
    assertThat(ack.yiaddr()).isEqualTo(Ipv4.ANY);
    assertThat(ack.option(OptionCode.LEASE_TIME)).isEmpty();
    assertThat(ack.option(OptionCode.DNS)).isPresent();
    assertThat(reply(decision).destination()).isEqualTo(new Destination.Client(FIXED));
  }

  @Test
  void aServersMessageIsIgnored() {
    assertThat(decide(Messages.a(MessageType.OFFER, A))).isInstanceOf(Decision.Ignore.class);
  }

  // RFC 2131 §4.1: where replies go

  @Test
  void repliesGoToTheRelayThenTheClientThenEverybodyThenTheNewAddress() {
    assertThat(reply(decide(Messages.a(DISCOVER, A))).destination())
        .isEqualTo(new Destination.Unconfigured(FIRST, A));
    assertThat(reply(decide(Messages.a(DISCOVER, A).broadcast())).destination())
        .isEqualTo(new Destination.Broadcast());
    assertThat(reply(decide(Messages.a(DISCOVER, A).broadcast().via(ELSEWHERE))).destination())
        .isEqualTo(new Destination.Relay(ELSEWHERE));
  }

  @Test
  void aNakThroughARelayCarriesTheBroadcastFlag() {
    Decision decision = decide(Messages.a(REQUEST, A).asking(ELSEWHERE).via(FIXED));
    assertThat(reply(decision).destination()).isEqualTo(new Destination.Relay(FIXED));
    assertThat(reply(decision).packet().wantsBroadcast()).isTrue();
  }

  @Test
  void relayInformationAndMachineIdAreEchoed() {
    Option relay = Option.bytes(82, 1, 2, 3, 4);
    Option uuid = new Option(97, new byte[17]);
    DhcpPacket offer = reply(decide(Messages.a(DISCOVER, A).with(relay).with(uuid))).packet();
    assertThat(offer.option(82)).contains(relay);
    assertThat(offer.option(97)).contains(uuid);
  }

  // Booting

  @Test
  void anInstalledSystemGetsNoBootOptions() {
    DhcpPacket offer = reply(decide(Messages.a(DISCOVER, A))).packet();
    assertThat(offer.file()).isEmpty();
    assertThat(offer.siaddr()).isEqualTo(Ipv4.ANY);
    assertThat(offer.option(66)).isEmpty();
    assertThat(offer.option(67)).isEmpty();
  }

  @Test
  void aBiosGetsIpxeInFileAndOptionsAndLooksForNoOtherServer() {
    DhcpPacket offer = reply(decide(Messages.a(DISCOVER, A).firmware(0))).packet();
    assertThat(offer.file()).isEqualTo("undionly.kpxe");
    assertThat(offer.siaddr()).isEqualTo(SERVER);
    assertThat(text(offer, 66)).isEqualTo("10.20.0.1");
    assertThat(text(offer, 67)).isEqualTo("undionly.kpxe");
    assertThat(text(offer, 60)).isEqualTo("PXEClient");
    assertThat(offer.option(43)).contains(Option.bytes(43, 6, 1, 8, 255));
  }

  @Test
  void uefiGetsShimUnderEitherOfItsArchitectures() {
    for (int architecture : new int[] {7, 9}) {
      DhcpPacket offer = reply(decide(Messages.a(DISCOVER, A).firmware(architecture))).packet();
      assertThat(offer.file()).isEqualTo("shimx64.efi");
      assertThat(offer.option(43)).isEmpty();
    }
  }

  @Test
  void ipxeGetsTheAddressOfItsScriptHoweverItNamesItself() {
    String url = "http://10.20.0.1:8080/boot/v1/ipxe?mac=52:54:00:00:00:01";
    for (Option name :
        List.of(
            Option.text(77, "iPXE"),
            Option.bytes(77, 4, 'i', 'P', 'X', 'E'),
            Option.bytes(77, 1, 'x', 4, 'i', 'P', 'X', 'E'),
            Option.bytes(175, 1, 1, 1))) {
      for (int architecture : new int[] {0, 7, 11}) {
        DhcpPacket offer =
            reply(decide(Messages.a(DISCOVER, A).firmware(architecture).with(name))).packet();
        assertThat(offer.file()).isEqualTo(url);
        assertThat(text(offer, 67)).isEqualTo(url);
      }
    }
  }

  @Test
  void uefiHttpBootGetsAUrlAndItsOwnClass() {
    DhcpPacket offer =
        reply(
                decide(
                    Messages.a(DISCOVER, A)
                        .with(Option.text(60, "HTTPClient:Arch:00016:UNDI:003001"))
                        .with(Option.bytes(93, 0, 16))))
            .packet();
    assertThat(text(offer, 67)).isEqualTo("http://10.20.0.1:8080/boot/files/shimx64.efi");
    assertThat(text(offer, 60)).isEqualTo("HTTPClient");
  }

  @Test
  void architectureIsReadFromTheVendorClassWhereOption93IsMissing() {
    DhcpPacket offer =
        reply(
                decide(
                    Messages.a(DISCOVER, A)
                        .with(Option.text(60, "PXEClient:Arch:00007:UNDI:003016"))))
            .packet();
    assertThat(offer.file()).isEqualTo("shimx64.efi");
  }

  @Test
  void firmwareWithoutALoaderGetsALeaseAndIsReported() {
    for (int architecture : new int[] {6, 11}) {
      DhcpPacket offer = reply(decide(Messages.a(DISCOVER, A).firmware(architecture))).packet();
      assertThat(offer.file()).isEmpty();
    }
    assertThat(errors)
        .containsExactly(PxeError.UNSUPPORTED_ARCHITECTURE, PxeError.UNSUPPORTED_ARCHITECTURE);
  }

  @Test
  void silenceMeansNoAnswerAtAll() {
    answer = new BootAnswer.Silence("quarantined");
    assertThat(decide(Messages.a(DISCOVER, A).firmware(0))).isInstanceOf(Decision.Ignore.class);
  }

  @Test
  void aMachineLeftToItsFirmwareGetsALeaseWithoutALoader() {
    answer = new BootAnswer.FirmwareNext("existing");
    assertThat(reply(decide(Messages.a(DISCOVER, A).firmware(0))).packet().file()).isEmpty();
  }

  @Test
  void optionsComeInTheOrderTheClientAsksFor() {
    DhcpPacket offer =
        reply(decide(Messages.a(DISCOVER, A).with(Option.bytes(55, 15, 6, 3, 1)))).packet();
    List<Integer> codes = offer.options().stream().map(Option::code).toList();
    assertThat(codes).containsSubsequence(15, 6, 3, 1);
  }

  @Test
  void ofMessagesThatAreNoneNothingIsMade() {
    DhcpPacket request = Messages.a(DISCOVER, A).packet();
    DhcpPacket infiniband =
        new DhcpPacket(
            1,
            32,
            0,
            0,
            1,
            0,
            0,
            Ipv4.ANY,
            Ipv4.ANY,
            Ipv4.ANY,
            Ipv4.ANY,
            new byte[0],
            "",
            "",
            request.options());
    assertThat(DhcpRequest.of(infiniband)).isEmpty();
    DhcpPacket bootp =
        new DhcpPacket(
            1, 1, 6, 0, 1, 0, 0, Ipv4.ANY, Ipv4.ANY, Ipv4.ANY, Ipv4.ANY, A.bytes(), "", "",
            List.of());
    assertThat(DhcpRequest.of(bootp)).isEmpty();
  }
}
