package io.kindling.pxe.rack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// On a wire with dnsmasq as the site's DHCP server. Needs root.
@Tag("rack")
class BesideOthersTest {
  private static final String KINDLING = "10.99.0.1";
  private static final String SITE = "10.99.0.2";

  @TempDir Path folder;

  private Lan lan;
  private String server;
  private String site;
  private String client;

  @BeforeEach
  void wire() throws Exception {
    lan = new Lan(folder);
    server = lan.space("s");
    site = lan.space("d");
    client = lan.space("c");
    lan.wire("w", server + "/pv0", site + "/site0", client + "/pv1");
    lan.address(server, "pv0", KINDLING + "/24");
    lan.address(site, "site0", SITE + "/24");
  }

  @AfterEach
  void unplug() throws Exception {
    lan.close();
  }

  private Path serve(String mode) throws IOException {
    Path files = folder.resolve("files");
    if (!Files.exists(files)) {
      Files.createDirectory(files);
      Files.writeString(files.resolve("shimx64.efi"), "shim");
    }
    return lan.startJava(
        server, RackServer.class, "pv0", KINDLING, files.toString(), "bootstrap", mode);
  }

  private Path dnsmasq() throws IOException {
    Path log =
        lan.start(
            site,
            "dnsmasq",
            "--no-daemon",
            "--conf-file=/dev/null",
            "--user=root",
            "--port=0",
            "--interface=site0",
            "--dhcp-range=10.99.0.200,10.99.0.209,255.255.255.0,1h",
            "--dhcp-leasefile=" + folder.resolve("dnsmasq.leases"),
            "--pid-file=" + folder.resolve("dnsmasq.pid"),
            "--log-dhcp",
            "--no-ping");
    Lan.eventually(log, "DHCP, IP range");
    return log;
  }

  private Path trace() throws IOException {
    Path trace =
        lan.start(
            client, "tcpdump", "-lnvv", "-i", "pv1", "port", "67", "or", "port", "68", "or", "port",
            "4011");
    Lan.eventually(trace, "listening on");
    return trace;
  }

  /// Gets a lease as any system would, and takes its address.
  private String udhcpc() throws Exception {
    Path script =
        Files.writeString(
            folder.resolve("script.sh"), "#!/bin/sh\n[ \"$1\" != bound ] || echo \"got $ip\"\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return lan.run(
        client,
        "busybox",
        "udhcpc",
        "-f",
        "-q",
        "-n",
        "-t",
        "8",
        "-T",
        "1",
        "-i",
        "pv1",
        "-s",
        script.toString());
  }

  @Test
  void aProxySaysWhatToBootAndTheSitesServerLendsTheAddress() throws Exception {
    dnsmasq();
    Path kindling = serve("PROXY");
    Lan.eventually(kindling, "PXE-023");
    assertThat(Lan.read(kindling)).contains(SITE + " (" + lan.mac(site, "site0") + ")");
    Path trace = trace();
    Path firmware = lan.startJava(client, PxeClient.class, "pv1", "7");
    Lan.eventually(
        firmware,
        "OFFER from 10.99.0.1:67 yiaddr 0.0.0.0 siaddr 10.99.0.1 file shimx64.efi class PXEClient");
    Lan.eventually(firmware, "OFFER from 10.99.0.2:67 yiaddr 10.99.0.20");
    lan.endLast();
    // The capture is written a moment after the datagrams.
    Lan.eventually(trace, "10.99.0.2.67 > 255.255.255.255.68");
    Lan.eventually(trace, "10.99.0.1.67 > 255.255.255.255.68");
    Lan.eventually(trace, "file \"shimx64.efi\"");

    lan.address(client, "pv1", "10.99.0.77/24");
    Path asking = lan.startJava(client, PxeClient.class, "pv1", "7", KINDLING);
    Lan.eventually(
        asking,
        "ACK from 10.99.0.1:4011 yiaddr 0.0.0.0 siaddr 10.99.0.1 file shimx64.efi class PXEClient");
    lan.endLast();
  }

  @Test
  void aClientThatDoesNotNetbootHearsNothingFromAProxy() throws Exception {
    dnsmasq();
    Path kindling = serve("PROXY");
    Lan.eventually(kindling, "PXE-023");
    Path trace = trace();
    assertThat(udhcpc()).contains("got 10.99.0.20");
    Path plain = lan.startJava(client, PxeClient.class, "pv1", "plain");
    Lan.eventually(plain, "OFFER from 10.99.0.2:67");
    lan.endLast();
    Lan.eventually(trace, "10.99.0.2.67 >");
    // A PXE client's answer comes behind theirs on the same wire: nothing is still under way.
    Path firmware = lan.startJava(client, PxeClient.class, "pv1", "7");
    Lan.eventually(firmware, "OFFER from 10.99.0.1:67");
    Lan.eventually(trace, "10.99.0.1.67 >");
    assertThat(Lan.read(trace).split("10.99.0.1.67 >", -1)).hasSize(2);
    assertThat(Lan.read(plain)).doesNotContain("from 10.99.0.1:");
  }

  @Test
  void whereAnotherServesKindlingStaysSilentAndNamesIt() throws Exception {
    dnsmasq();
    Path kindling = serve("SERVER");
    Lan.eventually(kindling, "PXE-020");
    assertThat(Lan.read(kindling))
        .contains(SITE + " (" + lan.mac(site, "site0") + "), offers 10.99.0.20");
    Path trace = trace();
    assertThat(udhcpc()).contains("got 10.99.0.20");
    Path firmware = lan.startJava(client, PxeClient.class, "pv1", "7");
    Lan.eventually(firmware, "OFFER from 10.99.0.2:67");
    Lan.eventually(trace, "10.99.0.2.67 > 255.255.255.255.68");
    assertThat(Lan.read(trace)).doesNotContain("10.99.0.1.67 >");
  }

  @Test
  void aServerThatAppearsLaterIsNamedAndMachinesAreServedOn() throws Exception {
    Path kindling = serve("SERVER");
    Lan.eventually(kindling, "ready");
    assertThat(udhcpc()).contains("got 10.99.0.100");
    dnsmasq();
    Path firmware = lan.startJava(client, PxeClient.class, "pv1", "7");
    Lan.eventually(firmware, "OFFER from 10.99.0.1:67");
    Lan.eventually(firmware, "OFFER from 10.99.0.2:67");
    Lan.eventually(kindling, "PXE-021");
    assertThat(Lan.read(kindling)).contains(SITE + " (" + lan.mac(site, "site0") + ")");
  }

  @Test
  void anAddressThatAMachineHasWithoutALeaseIsNotOfferedAndTheMachineNamed() throws Exception {
    lan.address(site, "site0", "10.99.0.100/24");
    Path kindling = serve("SERVER");
    Lan.eventually(kindling, "ready");
    assertThat(udhcpc()).contains("got 10.99.0.101");
    assertThat(Lan.read(kindling))
        .contains("PXE-019")
        .contains("10.99.0.100 by " + lan.mac(site, "site0"));
  }

  @Test
  void anAddressInUseIsFoundWhenTheInterfaceHasGotAnotherHardwareAddress() throws Exception {
    lan.address(site, "site0", "10.99.0.100/24");
    Path kindling = serve("SERVER");
    Lan.eventually(kindling, "ready");
    String before = lan.mac(server, "pv0");
    Lan.host("ip", "-n", server, "link", "set", "pv0", "address", "02:00:00:00:00:99");
    assertThat(udhcpc()).contains("got 10.99.0.101");
    assertThat(Lan.read(kindling)).contains("10.99.0.100 by " + lan.mac(site, "site0"));
    assertThat(lan.run(site, "ip", "neigh", "show", KINDLING)).doesNotContain(before);
  }
}
