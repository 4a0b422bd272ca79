package io.kindling.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.rack.Lan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Machines are switched on while somebody asks for more than there is of everything.
@Tag("rack")
class FloodsTest {
  private static final int MACHINES = 10;
  private static final int LOADER = 3 << 20;
  private static final int KERNEL = 12 << 20;
  private static final int DISCOVERS_PER_SECOND = 2000;
  private static final int SLOW_CONNECTIONS = 2000;

  @TempDir Path folder;

  @Test
  void machinesBootWhileTheServersAreFlooded() throws Exception {
    try (Peers peers = new Peers(folder)) {
      peers.file("loader", LOADER);
      peers.file("kernel", KERNEL);
      Path server = peers.kindling(true);
      Lan.eventually(server, "DHCP_ACKS");
      Path flood =
          peers.lan.startJava(
              peers.clients,
              Flooder.class,
              Peers.DEVICE,
              Peers.ADDRESS,
              "" + DISCOVERS_PER_SECOND,
              "" + SLOW_CONNECTIONS);
      Lan.eventually(flood, "flooding");
      Awaitility.await()
          .atMost(Duration.ofMinutes(3))
          .until(() ->
              count(server, PxeCounter.DHCP_OFFERS_WITHDRAWN) > 0
                  && count(server, PxeCounter.TFTP_UNHEARD_DROPS) > 0);
      String said = PoweringOn.run(peers, MACHINES, Duration.ofMinutes(5), "loader", "kernel");
      System.out.println(said);
      assertThat(said.lines().filter(line -> line.startsWith("lost"))).isEmpty();
      assertThat(said.lines().filter(line -> line.matches("machine \\d+ kernel .*")))
          .hasSize(MACHINES);
      Lan.eventually(flood, "cut");
      for (PxeCounter counter :
          new PxeCounter[] {
            PxeCounter.DHCP_RECEIVED,
            PxeCounter.DHCP_OFFERS_WITHDRAWN,
            PxeCounter.TFTP_REQUESTS,
            PxeCounter.TFTP_UNHEARD_DROPS
          }) {
        System.out.println(counter + " " + count(server, counter));
      }
    }
  }

  /// As the server printed it last.
  private static long count(Path log, PxeCounter counter) throws IOException {
    return Pattern.compile("\\b" + counter + "=(\\d+)")
        .matcher(Lan.read(log))
        .results()
        .mapToLong((MatchResult found) -> Long.parseLong(found.group(1)))
        .max()
        .orElse(0);
  }
}
