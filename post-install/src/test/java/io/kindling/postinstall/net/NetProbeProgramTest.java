package io.kindling.postinstall.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kindling.postinstall.internal.Resources;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Parts of the program that need no network.
final class NetProbeProgramTest {

  private static final Path PYTHON = Path.of("/usr/bin/python3");

  @BeforeEach
  void needsPython() {
    assumeTrue(Files.isExecutable(PYTHON), "python3 is not installed");
  }

  /// What the lines print that follow the program in the place of its start.
  private static String run(String lines) throws Exception {
    var program = new StringBuilder();
    for (String part : new String[] {"net-frames.py", "net-devices.py", "net-probe.py"}) {
      program.append(Resources.text(NetVerify.class, part));
    }
    String text = program.toString().replace("sys.exit(main())\n", lines);
    Process python =
        new ProcessBuilder(PYTHON.toString(), "-IS", "-").redirectErrorStream(true).start();
    try (var in = python.getOutputStream()) {
      in.write(text.getBytes(StandardCharsets.UTF_8));
    }
    String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(python.waitFor()).as(said).isZero();
    return said;
  }

  @Test
  void aBondsMembersAreReadFromTheKernelsFile() throws Exception {
    // Linux 6.12, drivers/net/bonding/bond_procfs.c.
    String said =
        run(
            """
            read = lambda path: '''Ethernet Channel Bonding Driver: v6.12
            Bonding Mode: IEEE 802.3ad Dynamic link aggregation
            MII Status: up
            802.3ad info
            LACP active: on
            System MAC address: 52:54:00:00:01:00
            Active Aggregator Info:
            \tPartner Mac Address: 00:11:22:33:44:55

            Slave Interface: enp1s0
            MII Status: up
            Speed: 25000 Mbps
            Permanent HW addr: 52:54:00:00:01:00
            details actor lacp pdu:
                system mac address: 52:54:00:00:01:00
                port state: 61
            details partner lacp pdu:
                system priority: 127
                system mac address: 00:11:22:33:44:55

            Slave Interface: enp2s0
            MII Status: down
            details actor lacp pdu:
                system mac address: 52:54:00:00:01:00
            details partner lacp pdu:
                system mac address: 00:00:00:00:00:00
            '''
            probe = Probe.__new__(Probe)
            probe.told = set()
            probe.bond("bond0")
            """);
    assertThat(said.lines())
        .containsExactly(
            "KINDLING-NET member bond0 enp1s0 lacp up 00:11:22:33:44:55",
            "KINDLING-NET member bond0 enp2s0 lacp down 00:00:00:00:00:00");
  }

  @Test
  void namesAreFoundInAnswersWithAliasesAndCompression() throws Exception {
    assertThat(
            run("""
            query = dns_query(7, "time.test", 1)
            alias = b"\\xc0\\x0c" + struct.pack("!HHIH", 5, 1, 60, 6) + b"\\x03ntp\\xc0\\x11"
            address = b"\\xc0\\x27" + struct.pack("!HHIH", 1, 1, 60, 4) + b"\\x0a\\x14\\x00\\x01"
            print(socket.inet_ntoa(dns_address(query[:6] + struct.pack("!H", 2) + query[8:] + alias + address)))
            print(dns_address(query))
            """)
                .lines())
        .containsExactly("10.20.0.1", "None");
  }

  @Test
  void framesHaveRightChecksumsAndDoNotFragment() throws Exception {
    String said =
        run(
            """
            packet = echo(b"1234", b"\\x0a\\x00\\x00\\x01", b"\\x0a\\x00\\x00\\x02", 7, "l", 9000)
            print(len(packet), checksum(packet[:20]), checksum(packet[20:]), packet[6] >> 6 & 1)
            """);
    assertThat(Arrays.asList(said.strip().split(" "))).containsExactly("9000", "0", "0", "1");
  }
}
