package io.kindling.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.rack.Lan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// DHCP beside Kea with its memfile: four-way exchanges a second without loss, then asked for twice
/// that. perfdhcp is the client of both, each exchange with a new client. Ours are synced to the
/// disk before the ACK; Kea's memfile is written and not synced.
///
/// perfdhcp takes the kernel's default room for its one socket, some 160 replies, and counts what
/// does not fit as lost by the server. A rack has a socket for each machine, so for both servers
/// alike that room is made larger, and it is asserted that nothing was lost there.
@Tag("full")
class DhcpPeersTest {
  private static final int FIRST_RATE = 250;
  private static final int MAX_RATE = 32_000;
  private static final String DEFAULT_ROOM = "net.core.rmem_default";
  private static final String CLIENT_ROOM = "" + (16 << 20);
  private static final Pattern SENT = Pattern.compile("sent packets:\\s+([0-9]+)");
  private static final Pattern LOST_BY_CLIENT = Pattern.compile("UdpRcvbufErrors\\s+([0-9]+)");
  private static final Pattern RECEIVED = Pattern.compile("received packets:\\s+([0-9]+)");

  @TempDir Path folder;

  private record Run(int rate, long discovers, long acks) {
    /// Not where perfdhcp sent less than it was asked to: that says nothing of the server.
    boolean lossless() {
      return acks >= discovers && discovers >= 0.95 * rate * Peers.SECONDS;
    }
  }

  private interface Server {
    void start() throws IOException, InterruptedException;
  }

  @Test
  void exchangesWithoutLossAndAtTwiceThat() throws Exception {
    try (Peers peers = new Peers(folder)) {
      Path conf = folder.resolve("kea.json");
      Server kea = () -> startKea(peers, conf);
      Server kindling = () -> awaitTheFirstLook(peers.kindling(true));
      int ours = best(peers, "kindling", kindling);
      int theirs = best(peers, "kea", kea);
      System.out.println("kea: " + Files.readString(conf));
      Peers.ratio("DHCP exchanges/s, no loss", "/s", ours, "Kea memfile", theirs);
      Peers.ratio(
          "DHCP ACKs/s when asked for twice that",
          "/s",
          acksPerSecond(peers, kindling, 2 * ours),
          "Kea memfile",
          acksPerSecond(peers, kea, 2 * theirs));
    }
  }

  /// It looks for other servers before it answers; the metrics tell the second.
  private static void awaitTheFirstLook(Path log) {
    Lan.eventually(log, "DHCP_ACKS");
    org.awaitility.Awaitility.await().until(() -> Lan.read(log).split("PxeMetrics", -1).length > 3);
  }

  private void startKea(Peers peers, Path conf) throws IOException {
    Files.deleteIfExists(folder.resolve("kea-leases.csv"));
    Files.writeString(
        conf,
        """
        { "Dhcp4": {
            "interfaces-config": { "interfaces": ["bv0"] },
            "lease-database": { "type": "memfile", "persist": true, "name": "%1$s/kea-leases.csv", "lfc-interval": 0 },
            "valid-lifetime": 3600,
            "multi-threading": { "enable-multi-threading": true, "thread-pool-size": 2, "packet-queue-size": 64 },
            "subnet4": [ { "id": 1, "subnet": "10.98.0.0/16", "pools": [ { "pool": "%2$s" } ] } ],
            "loggers": [ { "name": "kea-dhcp4", "severity": "ERROR", "output_options": [ { "output": "stdout" } ] } ]
        } }
        """
            .formatted(folder, BenchServer.POOL.replace("-", " - ")));
    Path log =
        peers.lan.start(
            peers.servers,
            "env",
            "KEA_PIDFILE_DIR=" + folder,
            "KEA_LOCKFILE_DIR=" + folder,
            "kea-dhcp4",
            "-c",
            conf.toString());
    org.awaitility.Awaitility.await()
        .until(() ->
            peers.lan.run(peers.servers, "ss", "-lunp").contains("kea-dhcp4")
                || Lan.read(log).contains("ERROR"));
    assertThat(Lan.read(log)).doesNotContain("ERROR");
  }

  /// Doubles the rate until something is lost, then halves the gap three times.
  private int best(Peers peers, String name, Server server)
      throws IOException, InterruptedException {
    int good = 0;
    int bad = FIRST_RATE;
    while (bad <= MAX_RATE && run(peers, name, server, bad).lossless()) {
      good = bad;
      bad *= 2;
    }
    for (int i = 0; i < 3; i++) {
      int middle = (good + bad) / 2;
      if (run(peers, name, server, middle).lossless()) {
        good = middle;
      } else {
        bad = middle;
      }
    }
    assertThat(good).as(name).isPositive();
    return good;
  }

  private double acksPerSecond(Peers peers, Server server, int rate)
      throws IOException, InterruptedException {
    return (double) run(peers, "twice", server, rate).acks() / Peers.SECONDS;
  }

  /// A fresh server and fresh clients each time.
  private Run run(Peers peers, String name, Server server, int rate)
      throws IOException, InterruptedException {
    server.start();
    // Of the whole host, so for no longer than it takes.
    String before = Lan.host("sysctl", "-n", DEFAULT_ROOM).strip();
    Lan.host("sysctl", "-w", DEFAULT_ROOM + "=" + CLIENT_ROOM);
    try {
      long lostBefore = lostByClient(peers);
      String output =
          peers.lan.run(
              peers.clients,
              "perfdhcp",
              "-4",
              "-l",
              "bv1",
              "-r",
              "" + rate,
              "-R",
              "50000",
              "-p",
              "" + Peers.SECONDS,
              "-W",
              "1000000",
              "-t",
              "60",
              "-u",
              Peers.ADDRESS);
      String report = output.substring(Math.max(0, output.indexOf("***Rate statistics***")));
      System.out.println("perfdhcp -r " + rate + " against " + name + ":\n" + report);
      assertThat(lostByClient(peers) - lostBefore).as("lost in perfdhcp's own socket").isZero();
      int requestAck = report.indexOf("REQUEST-ACK");
      assertThat(requestAck).as(output).isPositive();
      return new Run(rate, number(SENT, report), number(RECEIVED, report.substring(requestAck)));
    } finally {
      Lan.host("sysctl", "-w", DEFAULT_ROOM + "=" + before);
      peers.lan.endLast();
    }
  }

  /// Datagrams that reached the clients' side and found a full socket (RcvbufErrors).
  private static long lostByClient(Peers peers) throws IOException, InterruptedException {
    String counters = peers.lan.run(peers.clients, "nstat", "-asz", "UdpRcvbufErrors");
    return number(LOST_BY_CLIENT, counters);
  }

  private static long number(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    assertThat(found.find()).as(text).isTrue();
    return Long.parseLong(found.group(1));
  }
}
