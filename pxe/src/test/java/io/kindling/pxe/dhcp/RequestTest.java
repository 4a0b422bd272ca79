package io.kindling.pxe.dhcp;

import static io.kindling.pxe.dhcp.wire.MessageType.DISCOVER;
import static io.kindling.pxe.dhcp.wire.MessageType.REQUEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.dhcp.Decision.Destination;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// RFC 2131 §4.3.2: REQUEST.
class RequestTest extends LogicBench {

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
}
