package io.kindling.pxe.dhcp;

import static io.kindling.pxe.dhcp.wire.MessageType.DECLINE;
import static io.kindling.pxe.dhcp.wire.MessageType.DISCOVER;
import static io.kindling.pxe.dhcp.wire.MessageType.INFORM;
import static io.kindling.pxe.dhcp.wire.MessageType.RELEASE;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.PxeError;
import io.kindling.pxe.dhcp.Decision.Destination;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.net.Inet4Address;
import org.junit.jupiter.api.Test;

/// RFC 2131 §4.3.3 to §4.3.5: DECLINE, RELEASE, INFORM.
class DeclineReleaseInformTest extends LogicBench {

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
}
