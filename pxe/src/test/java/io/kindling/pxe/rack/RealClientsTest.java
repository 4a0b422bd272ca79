package io.kindling.pxe.rack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The server against clients that others wrote: udhcpc, dhclient, tftp-hpa, atftp, curl. Needs
/// root.
@Tag("rack")
class RealClientsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  @TempDir Path folder;

  private final byte[] kernel = new byte[3_000_000];
  private final byte[] large = new byte[40_000_000];
  private Rack rack;
  private Path log;

  @BeforeEach
  void start() throws Exception {
    Path files = Files.createDirectory(folder.resolve("files"));
    new Random(1).nextBytes(kernel);
    new Random(2).nextBytes(large);
    Files.write(files.resolve("vmlinuz"), kernel);
    Files.write(files.resolve("initrd"), large);
    Files.writeString(files.resolve("text"), "one\ntwo\n");
    rack = new Rack(folder);
    log = rack.serve(files, "bootstrap");
  }

  @AfterEach
  void stop() throws Exception {
    rack.close();
  }

  private void eventually(Path output, String text) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(() -> assertThat(Rack.read(output)).contains(text));
  }

  private Path script(String text) throws IOException {
    Path script = Files.writeString(folder.resolve("script.sh"), "#!/bin/sh\n" + text);
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return script;
  }

  @Test
  void dhclientGetsALeaseByUnicastAndRenewsIt() throws Exception {
    Path capture =
        rack.inClientSpace("tcpdump", "-lnvve", "-i", "pv1", "port", "67", "or", "port", "68");
    eventually(capture, "listening on");
    Path script =
        script(
            "[ \"$reason\" != BOUND ] || ip addr add $new_ip_address/24 dev $interface\nexit 0\n");
    rack.inClientSpace(
        "dhclient",
        "-d",
        "-v",
        "-sf",
        script.toString(),
        "-lf",
        folder.resolve("l").toString(),
        "-pf",
        folder.resolve("p").toString(),
        "pv1");
    // The second ACK answers the renewal at half of 16 s; it goes to the client's address.
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () -> assertThat(Rack.read(log).split("dhcp ACK 10.99.0.100")).hasSizeGreaterThan(2));
    // The capture is written a moment after the server's own log.
    eventually(capture, "10.99.0.100.68 > " + Rack.ADDRESS + ".67");
    String seen = Rack.read(capture);
    assertThat(seen)
        .contains(Rack.ADDRESS + ".67 > 10.99.0.100.68")
        .contains("10.99.0.100.68 > " + Rack.ADDRESS + ".67")
        .doesNotContain(Rack.ADDRESS + ".67 > 255.255.255.255.68");
    // No ARP entry was there: frames carry the client's hardware address all the same.
    String mac = rack.clientMac();
    assertThat(seen.lines().filter(line -> line.contains("> " + mac + ", ethertype IPv4")))
        .hasSizeGreaterThanOrEqualTo(2);
    assertThat(Files.readString(folder.resolve("l")))
        .contains("option domain-name \"rack.example\"");
  }

  @Test
  void udhcpcGetsALeaseRenewsAndReleasesIt() throws Exception {
    Path script =
        script(
            "[ \"$1\" != bound ] || ip addr add $ip/24 dev $interface\n"
                + "echo \"$1 $ip $subnet $dns $domain $lease $serverid\"\n");
    Path pid = folder.resolve("pid");
    Path output =
        rack.inClientSpace(
            "busybox",
            "udhcpc",
            "-f",
            "-R",
            "-i",
            "pv1",
            "-p",
            pid.toString(),
            "-s",
            script.toString());
    eventually(output, "bound 10.99.0.100 255.255.255.0 10.99.0.1 rack.example 16 10.99.0.1");
    String process = Files.readString(pid).strip();
    rack.client("kill", "-USR1", process);
    eventually(output, "renew 10.99.0.100");
    rack.client("kill", "-TERM", process);
    rack.client("sh", "-c", "while kill -0 " + process + " 2>/dev/null; do sleep 0.1; done");
    // The released address goes to the same machine again.
    Path again =
        rack.inClientSpace("busybox", "udhcpc", "-f", "-q", "-i", "pv1", "-s", script.toString());
    eventually(again, "bound 10.99.0.100");
  }

  @Test
  void tftpClientsGetFilesWhole() throws Exception {
    rack.client("ip", "addr", "add", "10.99.0.50/24", "dev", "pv1");
    rack.client(
        "sh",
        "-c",
        "printf 'mode octet\\nget vmlinuz hpa\\nmode ascii\\nget text ascii\\nquit\\n' | tftp -4 "
            + Rack.ADDRESS);
    assertThat(folder.resolve("hpa")).hasBinaryContent(kernel);
    assertThat(folder.resolve("ascii")).hasContent("one\ntwo\n");
    for (String option : new String[] {"blksize 1428", "blksize 512", "windowsize 16"}) {
      Path got = folder.resolve(option.replace(' ', '-'));
      rack.client(
          "atftp",
          "--option",
          option,
          "--option",
          "tsize 0",
          "-g",
          "-r",
          "vmlinuz",
          "-l",
          got.toString(),
          Rack.ADDRESS);
      assertThat(got).hasBinaryContent(kernel);
    }
    assertThat(
            rack.client(
                "sh",
                "-c",
                "printf 'get nothing x\\nput files/text up\\nquit\\n' | tftp -4 " + Rack.ADDRESS))
        .contains("Error code 1")
        .contains("Error code 2");
  }

  @Test
  void curlResumesALargeFile() throws Exception {
    rack.client("ip", "addr", "add", "10.99.0.50/24", "dev", "pv1");
    String url = "http://" + Rack.ADDRESS + ":8080/boot/files/initrd";
    rack.client("sh", "-c", "curl -s -r 0-9999999 -o part " + url);
    rack.client("curl", "-s", "-C", "-", "-o", "part", url);
    assertThat(folder.resolve("part")).hasBinaryContent(large);
    assertThat(
            rack.client(
                "sh",
                "-c",
                "curl -s 'http://10.99.0.1:8080/boot/v1/token?mac=52:54:00:00:00:01' | cpio -it"))
        .contains("etc/kindling/token")
        .contains("etc/kindling/appliance.pub");
  }
}
