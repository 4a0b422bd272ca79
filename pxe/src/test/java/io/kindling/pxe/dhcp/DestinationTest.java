package io.kindling.pxe.dhcp;

import static io.kindling.pxe.dhcp.wire.MessageType.DISCOVER;
import static io.kindling.pxe.dhcp.wire.MessageType.INFORM;
import static io.kindling.pxe.dhcp.wire.MessageType.REQUEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.dhcp.Decision.Destination;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Option;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// RFC 2131 §4.1: where replies go.
class DestinationTest extends LogicBench {

  @BeforeEach
  void serveThatNetworkToo() {
    config =
        config.withNetworks(
            config.local(),
            List.of(
                Subnet.of(ELSEWHERE, 24, List.of(AddressRange.parse("192.0.2.100-192.0.2.101")))));
  }

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

  @Test
  void rfc2131Section4_3_5AnInformIsAnsweredToItsSenderThoughARelayBroughtIt() {
    assertThat(reply(decide(Messages.a(INFORM, A).from(FIXED).via(ELSEWHERE))).destination())
        .isEqualTo(new Destination.Client(FIXED));
  }
}
