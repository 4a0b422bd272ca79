package io.kindling.pxe.dhcp;

import static io.kindling.pxe.dhcp.wire.MessageType.DISCOVER;
import static io.kindling.pxe.dhcp.wire.MessageType.INFORM;
import static io.kindling.pxe.dhcp.wire.MessageType.REQUEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.dhcp.Decision.Destination;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.util.List;
import org.junit.jupiter.api.Test;

/// PXE 2.1 §2.2: beside a site's own DHCP server.
class ProxyLogicTest extends LogicBench {
  private static final int DISCOVERY_CONTROL = 6;

  private final ProxyLogic proxy =
      new ProxyLogic(new Loaders(files::contains), (error, detail) -> errors.add(error));

  private Decision offer(Messages message) {
    return proxy.offer(message.read(), answer, config);
  }

  private Decision bootService(Messages message) {
    return proxy.bootService(message.read(), answer, config);
  }

  private static Messages http(int architecture) {
    return Messages.a(DISCOVER, A)
        .with(Option.text(60, "HTTPClient:Arch:%05d:UNDI:003001".formatted(architecture)))
        .with(Option.bytes(93, 0, architecture));
  }

  @Test
  void aClientThatDoesNotNetbootHearsNothing() {
    for (Messages message :
        List.of(
            Messages.a(DISCOVER, A),
            Messages.a(DISCOVER, A).with(Option.text(60, "MSFT 5.0")),
            Messages.a(REQUEST, A).asking(FIRST).to(ELSEWHERE),
            Messages.a(REQUEST, A).from(FIRST),
            Messages.a(INFORM, A).from(FIRST),
            Messages.a(MessageType.RELEASE, A).from(FIRST).to(SERVER),
            Messages.bootp(A))) {
      assertThat(offer(message)).isInstanceOf(Decision.Ignore.class);
      assertThat(bootService(message)).isInstanceOf(Decision.Ignore.class);
    }
  }

  @Test
  void anOfferLendsNothing() {
    DhcpPacket packet = reply(offer(Messages.a(DISCOVER, A).firmware(0))).packet();
    assertThat(packet.messageType()).contains(MessageType.OFFER);
    assertThat(packet.yiaddr()).isEqualTo(Ipv4.ANY);
    assertThat(packet.options().stream().map(Option::code))
        .doesNotContain(1, 3, 6, 51, 58, 59)
        .contains(54, 60);
    assertThat(text(packet, 60)).isEqualTo("PXEClient");
    assertThat(packet.option(54)).contains(Option.address(54, SERVER));
    assertThat(reply(offer(Messages.a(DISCOVER, A).firmware(0))).destination())
        .isEqualTo(new Destination.Broadcast());
    assertThat(leases.active(clock.instant())).isEmpty();
  }

  @Test
  void aBiosTakesTheFileOfTheOfferBecauseDiscoveryControlSaysSo() {
    DhcpPacket packet = reply(offer(Messages.a(DISCOVER, A).firmware(0))).packet();
    assertThat(packet.file()).isEqualTo("undionly.kpxe");
    assertThat(packet.siaddr()).isEqualTo(SERVER);
    assertThat(packet.option(OptionCode.VENDOR_SPECIFIC))
        .contains(Option.bytes(43, DISCOVERY_CONTROL, 1, 8, 255));
  }

  @Test
  void uefiGetsNoOption43SoThatItAsksPort4011() {
    for (int architecture : new int[] {7, 9}) {
      DhcpPacket packet = reply(offer(Messages.a(DISCOVER, A).firmware(architecture))).packet();
      assertThat(packet.file()).isEqualTo("shimx64.efi");
      assertThat(packet.option(43)).isEmpty();
    }
    Decision decision = bootService(Messages.a(REQUEST, A).firmware(7).from(FIRST));
    DhcpPacket ack = reply(decision).packet();
    assertThat(ack.messageType()).contains(MessageType.ACK);
    assertThat(ack.file()).isEqualTo("shimx64.efi");
    assertThat(ack.ciaddr()).isEqualTo(FIRST);
    assertThat(ack.yiaddr()).isEqualTo(Ipv4.ANY);
    assertThat(text(ack, 60)).isEqualTo("PXEClient");
    assertThat(reply(decision).destination()).isEqualTo(new Destination.Client(FIRST));
  }

  @Test
  void theBootItemThatWasAskedForComesBack() {
    Option asked = Option.bytes(43, 0, 8, 1, 1, 71, 4, 0, 0, 0, 0, 255);
    DhcpPacket ack =
        reply(bootService(Messages.a(REQUEST, A).firmware(0).from(FIRST).with(asked))).packet();
    assertThat(ack.option(43)).contains(Option.bytes(43, 71, 4, 0, 0, 0, 0, 255));
    for (Option broken :
        List.of(Option.bytes(43, 71, 4, 0), Option.bytes(43, 9, 200, 1), Option.bytes(43, 71))) {
      assertThat(
              reply(bootService(Messages.a(REQUEST, A).firmware(0).from(FIRST).with(broken)))
                  .packet()
                  .option(43))
          .isEmpty();
    }
  }

  @Test
  void ipxeGetsItsScriptAndLooksForNoOtherServer() {
    DhcpPacket packet =
        reply(offer(Messages.a(DISCOVER, A).firmware(7).with(Option.text(77, "iPXE")))).packet();
    assertThat(packet.file()).endsWith("/boot/v1/ipxe?mac=" + A);
    assertThat(packet.option(43)).isPresent();
  }

  @Test
  void uefiHttpBootGetsItsUrlUnderItsOwnClass() {
    DhcpPacket packet = reply(offer(http(16))).packet();
    assertThat(text(packet, 60)).isEqualTo("HTTPClient");
    assertThat(text(packet, 67)).isEqualTo("http://10.20.0.1:8080/boot/files/shimx64.efi");
    assertThat(packet.option(43)).isEmpty();
  }

  @Test
  void machineIdClientIdAndRelayInformationComeBack() {
    Option uuid = new Option(97, new byte[17]);
    Option id = Option.bytes(61, 1, 2);
    DhcpPacket packet =
        reply(offer(Messages.a(DISCOVER, A).firmware(7).with(uuid).with(id).via(ELSEWHERE)))
            .packet();
    assertThat(packet.option(97)).contains(uuid);
    assertThat(packet.option(61)).contains(id);
    assertThat(packet.giaddr()).isEqualTo(ELSEWHERE);
  }

  @Test
  void aMachineThatIsNotToNetbootHearsNothing() {
    answer = new BootAnswer.FirmwareNext("existing");
    assertThat(offer(Messages.a(DISCOVER, A).firmware(0))).isInstanceOf(Decision.Ignore.class);
    answer = new BootAnswer.Silence("quarantined");
    assertThat(offer(Messages.a(DISCOVER, A).firmware(0))).isInstanceOf(Decision.Ignore.class);
  }

  @Test
  void aFirmwareWithoutALoaderIsReported() {
    assertThat(offer(Messages.a(DISCOVER, A).firmware(6))).isInstanceOf(Decision.Ignore.class);
    assertThat(errors).containsExactly(PxeError.UNSUPPORTED_ARCHITECTURE);
  }
}
