package io.kindling.appliance.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.config.KindlingConfig.Deploy;
import io.kindling.appliance.config.KindlingConfig.Images;
import io.kindling.appliance.config.KindlingConfig.Provisioning;
import io.kindling.appliance.config.KindlingConfig.Time;
import io.kindling.appliance.net.AddressRange;
import io.kindling.appliance.net.Addresses;
import io.kindling.appliance.net.Cidr;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.dhcp.DhcpMode;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KindlingConfigTest {
  private static final String NIC = "provisioning: {interface: eno1}\n";

  private static Inet4Address ip(String text) {
    return Addresses.parse(text).orElseThrow();
  }

  private static KindlingConfig parse(String text) {
    return KindlingConfig.parse("kindling.yaml", text);
  }

  private static String complaint(String text) {
    ApplianceException e = catchThrowableOfType(ApplianceException.class, () -> parse(text));
    assertThat(e).as(text).isNotNull();
    assertThat(e.error()).isEqualTo(ApplianceError.CONFIG_INVALID);
    assertThat(e.error().id()).isEqualTo("APP-001");
    return e.detail();
  }

  @Test
  void onlyTheInterfaceMustBeGivenAndEverythingElseHasADefault() {
    assertThat(parse(NIC))
        .isEqualTo(
            new KindlingConfig(
                Path.of("/var/lib/kindling"),
                new Listen(
                    new InetSocketAddress(ip("127.0.0.1"), 8080), Optional.empty(), List.of(), 80),
                new Provisioning(
                    "eno1",
                    new Cidr(ip("10.20.0.1"), 24),
                    new AddressRange(ip("10.20.0.100"), ip("10.20.0.199")),
                    Optional.empty(),
                    List.of(),
                    Duration.ofMinutes(10),
                    Dhcp.DEFAULT),
                new Images(Path.of("/var/cache/kindling")),
                new Deploy(10),
                new Time(true),
                NIC));
  }

  @Test
  void everyKeyIsMapped() {
    String text =
        """
        state: /srv/state
        listen:
          operators: 10.9.0.1:8443
          machines: 8000
          names: [kindling.example, rack]
          tls: {certificate: /etc/tls/cert.pem, key: /etc/tls/key.pem}
        provisioning:
          interface: br-rack
          address: 172.16.4.1/22
          pool: 172.16.6.0-172.16.6.255
          router: 172.16.7.254
          dns: [172.16.4.1, 9.9.9.9]
          lease: 2h
        images: {cache: /srv/images}
        deploy: {parallel: 3}
        time: {serve: false}
        """;
    assertThat(parse(text))
        .isEqualTo(
            new KindlingConfig(
                Path.of("/srv/state"),
                new Listen(
                    new InetSocketAddress(ip("10.9.0.1"), 8443),
                    Optional.of(
                        new Listen.Files(
                            Path.of("/etc/tls/cert.pem"), Path.of("/etc/tls/key.pem"))),
                    List.of("kindling.example", "rack"),
                    8000),
                new Provisioning(
                    "br-rack",
                    new Cidr(ip("172.16.4.1"), 22),
                    new AddressRange(ip("172.16.6.0"), ip("172.16.6.255")),
                    Optional.of(ip("172.16.7.254")),
                    List.of(ip("172.16.4.1"), ip("9.9.9.9")),
                    Duration.ofHours(2),
                    Dhcp.DEFAULT),
                new Images(Path.of("/srv/images")),
                new Deploy(3),
                new Time(false),
                text));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "an unknown key                   | colour: red                     | 2 | unknown key"
            + " `colour`",
        "an unknown key of a section      | deploy: {paralel: 3}            | 2 | unknown key"
            + " `paralel`",
        "a key given twice                | provisioning: {interface: eno2} | 2 | twice",
        "a section that is text           | listen: yes                     | 2 | `key: value`",
        "a port beyond 65535              | listen: {machines: 65536}       | 2 | 65535",
        "operators without a port         | listen: {operators: 127.0.0.1}  | 2 | 127.0.0.1:8080",
        "operators on a host name         | listen: {operators: host:80}    | 2 | host:80",
        "operators on a port beyond 65535 | listen: {operators: 127.0.0.1:70000} | 2 | 70000",
        "no kind of TLS                   | listen: {tls: off}              | 2 | expected",
        "a certificate without its key    | listen: {tls: {certificate: a}} | 2 | key` is missing",
        "an unknown key of TLS            | listen: {tls: {certificate: a, key: b, ca: c}} | 2 |"
            + " unknown",
        "a host name with a slash         | listen: {names: [a/b]}          | 2 | a host name",
        "no installation at a time        | deploy: {parallel: 0}           | 2 | from 1 to 100",
      })
  void aMistakeIsNamedWithFileAndLine(String what, String line, int at, String names) {
    assertThat(complaint(NIC + line + "\n"))
        .startsWith("kindling.yaml:" + at + ": ")
        .contains(names);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a duration without unit      | lease: 10            | a duration such as",
        "a duration in weeks          | lease: 2w            | a duration such as",
        "a lease of a second          | lease: 1s            | from 30s to 30d",
        "a lease of a year            | lease: 365d          | from 30s to 30d",
        "an address without prefix    | address: 10.20.0.1   | prefix length",
        "an octet over 255            | address: 10.20.0.256/24 | prefix length",
        "an octet with leading zero   | address: 10.20.0.010/24 | prefix length",
        "a network too small          | address: 10.20.0.1/31 | prefix length",
        "the network's own address    | address: 10.20.0.0/24 | the network itself",
        "the broadcast address        | address: 10.20.0.255/24 | `10.20.0.255/24`",
        "a pool outside               | pool: 10.21.0.100-10.21.0.199 | not inside 10.20.0.1/24",
        "a pool with the broadcast    | pool: 10.20.0.100-10.20.0.255 | not inside",
        "a pool back to front         | pool: 10.20.0.199-10.20.0.100 | a range such as",
        "a pool around the appliance  | pool: 10.20.0.1-10.20.0.50 | the appliance's own address",
        "a router elsewhere           | router: 10.21.0.1    | not inside 10.20.0.1/24",
        "a name server by name        | dns: [dns.example]   | an IPv4 address",
      })
  void aBadValueOfTheProvisioningNetworkIsNamedWithItsLine(String what, String line, String names) {
    assertThat(complaint("provisioning:\n  interface: eno1\n  " + line + "\n"))
        .startsWith("kindling.yaml:3: ")
        .contains(names);
  }

  @Test
  void beyondLoopbackTheOperatorsListenerSpeaksTlsWhateverIsSaid() {
    assertThat(parse(NIC + "listen: {operators: 127.0.0.2:80}").listen().tls()).isEmpty();
    assertThat(parse(NIC + "listen: {tls: own}").listen().tls())
        .contains(new Listen.OwnAuthority());
    assertThat(parse(NIC + "listen: {operators: 0.0.0.0:8443}").listen().tls())
        .contains(new Listen.OwnAuthority());
  }

  @Test
  void theConsolesAddressIsTheNameTheOperatorGaveElseOneThatABrowserCanReach() {
    Inet4Address known = ip("10.20.0.1");
    assertThat(parse(NIC).listen().url(known)).isEqualTo("http://127.0.0.1:8080");
    assertThat(parse(NIC + "listen: {operators: 0.0.0.0:8443}").listen().url(known))
        .isEqualTo("https://10.20.0.1:8443");
    assertThat(parse(NIC + "listen: {names: [rack.example, r], tls: own}").listen().url(known))
        .isEqualTo("https://rack.example:8080");
  }

  @Test
  void everyKeyOfDhcpIsMapped() {
    HardwareAddress mac = new HardwareAddress("52:54:00:00:00:01");
    assertThat(
            parse(
                    """
                    provisioning:
                      interface: eno1
                      dhcp: proxy
                      beside: true
                      probe: 1s
                      exclude: [10.20.0.150, 10.20.0.160-10.20.0.162]
                      reservations: {"52:54:00:00:00:01": 10.20.0.50}
                      relayed:
                        - relay: 10.30.0.1/24
                          pool: [10.30.0.100-10.30.0.109, 10.30.0.200]
                          dns: 9.9.9.9
                          domain: row2.example
                          exclude: 10.30.0.105
                          reservations: {52-54-00-00-00-01: 10.30.0.50}
                        - {relay: 10.40.0.1/24, router: 10.40.0.254}
                    """)
                .provisioning()
                .dhcp())
        .isEqualTo(
            new Dhcp(
                DhcpMode.PROXY,
                true,
                Duration.ofSeconds(1),
                List.of(range("10.20.0.150"), range("10.20.0.160", "10.20.0.162")),
                Map.of(mac, ip("10.20.0.50")),
                List.of(
                    new Dhcp.Relayed(
                        new Cidr(ip("10.30.0.1"), 24),
                        List.of(range("10.30.0.100", "10.30.0.109"), range("10.30.0.200")),
                        ip("10.30.0.1"),
                        Optional.of(List.of(ip("9.9.9.9"))),
                        Optional.of("row2.example"),
                        List.of(range("10.30.0.105")),
                        Map.of(mac, ip("10.30.0.50"))),
                    new Dhcp.Relayed(
                        new Cidr(ip("10.40.0.1"), 24),
                        List.of(),
                        ip("10.40.0.254"),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        Map.of()))));
  }

  private static AddressRange range(String... ends) {
    return new AddressRange(ip(ends[0]), ip(ends[ends.length - 1]));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a mode there is none of     | dhcp: yes                      | server, proxy or off",
        "a probe clients do not wait | probe: 4s                      | 3s at most",
        "an exclusion elsewhere      | exclude: 10.21.0.5             | not inside 10.20.0.1/24",
        "a reservation elsewhere     | reservations: {\"52:54:00:00:00:01\": 10.21.0.5} | not"
            + " inside",
        "a reservation of no machine | reservations: {node-1: 10.20.0.5} | no hardware address",
        "a reservation given twice   | reservations: {525400000001: 10.20.0.5, 525400000002:"
            + " 10.20.0.5} | reserved twice",
        "the appliance's own address | reservations: {525400000001: 10.20.0.1} | own",
        "a relay without its prefix  | relayed: [{relay: 10.30.0.1}] | prefix length",
        "a relay in our own network  | relayed: [{relay: 10.20.0.9/24}] | overlap",
        "two relays of one network   | relayed: [{relay: 10.30.0.1/24}, {relay: 10.30.0.2/24}] |"
            + " overlap",
        "pools that overlap          | relayed: [{relay: 10.30.0.1/24, pool:"
            + " [10.30.0.5-10.30.0.9, 10.30.0.9]}] | overlap",
        "an unknown key of a relay   | relayed: [{relay: 10.30.0.1/24, lease: 1h}] | unknown key",
      })
  void aBadValueOfDhcpIsNamedWithItsLine(String what, String line, String names) {
    assertThat(complaint("provisioning:\n  interface: eno1\n  " + line + "\n"))
        .startsWith("kindling.yaml:3: ")
        .contains(names);
  }

  @Test
  void aMissingInterfaceIsNamedWithTheLineOfItsSection() {
    assertThat(complaint("# the rack\nprovisioning:\n  lease: 10m\n"))
        .startsWith("kindling.yaml:3: ")
        .contains("`interface` is missing");
    assertThat(complaint("")).contains("`interface` is missing");
  }

  @Test
  void aNetworkTooSmallForTheDefaultPoolAsksForOne() {
    assertThat(complaint("provisioning: {interface: eno1, address: 10.20.0.1/26}\n"))
        .contains("`pool` must be given");
  }

  @Test
  void anApplianceInsideTheDefaultPoolAsksForAnother() {
    assertThat(complaint("provisioning: {interface: eno1, address: 10.20.0.150/24}\n"))
        .contains("the default pool holds the appliance's own address");
  }

  @Test
  void whatIsNotYamlIsNamedWithItsLine() {
    assertThat(complaint("state: /x\nprovisioning: [\n")).matches("(?s)kindling.yaml:[23]: .*");
  }

  @Test
  void aFileThatCannotBeReadIsAnotherErrorThanAWrongOne(@TempDir Path dir) throws Exception {
    ApplianceException e =
        catchThrowableOfType(
            ApplianceException.class, () -> KindlingConfig.load(dir.resolve("none.yaml")));
    assertThat(e.error().id()).isEqualTo("APP-002");
    assertThat(e.detail()).contains("none.yaml");
    Path file = Files.writeString(dir.resolve("kindling.yaml"), NIC);
    assertThat(KindlingConfig.load(file).provisioning().networkInterface()).isEqualTo("eno1");
  }

  @Test
  void aFileThatIsNotTextIsAnErrorOfTheCatalogue(@TempDir Path dir) throws Exception {
    Path file = Files.write(dir.resolve("kindling.yaml"), new byte[] {(byte) 0xff, 0, 1, 2});
    assertThat(
            catchThrowableOfType(ApplianceException.class, () -> KindlingConfig.load(file)).error())
        .isIn(ApplianceError.CONFIG_UNREADABLE, ApplianceError.CONFIG_INVALID);
  }
}
