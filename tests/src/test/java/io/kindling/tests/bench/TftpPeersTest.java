package io.kindling.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.rack.Lan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// TFTP beside tftpd-hpa and atftpd: the same file, client (atftp) and cable, one after the other,
/// the median of three.
@Tag("full")
class TftpPeersTest {
  private static final int BYTES = Integer.getInteger("kindling.bench.mib", 16) << 20;
  private static final String LOCK_STEP = "--option 'blksize 1428'";
  private static final String WINDOW = LOCK_STEP + " --option 'windowsize 16'";

  @TempDir Path folder;

  @Test
  void oneClientAndTwenty() throws Exception {
    try (Peers peers = new Peers(folder)) {
      peers.file("image", BYTES);
      peers.kindling(false);
      warmUp(peers);
      double[] ours = {
        speed(peers, LOCK_STEP, 1),
        speed(peers, LOCK_STEP, 20),
        speed(peers, WINDOW, 1),
        speed(peers, WINDOW, 20)
      };
      peers.lan.endLast();
      // The two packages conflict, so this one is unpacked and not installed.
      Lan.host(
          "sh",
          "-c",
          "cd %s && apt-get download -qq tftpd-hpa && dpkg-deb -x tftpd-hpa_*.deb hpa"
              .formatted(folder));
      String[] hpaCommand = {
        folder + "/hpa/usr/sbin/in.tftpd",
        "--foreground",
        "--user",
        "root",
        "--address",
        Peers.ADDRESS + ":69",
        "--secure",
        peers.files.toString()
      };
      System.out.println("tftpd-hpa: " + String.join(" ", hpaCommand));
      peers.lan.start(peers.servers, hpaCommand);
      warmUp(peers);
      double[] hpa = {speed(peers, LOCK_STEP, 1), speed(peers, LOCK_STEP, 20)};
      peers.lan.endLast();
      String[] atftpdCommand = {
        "atftpd",
        "--daemon",
        "--no-fork",
        "--user",
        "root.root",
        "--bind-address",
        Peers.ADDRESS,
        "--maxthread",
        "100",
        peers.files.toString()
      };
      System.out.println("atftpd: " + String.join(" ", atftpdCommand));
      peers.lan.start(peers.servers, atftpdCommand);
      warmUp(peers);
      double[] atftpd = {speed(peers, WINDOW, 1), speed(peers, WINDOW, 20)};
      peers.lan.endLast();
      Peers.ratio("TFTP blksize 1428, 1 client", "MB/s", ours[0], "tftpd-hpa", hpa[0]);
      Peers.ratio("TFTP blksize 1428, 20 clients", "MB/s", ours[1], "tftpd-hpa", hpa[1]);
      Peers.ratio("TFTP windowsize 16, 1 client", "MB/s", ours[2], "atftpd", atftpd[0]);
      Peers.ratio("TFTP windowsize 16, 20 clients", "MB/s", ours[3], "atftpd", atftpd[1]);
      Peers.ratio("windowsize 16 against our own lock-step", "MB/s", ours[2], "1428", ours[0]);
    }
  }

  /// A server that has just started answers its first requests slowly or not at all.
  private static void warmUp(Peers peers) throws IOException, InterruptedException {
    peers.seconds(
        "until atftp -g -r image -l warm %s && cmp warm files/image; do sleep 0.2; done"
            .formatted(Peers.ADDRESS));
  }

  private double speed(Peers peers, String options, int clients)
      throws IOException, InterruptedException {
    double[] speeds = new double[3];
    for (int i = 0; i < speeds.length; i++) {
      StringBuilder all = new StringBuilder("rm -f got-*; ");
      for (int client = 0; client < clients; client++) {
        all.append(
            "atftp %s --option 'tsize 0' -g -r image -l got-%d %s & "
                .formatted(options, client, Peers.ADDRESS));
      }
      double seconds = peers.seconds(all + "wait");
      for (int client = 0; client < clients; client++) {
        assertThat(Files.mismatch(folder.resolve("got-" + client), peers.files.resolve("image")))
            .isEqualTo(-1);
      }
      speeds[i] = (double) BYTES * clients / seconds / 1e6;
    }
    System.out.println(options + ", " + clients + " clients: " + Arrays.toString(speeds) + " MB/s");
    Arrays.sort(speeds);
    return speeds[1];
  }
}
