package io.kindling.pxe.dhcp;

import static io.kindling.pxe.dhcp.wire.MessageType.DECLINE;
import static io.kindling.pxe.dhcp.wire.MessageType.DISCOVER;
import static io.kindling.pxe.dhcp.wire.MessageType.INFORM;
import static io.kindling.pxe.dhcp.wire.MessageType.RELEASE;
import static io.kindling.pxe.dhcp.wire.MessageType.REQUEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.pxe.PxeError;
import io.kindling.pxe.PxeException;
import io.kindling.pxe.dhcp.Decision.Destination;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.net.Inet4Address;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Several networks from one server, through relay agents.
class RelayTest extends LogicBench {
  private static final Inet4Address RELAY = Ipv4.parse("10.30.0.1");
  private static final Inet4Address THERE = Ipv4.parse("10.30.0.100");
  private static final Inet4Address RESERVED = Ipv4.parse("10.30.0.50");
  private static final Inet4Address OTHER_RELAY = Ipv4.parse("10.40.0.1");
  private static final Inet4Address UNKNOWN = Ipv4.parse("172.16.0.1");

  @BeforeEach
  void twoMoreNetworks() {
    Subnet there =
        Subnet.of(
                RELAY,
                24,
                List.of(
                    AddressRange.parse("10.30.0.110-10.30.0.110"),
                    AddressRange.parse("10.30.0.100-10.30.0.100")))
            .withNames(Optional.of(RELAY), List.of(SERVER), List.of(), Optional.of("row2.example"));
    config =
        config.withNetworks(
            config.local(),
            List.of(
                there.withPools(there.pools(), Set.of(), Map.of(C, RESERVED)),
                Subnet.of(OTHER_RELAY, 16, List.of(AddressRange.parse("10.40.1.0-10.40.1.9")))));
  }

  private static Option subOption(int code, Inet4Address address) {
    byte[] bytes = address.getAddress();
    return Option.bytes(82, 1, 2, 9, 9, code, 4, bytes[0], bytes[1], bytes[2], bytes[3]);
  }

  @Test
  void rfc1542Section4_1_1ARelaysAddressSaysWhichNetworkTheClientIsOn() {
    DhcpPacket offer = reply(decide(Messages.a(DISCOVER, A).via(RELAY))).packet();
    assertThat(offer.yiaddr()).isEqualTo(THERE);
    assertThat(offer.giaddr()).isEqualTo(RELAY);
    assertThat(offer.option(OptionCode.SUBNET_MASK)).contains(Option.bytes(1, 255, 255, 255, 0));
    assertThat(offer.option(OptionCode.ROUTER)).contains(Option.address(3, RELAY));
    assertThat(offer.option(OptionCode.BROADCAST_ADDRESS))
        .contains(Option.bytes(28, 10, 30, 0, 255));
    assertThat(text(offer, OptionCode.DOMAIN_NAME)).isEqualTo("row2.example");
    assertThat(offer.option(OptionCode.SERVER_ID)).contains(Option.address(54, SERVER));
    assertThat(reply(decide(Messages.a(DISCOVER, B).via(OTHER_RELAY))).packet().yiaddr())
        .isEqualTo(Ipv4.parse("10.40.1.0"));
    assertThat(reply(decide(Messages.a(DISCOVER, B))).packet().yiaddr()).isEqualTo(FIRST);
  }

  @Test
  void severalPoolsOfOneNetworkAreUsedUpOneAfterTheOther() {
    assertThat(reply(decide(Messages.a(DISCOVER, A).via(RELAY))).packet().yiaddr())
        .isEqualTo(THERE);
    assertThat(reply(decide(Messages.a(DISCOVER, B).via(RELAY))).packet().yiaddr())
        .isEqualTo(Ipv4.parse("10.30.0.110"));
  }

  @Test
  void aReservedAddressIsItsMachinesOnThatNetworkOnly() {
    assertThat(reply(decide(Messages.a(DISCOVER, C).via(RELAY))).packet().yiaddr())
        .isEqualTo(RESERVED);
    assertThat(reply(decide(Messages.a(DISCOVER, C))).packet().yiaddr()).isEqualTo(FIRST);
    assertThat(type(decide(Messages.a(REQUEST, A).asking(RESERVED).to(SERVER).via(RELAY))))
        .isEqualTo(MessageType.NAK);
  }

  @Test
  void aNetworkNobodyToldTheServerAboutGetsNoAnswerAndIsReported() {
    assertThat(decide(Messages.a(DISCOVER, A).via(UNKNOWN))).isInstanceOf(Decision.Ignore.class);
    assertThat(errors).containsExactly(PxeError.UNKNOWN_NETWORK);
  }

  @Test
  void rfc2131Section4_3_2AClientThatMovedToAnotherNetworkGetsANakThroughItsRelay() {
    Inet4Address address = lease(A);
    Decision decision = decide(Messages.a(REQUEST, A).asking(address).via(RELAY));
    assertThat(type(decision)).isEqualTo(MessageType.NAK);
    assertThat(reply(decision).destination()).isEqualTo(new Destination.Relay(RELAY));
    assertThat(reply(decision).packet().wantsBroadcast()).isTrue();
  }

  @Test
  void rfc2131Section4_4_5ARenewalComesPastTheRelayAndIsAnsweredTheSameWay() {
    decide(Messages.a(DISCOVER, A).via(RELAY));
    decide(Messages.a(REQUEST, A).asking(THERE).to(SERVER).via(RELAY));
    Decision renewed = decide(Messages.a(REQUEST, A).from(THERE));
    assertThat(type(renewed)).isEqualTo(MessageType.ACK);
    assertThat(reply(renewed).destination()).isEqualTo(new Destination.Client(THERE));
    assertThat(reply(renewed).packet().option(OptionCode.ROUTER))
        .contains(Option.address(3, RELAY));
    Decision rebound = decide(Messages.a(REQUEST, A).from(THERE).via(RELAY));
    assertThat(type(rebound)).isEqualTo(MessageType.ACK);
    assertThat(reply(rebound).destination()).isEqualTo(new Destination.Relay(RELAY));
  }

  @Test
  void releaseDeclineAndInformOfARelayedMachineAreTakenToo() {
    decide(Messages.a(DISCOVER, A).via(RELAY));
    decide(Messages.a(REQUEST, A).asking(THERE).to(SERVER).via(RELAY));
    DhcpPacket informed = reply(decide(Messages.a(INFORM, A).from(THERE))).packet();
    assertThat(text(informed, OptionCode.DOMAIN_NAME)).isEqualTo("row2.example");
    assertThat(decide(Messages.a(RELEASE, A).from(THERE).to(SERVER)))
        .isInstanceOf(Decision.Commit.class);
    decide(Messages.a(DISCOVER, A).via(RELAY));
    assertThat(decide(Messages.a(DECLINE, A).asking(THERE).to(SERVER).via(RELAY)))
        .isInstanceOf(Decision.Commit.class);
  }

  @Test
  void rfc3046Section2_2RelayInformationComesBackAsItCameInEveryReply() {
    Option relay = Option.bytes(82, 1, 2, 3, 4, 151, 3, 7, 7, 7);
    assertThat(reply(decide(Messages.a(DISCOVER, A).via(RELAY).with(relay))).packet().option(82))
        .contains(relay);
    assertThat(
            reply(decide(Messages.a(REQUEST, A).asking(THERE).to(SERVER).via(RELAY).with(relay)))
                .packet()
                .option(82))
        .contains(relay);
    assertThat(
            reply(decide(Messages.a(REQUEST, A).asking(UNKNOWN).via(RELAY).with(relay)))
                .packet()
                .option(82))
        .contains(relay);
  }

  @Test
  void rfc3527Section3LinkSelectionWinsOverTheRelaysAddressAndTheReplyStillGoesThere() {
    Decision decision =
        decide(
            Messages.a(DISCOVER, A)
                .via(OTHER_RELAY)
                .with(subOption(RelayInformation.LINK_SELECTION, Ipv4.parse("10.30.0.0"))));
    assertThat(reply(decision).packet().yiaddr()).isEqualTo(THERE);
    assertThat(reply(decision).destination()).isEqualTo(new Destination.Relay(OTHER_RELAY));
  }

  @Test
  void rfc3011Section3SubnetSelectionIsFollowedAndEchoed() {
    Option selection = Option.bytes(118, 10, 30, 0, 0);
    DhcpPacket offer =
        reply(decide(Messages.a(DISCOVER, A).via(OTHER_RELAY).with(selection))).packet();
    assertThat(offer.yiaddr()).isEqualTo(THERE);
    assertThat(offer.option(118)).contains(selection);
    assertThat(decide(Messages.a(DISCOVER, B).with(Option.bytes(118, 172, 16, 0, 0))))
        .isInstanceOf(Decision.Ignore.class);
  }

  @Test
  void rfc5107Section4AClientKnowsTheServerByTheAddressItsRelayGives() {
    Option override = subOption(RelayInformation.SERVER_ID_OVERRIDE, RELAY);
    DhcpPacket offer = reply(decide(Messages.a(DISCOVER, A).via(RELAY).with(override))).packet();
    assertThat(offer.option(OptionCode.SERVER_ID)).contains(Option.address(54, RELAY));
    assertThat(
            type(decide(Messages.a(REQUEST, A).asking(THERE).to(RELAY).via(RELAY).with(override))))
        .isEqualTo(MessageType.ACK);
  }

  @Test
  void brokenRelayInformationIsEchoedAndNotUnderstood() {
    for (Option broken :
        List.of(
            Option.bytes(82, 5),
            Option.bytes(82, 5, 9, 1),
            Option.bytes(82, 5, 3, 1, 2, 3),
            Option.bytes(82))) {
      DhcpPacket offer = reply(decide(Messages.a(DISCOVER, A).via(RELAY).with(broken))).packet();
      assertThat(offer.yiaddr()).isEqualTo(THERE);
      assertThat(offer.option(82)).contains(broken);
    }
  }

  @Test
  void networksThatOverlapAreRefused() {
    assertThatThrownBy(() ->
            config.withNetworks(
                config.local(), List.of(Subnet.of(Ipv4.parse("10.20.0.129"), 25, List.of()))))
        .isInstanceOf(PxeException.class)
        .hasMessageContaining("PXE-009")
        .hasMessageContaining("10.20.0.0/24 and 10.20.0.128/25 overlap");
  }

  @Test
  void poolsAndReservationsThatCannotBeAreRefused() {
    Subnet there = Subnet.of(RELAY, 24, List.of());
    assertThatThrownBy(() ->
            Subnet.of(
                RELAY,
                24,
                List.of(
                    AddressRange.parse("10.30.0.5-10.30.0.9"),
                    AddressRange.parse("10.30.0.9-10.30.0.12"))))
        .hasMessageContaining("overlaps another");
    assertThatThrownBy(
            () -> Subnet.of(RELAY, 24, List.of(AddressRange.parse("10.31.0.5-10.31.0.9"))))
        .hasMessageContaining("is not in the network");
    assertThatThrownBy(() -> there.withPools(List.of(), Set.of(), Map.of(A, SERVER)))
        .hasMessageContaining("is not in the network");
    assertThatThrownBy(() -> there.withPools(List.of(), Set.of(), Map.of(A, RESERVED, B, RESERVED)))
        .hasMessageContaining("another machine's too");
  }
}
