package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Network;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A lease is on stable storage before its ACK leaves, as the kernel saw it.
@Tag("rack")
final class LeaseDurabilityTest {

  /// The magic cookie and option 53 behind it, as strace's -xx writes them: a REQUEST, an ACK.
  private static final String REQUEST = "\\x63\\x82\\x53\\x63\\x35\\x01\\x03";

  private static final String ACK = "\\x63\\x82\\x53\\x63\\x35\\x01\\x05";
  private static final Pattern SYNCED =
      Pattern.compile("(fsync|fdatasync|msync)(\\(| resumed).*= 0$");

  private Scenario scenario;

  @AfterEach
  void down() {
    scenario.close();
  }

  @Test
  void everyAckIsPrecededByASyncAfterItsRequest() throws Exception {
    Path trace = Files.createTempFile("kindling", ".strace");
    scenario =
        Scenario.start(
            "lease",
            "strace",
            "-f",
            "-xx",
            "-s",
            "400",
            "-o",
            trace.toString(),
            "-e",
            "trace=fsync,fdatasync,msync,sendto,sendmsg,sendmmsg,recvfrom,recvmsg,recvmmsg");
    String ns = scenario.network.namespace();
    Commands.run("ip", "-n", ns, "link", "add", "client0", "type", "veth", "peer", "name", "port0");
    Commands.run("ip", "-n", ns, "link", "set", "port0", "master", Network.BRIDGE, "up");
    Commands.run("ip", "-n", ns, "link", "set", "client0", "up");
    for (int i = 0; i < 3; i++) {
      Commands.Result lease =
          Commands.attempt(
              Duration.ofMinutes(1),
              scenario.network.in(
                  "busybox", "udhcpc", "-i", "client0", "-f", "-q", "-n", "-s", "/bin/true"));
      assertThat(lease.output()).contains("lease of 10.20.0.");
    }
    scenario.appliance.stop();
    assertSyncBetween(Files.readAllLines(trace, StandardCharsets.ISO_8859_1));
  }

  private static void assertSyncBetween(List<String> trace) {
    int acks = 0;
    boolean requested = false;
    boolean synced = false;
    for (String line : trace) {
      if (line.contains(REQUEST) && line.contains("recv")) {
        requested = true;
        synced = false;
      } else if (requested && SYNCED.matcher(line).find()) {
        synced = true;
      } else if (line.contains(ACK) && line.contains("send")) {
        assertThat(requested).isTrue();
        assertThat(synced).as("a sync before " + line).isTrue();
        acks++;
        requested = false;
      }
    }
    assertThat(acks).isGreaterThanOrEqualTo(3);
  }
}
