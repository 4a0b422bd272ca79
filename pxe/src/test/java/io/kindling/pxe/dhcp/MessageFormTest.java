package io.kindling.pxe.dhcp;

import static io.kindling.pxe.dhcp.wire.MessageType.DISCOVER;
import static io.kindling.pxe.dhcp.wire.MessageType.INFORM;
import static io.kindling.pxe.dhcp.wire.MessageType.REQUEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.dhcp.wire.Decoded;
import io.kindling.pxe.dhcp.wire.DhcpCodec;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The form of replies: which fields and options, how large, in which order; and BOOTP.
class MessageFormTest extends LogicBench {

  private DhcpCodec.Encoded encoded(Messages message) {
    Decision.Reply reply = reply(decide(message));
    return DhcpCodec.encode(reply.packet(), reply.maxLength());
  }

  private static Option size(int bytes) {
    return Option.bytes(OptionCode.MAX_MESSAGE_SIZE, bytes >> 8, bytes & 0xff);
  }

  /// More than 576 bytes have room for.
  private void manyOptions() {
    List<java.net.Inet4Address> servers = new ArrayList<>();
    for (int i = 1; i <= 15; i++) {
      servers.add(Ipv4.parse("10.20.0." + i));
    }
    config =
        config.withNames(
            Optional.empty(), servers, servers, Optional.of("a".repeat(40) + ".rack1.example"));
  }

  @Test
  void rfc2131Section4_3_1Table3FieldsOfOfferAckAndNak() {
    DhcpPacket offer = reply(decide(Messages.a(DISCOVER, A).broadcast())).packet();
    assertThat(offer.op()).isEqualTo(DhcpPacket.REPLY);
    assertThat(offer.htype()).isEqualTo(1);
    assertThat(offer.hlen()).isEqualTo(6);
    assertThat(offer.hops()).isZero();
    assertThat(offer.xid()).isEqualTo(0xcafe);
    assertThat(offer.secs()).isZero();
    assertThat(offer.flags()).isEqualTo(DhcpPacket.BROADCAST_FLAG);
    assertThat(offer.ciaddr()).isEqualTo(Ipv4.ANY);
    assertThat(offer.chaddr()).isEqualTo(A.bytes());
    for (Decision decision :
        List.of(
            decide(Messages.a(DISCOVER, A)),
            decide(Messages.a(REQUEST, A).asking(FIRST).to(SERVER)),
            decide(Messages.a(REQUEST, A).asking(ELSEWHERE)),
            decide(Messages.a(INFORM, A).from(FIXED)))) {
      DhcpPacket packet = reply(decision).packet();
      // What a server MUST NOT send.
      for (int code :
          new int[] {
            OptionCode.REQUESTED_ADDRESS,
            OptionCode.PARAMETER_REQUEST_LIST,
            OptionCode.MAX_MESSAGE_SIZE
          }) {
        assertThat(packet.option(code)).isEmpty();
      }
      assertThat(packet.option(OptionCode.SERVER_ID)).isPresent();
    }
  }

  @Test
  void rfc6842Section3TheClientIdentifierComesBackInEveryReply() {
    Option id = Option.bytes(61, 255, 1, 2, 3, 4, 5);
    for (Messages message :
        List.of(
            Messages.a(DISCOVER, A),
            Messages.a(REQUEST, A).asking(FIRST).to(SERVER),
            Messages.a(REQUEST, A).asking(ELSEWHERE),
            Messages.a(INFORM, A).from(FIXED))) {
      assertThat(reply(decide(message.with(id))).packet().option(61)).contains(id);
    }
    assertThat(reply(decide(Messages.a(DISCOVER, A))).packet().option(61)).isEmpty();
  }

  @Test
  void rfc4578Section2_3TheMachineIdComesBack() {
    Option uuid = new Option(97, new byte[17]);
    assertThat(reply(decide(Messages.a(DISCOVER, A).firmware(7).with(uuid))).packet().option(97))
        .contains(uuid);
  }

  @Test
  void rfc5859Section3Option150IsForThoseWhoAskForIt() {
    DhcpPacket asked =
        reply(decide(Messages.a(DISCOVER, A).firmware(0).with(Option.bytes(55, 150)))).packet();
    assertThat(asked.option(150)).contains(Option.address(150, SERVER));
    assertThat(reply(decide(Messages.a(DISCOVER, A).firmware(0))).packet().option(150)).isEmpty();
  }

  @Test
  void rfc2131Section2ARelyHas300BytesAtLeastAnd548AtMostUnlessTheClientSaysMore() {
    assertThat(encoded(Messages.a(REQUEST, A).asking(ELSEWHERE)).bytes().remaining())
        .isEqualTo(300);
    manyOptions();
    Option id = new Option(61, new byte[200]);
    assertThat(encoded(Messages.a(DISCOVER, A).with(id)).bytes().remaining())
        .isLessThanOrEqualTo(548);
    DhcpCodec.Encoded large = encoded(Messages.a(DISCOVER, A).with(id).with(size(1500)));
    assertThat(large.bytes().remaining()).isBetween(549, 1472);
    assertThat(large.leftOut()).isEmpty();
  }

  @Test
  void rfc2132Section9_10ASizeBelow576IsNone() {
    manyOptions();
    assertThat(encoded(Messages.a(DISCOVER, A).with(size(300))).bytes().remaining())
        .isGreaterThan(300);
  }

  @Test
  void rfc2131Section4_1OptionsWithoutRoomGoToTheFreeFields() {
    manyOptions();
    Messages message = Messages.a(DISCOVER, A).with(new Option(61, new byte[150]));
    DhcpCodec.Encoded encoded = encoded(message);
    assertThat(encoded.leftOut()).isEmpty();
    assertThat(encoded.bytes().remaining()).isLessThanOrEqualTo(548);
    DhcpPacket read = ((Decoded.Parsed) DhcpCodec.decode(encoded.bytes())).packet();
    assertThat(read.option(OptionCode.NTP)).contains(Option.addresses(42, config.local().ntp()));
    assertThat(read.option(61).orElseThrow().length()).isEqualTo(150);
    // Option 52 stands right behind the message type.
    assertThat(encoded.bytes().get(243)).isEqualTo((byte) OptionCode.OVERLOAD);
  }

  @Test
  void rfc2131Section4_1TheBootFileStaysInItsFieldAndOptionsGoToSname() {
    manyOptions();
    Decision.Reply reply =
        reply(
            decide(
                Messages.a(DISCOVER, A)
                    .firmware(7)
                    .with(Option.bytes(55, 1, 3, 66, 67, 6, 42, 15))
                    .with(new Option(61, new byte[70]))));
    DhcpCodec.Encoded encoded = DhcpCodec.encode(reply.packet(), reply.maxLength());
    DhcpPacket read = ((Decoded.Parsed) DhcpCodec.decode(encoded.bytes())).packet();
    assertThat(read.file()).isEqualTo("shimx64.efi");
    assertThat(encoded.bytes().get(245)).isEqualTo((byte) 2);
    assertThat(read.option(61)).isPresent();
  }

  @Test
  void rfc1534Section2ABootpClientGetsItsOwnAddressAndNoOptionOfDhcp() {
    config =
        config.withNetworks(
            config.local().withPools(config.local().pools(), Set.of(), Map.of(A, FIXED)),
            List.of());
    Decision decision = decide(Messages.bootp(A));
    assertThat(decision).isInstanceOf(Decision.Send.class);
    DhcpPacket packet = reply(decision).packet();
    assertThat(packet.op()).isEqualTo(DhcpPacket.REPLY);
    assertThat(packet.yiaddr()).isEqualTo(FIXED);
    assertThat(packet.options().stream().map(Option::code)).doesNotContain(51, 53, 54, 57, 58, 59);
    assertThat(packet.option(OptionCode.ROUTER)).isPresent();
    // RFC 951 §3: 64 bytes of vendor extensions, no more.
    assertThat(encoded(Messages.bootp(A)).bytes().remaining()).isEqualTo(300);
    manyOptions();
    assertThat(encoded(Messages.bootp(A)).bytes().remaining()).isEqualTo(300);
  }

  @Test
  void rfc1534Section2ABootpClientNeverGetsAnAddressOfThePool() {
    assertThat(decide(Messages.bootp(A))).isInstanceOf(Decision.Ignore.class);
    assertThat(leases.active(clock.instant())).isEmpty();
  }

  @Test
  void rfc951Section3ABootpMessageWithoutVendorExtensionsIsRead() {
    ByteBuffer bytes = ByteBuffer.allocate(300);
    bytes.put(0, (byte) 1).put(1, (byte) 1).put(2, (byte) 6).put(28, A.bytes());
    DhcpRequest request =
        DhcpRequest.of(((Decoded.Parsed) DhcpCodec.decode(bytes)).packet()).orElseThrow();
    assertThat(request.bootp()).isTrue();
    assertThat(request.mac()).isEqualTo(A);
  }

  @Test
  void ofMessagesThatAreNoneNothingIsMade() {
    DhcpPacket bootp = Messages.bootp(A).packet();
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
            bootp.options());
    assertThat(DhcpRequest.of(infiniband)).isEmpty();
    assertThat(DhcpRequest.of(Messages.a(MessageType.DISCOVER, A).packet())).isPresent();
    Messages strange = Messages.bootp(A).with(Option.bytes(53, 99));
    assertThat(DhcpRequest.of(strange.packet())).isEmpty();
  }
}
