package io.kindling.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// HTTP beside nginx with sendfile: a large file and one of 4 KiB, wrk as the client of both.
@Tag("full")
class HttpPeersTest {
  private static final Pattern REQUESTS = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
  private static final int LARGE = 64 << 20;
  private static final int SMALL = 4096;

  @TempDir Path folder;

  @Test
  void aLargeFileAndSmallOnes() throws Exception {
    try (Peers peers = new Peers(folder)) {
      peers.file("large", LARGE);
      peers.file("small", SMALL);
      Path conf = folder.resolve("nginx.conf");
      Files.writeString(
          conf,
          """
          worker_processes 2;
          daemon off;
          pid %1$s/nginx.pid;
          error_log %1$s/error.log;
          events { worker_connections 512; }
          http {
            access_log off;
            sendfile on;
            tcp_nopush on;
            server { listen %2$s:8081; location /boot/files/ { alias %1$s/files/; } }
          }
          """
              .formatted(folder, Peers.ADDRESS));
      System.out.println("nginx: " + Files.readString(conf));
      peers.lan.run(peers.servers, "chmod", "-R", "a+rX", folder.toString());
      peers.lan.run(peers.servers, "chmod", "a+rx", folder.toString());
      peers.kindling(false);
      peers.lan.start(peers.servers, "nginx", "-c", conf.toString());
      peers.seconds("until curl -so /dev/null http://10.98.0.1:8081/; do sleep 0.1; done");
      int ours = BenchServer.HTTP_PORT;
      rate(peers, ours, "small", 16, Peers.SECONDS); // the JIT's warm-up is not what is compared
      Peers.ratio(
          "HTTP 4 KiB, 16 connections",
          "requests/s",
          rate(peers, ours, "small", 16, Peers.SECONDS),
          "nginx",
          rate(peers, 8081, "small", 16, Peers.SECONDS));
      double mega = LARGE / 1e6;
      for (int connections : new int[] {1, 20}) {
        Peers.ratio(
            "HTTP 64 MiB, " + connections + " connections",
            "MB/s",
            rate(peers, ours, "large", connections, Peers.SECONDS) * mega,
            "nginx",
            rate(peers, 8081, "large", connections, Peers.SECONDS) * mega);
      }
    }
  }

  private static double rate(Peers peers, int port, String file, int connections, int seconds)
      throws IOException, InterruptedException {
    String output =
        peers.lan.run(
            peers.clients,
            "wrk",
            "-t1",
            "-c" + connections,
            "-d" + seconds + "s",
            "--timeout",
            "30s",
            "http://%s:%d/boot/files/%s".formatted(Peers.ADDRESS, port, file));
    System.out.println(output);
    assertThat(output).doesNotContain("Non-2xx", "Socket errors");
    Matcher found = REQUESTS.matcher(output);
    assertThat(found.find()).isTrue();
    return Double.parseDouble(found.group(1));
  }
}
