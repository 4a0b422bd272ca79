package io.kindling.pxe.dhcp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DhcpCodecTest {
  private static final int COOKIE = 0x63825363;
  private static final byte[] MAC = {0x52, 0x54, 0, 0, 0, 1};

  private static DhcpPacket packet(Option... options) {
    return new DhcpPacket(
        2,
        1,
        6,
        0,
        0x12345678,
        3,
        0x8000,
        Ipv4.ANY,
        Ipv4.parse("10.20.0.100"),
        Ipv4.parse("10.20.0.1"),
        Ipv4.ANY,
        MAC,
        "server",
        "undionly.kpxe",
        List.of(options));
  }

  private static DhcpPacket parsed(ByteBuffer bytes) {
    assertThat(DhcpCodec.decode(bytes)).isInstanceOf(Decoded.Parsed.class);
    return ((Decoded.Parsed) DhcpCodec.decode(bytes)).packet();
  }

  private static ByteBuffer raw(int length, int... optionBytes) {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    bytes.put(0, (byte) 1).put(1, (byte) 1).put(2, (byte) 6).putInt(236, COOKIE);
    for (int i = 0; i < optionBytes.length; i++) {
      bytes.put(240 + i, (byte) optionBytes[i]);
    }
    return bytes;
  }

  private static List<Integer> codesOnTheWire(ByteBuffer bytes) {
    List<Integer> codes = new ArrayList<>();
    int at = 240;
    while (Byte.toUnsignedInt(bytes.get(at)) != OptionCode.END) {
      codes.add(Byte.toUnsignedInt(bytes.get(at)));
      at += 2 + Byte.toUnsignedInt(bytes.get(at + 1));
    }
    return codes;
  }

  @Test
  void whatIsWrittenIsReadBack() {
    DhcpPacket packet =
        packet(
            MessageType.OFFER.option(),
            Option.text(OptionCode.BOOT_FILE, "undionly.kpxe"),
            Option.bytes(OptionCode.RELAY_AGENT, 1, 1, 7));
    assertThat(parsed(DhcpCodec.encode(packet, 0).bytes())).isEqualTo(packet);
  }

  @Test
  void messageTypeComesFirstAndRelayInformationLast() {
    ByteBuffer bytes =
        DhcpCodec.encode(
                packet(
                    Option.bytes(OptionCode.RELAY_AGENT, 1, 1, 7),
                    Option.seconds(OptionCode.LEASE_TIME, 60),
                    MessageType.ACK.option()),
                0)
            .bytes();
    assertThat(codesOnTheWire(bytes)).containsExactly(53, 51, 82);
  }

  @Test
  void aMessageHasAtLeast300Bytes() {
    assertThat(DhcpCodec.encode(packet(MessageType.NAK.option()), 0).bytes().remaining())
        .isEqualTo(300);
  }

  @Test
  void aLongOptionIsSplitAndJoinedAgain() {
    byte[] value = new byte[600];
    Arrays.fill(value, (byte) 7);
    DhcpPacket packet = packet(MessageType.OFFER.option(), new Option(43, value));
    ByteBuffer bytes = DhcpCodec.encode(packet, 1400).bytes();
    assertThat(codesOnTheWire(bytes)).containsExactly(53, 43, 43, 43);
    assertThat(parsed(bytes)).isEqualTo(packet);
  }

  @Test
  void optionsWithoutRoomAreLeftOutAndNamed() {
    Option big = new Option(43, new byte[250]);
    Option alsoBig = new Option(125, new byte[250]);
    DhcpCodec.Encoded encoded =
        DhcpCodec.encode(
            packet(
                MessageType.OFFER.option(), big, alsoBig, Option.bytes(OptionCode.RELAY_AGENT, 1)),
            576 - 28);
    assertThat(encoded.leftOut()).containsExactly(alsoBig);
    assertThat(encoded.bytes().remaining()).isLessThanOrEqualTo(548);
    assertThat(codesOnTheWire(encoded.bytes())).containsExactly(53, 43, 82);
  }

  @Test
  void relayInformationThatLeavesNoRoomForTheMessageIsLeftOut() {
    for (int length : new int[] {270, 307, 600}) {
      Option relay = new Option(82, new byte[length]);
      DhcpCodec.Encoded encoded =
          DhcpCodec.encode(
              packet(MessageType.OFFER.option(), new Option(61, new byte[200]), relay), 548);
      assertThat(codesOnTheWire(encoded.bytes()).getFirst()).isEqualTo(53);
      assertThat(encoded.bytes().remaining()).isLessThanOrEqualTo(548);
      assertThat(encoded.leftOut().contains(relay)).isEqualTo(length > 278);
    }
  }

  @Test
  void aLargerMessageIsWrittenForAClientThatTakesIt() {
    Option big = new Option(43, new byte[250]);
    Option alsoBig = new Option(125, new byte[250]);
    assertThat(DhcpCodec.encode(packet(big, alsoBig), 1472).leftOut()).isEmpty();
  }

  @Test
  void noMessageIsLargerThanAnEthernetFrame() {
    assertThat(DhcpCodec.encode(packet(new Option(43, new byte[3000])), 65535).bytes().remaining())
        .isLessThanOrEqualTo(1472);
  }

  @Test
  void optionsInFileAndSnameAreReadWhereOverloadSaysSo() {
    ByteBuffer bytes = raw(300, 53, 1, 1, 52, 1, 3, 255);
    bytes.put(108, (byte) 12).put(109, (byte) 1).put(110, (byte) 'f').put(111, (byte) 255);
    bytes.put(44, (byte) 12).put(45, (byte) 1).put(46, (byte) 's').put(47, (byte) 255);
    DhcpPacket packet = parsed(bytes);
    // RFC 3396 §5: options field, then file, then sname.
    assertThat(packet.option(12).orElseThrow().asText()).isEqualTo("fs");
    assertThat(packet.file()).isEmpty();
    assertThat(packet.sname()).isEmpty();
  }

  @Test
  void aMessageWithoutEndIsRead() {
    assertThat(parsed(raw(243, 53, 1, 1)).messageType()).contains(MessageType.DISCOVER);
  }

  @Test
  void paddingBetweenOptionsIsSkipped() {
    assertThat(parsed(raw(260, 0, 0, 53, 1, 3, 0, 255)).messageType())
        .contains(MessageType.REQUEST);
  }

  @Test
  void faultsAreNamedWithTheirPlace() {
    assertThat(DhcpCodec.decode(ByteBuffer.allocate(239)))
        .isEqualTo(new Decoded.Malformed("shorter than a DHCP header", 239));
    assertThat(DhcpCodec.decode(ByteBuffer.allocate(300).putInt(236, 1)))
        .isEqualTo(new Decoded.Malformed("no DHCP magic cookie", 236));
    assertThat(DhcpCodec.decode(raw(300).put(2, (byte) 17)))
        .isEqualTo(new Decoded.Malformed("hlen above 16", 2));
    assertThat(DhcpCodec.decode(raw(243, 53, 9, 1)))
        .isEqualTo(new Decoded.Malformed("option 53 runs past its field", 240));
    assertThat(DhcpCodec.decode(raw(241, 53)))
        .isEqualTo(new Decoded.Malformed("option 53 without a length", 240));
  }

  @Test
  void sixteenBytesOfHardwareAddressAreTheLimit() {
    assertThat(parsed(raw(300, 255).put(2, (byte) 16)).chaddr()).hasSize(16);
  }

  @Test
  void anyBytesAreReadWithoutAnException() {
    Random random = new Random(4711);
    for (int round = 0; round < 50_000; round++) {
      byte[] bytes = new byte[random.nextInt(600)];
      random.nextBytes(bytes);
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      if (bytes.length >= 240 && round % 4 != 0) {
        buffer.putInt(236, COOKIE).put(2, (byte) random.nextInt(18));
        if (round % 3 == 0 && bytes.length > 246) {
          buffer.put(240, (byte) 52).put(241, (byte) 1).put(242, (byte) random.nextInt(4));
        }
      }
      Decoded decoded = DhcpCodec.decode(buffer);
      assertThat(buffer.position()).isZero();
      if (decoded instanceof Decoded.Parsed(DhcpPacket packet)) {
        // Whatever can be read can be written.
        assertThat(DhcpCodec.encode(packet, random.nextInt(2000)).bytes().remaining())
            .isBetween(300, 1472);
      }
    }
  }

  @Test
  void aCaptureCutAnywhereIsReadOrRefused() {
    ByteBuffer whole =
        DhcpCodec.encode(
                packet(
                    MessageType.DISCOVER.option(),
                    Option.text(60, "PXEClient"),
                    Option.text(77, "iPXE")),
                0)
            .bytes();
    for (int length = 0; length <= whole.remaining(); length++) {
      assertThat(DhcpCodec.decode(whole.slice(0, length))).isNotNull();
    }
  }
}
