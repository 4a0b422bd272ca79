package io.kindling.pxe.dhcp;

import static io.kindling.pxe.dhcp.wire.MessageType.DISCOVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.Option;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What clients are told to boot.
class BootOptionsTest extends LogicBench {

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
  void rfc2132Section9_8OptionsComeInTheOrderAskedForAndRfc2132Section3_3TheMaskBeforeTheRouter() {
    DhcpPacket offer =
        reply(decide(Messages.a(DISCOVER, A).with(Option.bytes(55, 15, 6, 3, 1)))).packet();
    List<Integer> codes = offer.options().stream().map(Option::code).toList();
    assertThat(codes).containsSubsequence(15, 6, 1, 3);
  }
}
