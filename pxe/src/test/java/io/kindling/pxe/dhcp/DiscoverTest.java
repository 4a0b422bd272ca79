package io.kindling.pxe.dhcp;

import static io.kindling.pxe.dhcp.wire.MessageType.DISCOVER;
import static io.kindling.pxe.dhcp.wire.MessageType.REQUEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// RFC 2131 §4.3.1: DISCOVER.
class DiscoverTest extends LogicBench {

  @Test
  void discoverGetsAnOfferThatIsNotCommitted() {
    Decision decision = decide(Messages.a(DISCOVER, A));
    assertThat(decision).isInstanceOf(Decision.Offer.class);
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
  void anOfferedAddressIsKeptForItsClientWhileOthersAreFree() {
    assertThat(reply(decide(Messages.a(DISCOVER, A))).packet().yiaddr()).isEqualTo(FIRST);
    assertThat(reply(decide(Messages.a(DISCOVER, B).asking(FIRST))).packet().yiaddr())
        .isEqualTo(SECOND);
  }

  @Test
  void anOfferIsNoPromiseTheOldestGivesWayAndTheFirstToTakeTheAddressHasIt() {
    decide(Messages.a(DISCOVER, A));
    clock.advance(Duration.ofSeconds(1));
    decide(Messages.a(DISCOVER, B));
    assertThat(reply(decide(Messages.a(DISCOVER, C))).packet().yiaddr()).isEqualTo(FIRST);
    assertThat(counters.get(PxeCounter.DHCP_OFFERS_WITHDRAWN)).isEqualTo(1);
    assertThat(type(take(A, FIRST))).isEqualTo(MessageType.ACK);
    assertThat(type(take(C, FIRST))).isEqualTo(MessageType.NAK);
    assertThat(errors).isEmpty();
  }

  @Test
  void anAddressIsNotTakenByAClientThatItWasNeverOfferedTo() {
    decide(Messages.a(DISCOVER, A));
    assertThat(type(take(C, FIRST))).isEqualTo(MessageType.NAK);
    assertThat(type(take(A, FIRST))).isEqualTo(MessageType.ACK);
  }

  @Test
  void leasesDoNotGiveWay() {
    lease(A);
    lease(B);
    assertThat(decide(Messages.a(DISCOVER, C))).isInstanceOf(Decision.Ignore.class);
    assertThat(errors).containsExactly(PxeError.POOL_EXHAUSTED);
  }

  @Test
  void inACrowdedPoolAMachineHasToRenewBeforeItsLeaseIsLong() {
    config = config.withPool(AddressRange.parse("10.20.0.100-10.20.0.103"), Set.of());
    for (int i = 1; i <= 3; i++) {
      lease(new HardwareAddress("52:54:00:00:01:0" + i));
    }
    clock.advance(Duration.ofSeconds(2)); // how full it is is counted once a second
    DhcpPacket offer = reply(decide(Messages.a(DISCOVER, A))).packet();
    assertThat(offer.option(OptionCode.LEASE_TIME)).contains(Option.seconds(51, 120));
    Inet4Address address = offer.yiaddr();
    DhcpPacket ack = reply(take(A, address)).packet();
    assertThat(ack.option(OptionCode.LEASE_TIME)).contains(Option.seconds(51, 120));
    assertThat(counters.get(PxeCounter.DHCP_BRIEF_LEASES)).isEqualTo(1);
    clock.advance(Duration.ofSeconds(60));
    DhcpPacket renewed = reply(decide(Messages.a(REQUEST, A).from(address))).packet();
    assertThat(renewed.option(OptionCode.LEASE_TIME)).contains(Option.seconds(51, 3600));
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
}
