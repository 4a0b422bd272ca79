package io.kindling.pxe.rack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two networks behind ISC's relay agent, which adds option 82. Needs root.
@Tag("rack")
class RelayedNetworksTest {
  private static final String KINDLING = "10.99.0.1";

  @TempDir Path folder;

  private Lan lan;
  private String relay;
  private String first;
  private String second;
  private Path log;

  @BeforeEach
  void wire() throws Exception {
    lan = new Lan(folder);
    String server = lan.space("s");
    relay = lan.space("r");
    first = lan.space("c1");
    second = lan.space("c2");
    lan.cable(server, "pv0", relay, "north");
    lan.cable(relay, "down1", first, "pv1");
    lan.cable(relay, "down2", second, "pv1");
    lan.address(server, "pv0", KINDLING + "/24");
    lan.address(relay, "north", "10.99.0.254/24");
    lan.address(relay, "down1", "10.30.0.1/24");
    lan.address(relay, "down2", "10.40.0.1/24");
    lan.run(relay, "sysctl", "-qw", "net.ipv4.ip_forward=1");
    for (String network : new String[] {"10.30.0.0/24", "10.40.0.0/24"}) {
      Lan.host("ip", "-n", server, "route", "add", network, "via", "10.99.0.254");
    }
    Path files = Files.createDirectory(folder.resolve("files"));
    log =
        lan.startJava(
            server,
            RackServer.class,
            "pv0",
            KINDLING,
            files.toString(),
            "bootstrap",
            "SERVER",
            "10.30.0.1=10.30.0.100-10.30.0.109",
            "10.40.0.1=10.40.0.100-10.40.0.109");
    Lan.eventually(log, "ready");
    Path agent =
        lan.start(
            relay,
            "dhcrelay",
            "-4",
            "-d",
            "-a",
            "--no-pid",
            "-iu",
            "north",
            "-id",
            "down1",
            "-id",
            "down2",
            KINDLING);
    Lan.eventually(agent, "Sending on   LPF/down2");
  }

  @AfterEach
  void unplug() throws Exception {
    lan.close();
  }

  private Path udhcpc(String space, String pid) throws Exception {
    Path script =
        Files.writeString(
            folder.resolve("script-" + pid + ".sh"),
            "#!/bin/sh\n"
                + "if [ \"$1\" = bound ]; then ip addr add $ip/24 dev $interface;"
                + " ip route add default via $router; fi\n"
                + "echo \"$1 $ip $router\"\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return lan.start(
        space,
        "busybox",
        "udhcpc",
        "-f",
        "-i",
        "pv1",
        "-p",
        folder.resolve(pid).toString(),
        "-s",
        script.toString());
  }

  @Test
  void eachMachineGetsAnAddressOfItsOwnNetworkAndRenewsItPastTheRelay() throws Exception {
    Path one = udhcpc(first, "one");
    Path two = udhcpc(second, "two");
    Lan.eventually(one, "bound 10.30.0.100 10.30.0.1");
    Lan.eventually(two, "bound 10.40.0.100 10.40.0.1");
    lan.run(first, "kill", "-USR1", Files.readString(folder.resolve("one")).strip());
    Lan.eventually(one, "renew 10.30.0.100 10.30.0.1");
    Path firmware = lan.startJava(second, PxeClient.class, "pv1", "7");
    Lan.eventually(firmware, "yiaddr 10.40.0.100 siaddr 10.99.0.1 file shimx64.efi");
  }

  @Test
  void anAddressInUseBehindTheRelayIsFoundByPing() throws Exception {
    lan.address(relay, "down1", "10.30.0.100/24");
    Lan.eventually(udhcpc(first, "one"), "bound 10.30.0.101 10.30.0.1");
    assertThat(Lan.read(log)).contains("PXE-019").contains("10.30.0.100");
  }
}
