package io.kindling.postinstall.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.kindling.postinstall.ssh.Shell;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The image script's own download loop with the real curl, against a server that breaks off.
@Tag("rack")
class ImageFetchTest {

  @TempDir Path directory;

  private final byte[] content = new byte[1_000_000];
  private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;
  private int perAnswer = Integer.MAX_VALUE;
  private int status;

  @BeforeEach
  void serve() throws Exception {
    new Random(7).nextBytes(content);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          ranges.add("" + range);
          int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
          if (status != 0) {
            exchange.sendResponseHeaders(status, -1);
            return;
          }
          if (range != null) {
            exchange
                .getResponseHeaders()
                .set(
                    "Content-Range",
                    "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
          }
          exchange.sendResponseHeaders(range == null ? 200 : 206, content.length - from);
          var body = exchange.getResponseBody();
          body.write(content, from, Math.min(perAnswer, content.length - from));
          body.flush();
          if (perAnswer < content.length - from) {
            throw new IOException("breaks off");
          }
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void aWholeDownloadIsOneRequest() throws Exception {
    assertThat(fetch()).isZero();
    assertThat(Files.readAllBytes(directory.resolve("got"))).isEqualTo(content);
    assertThat(ranges).hasSize(1);
  }

  @Test
  void aBrokenDownloadGoesOnWhereItStood() throws Exception {
    perAnswer = 400_000;
    assertThat(fetch()).isZero();
    assertThat(Files.readAllBytes(directory.resolve("got"))).isEqualTo(content);
    assertThat(ranges).endsWith("bytes=400000-", "bytes=800000-").hasSize(3);
  }

  @Test
  void anAnswerThatSaysNoIsGivenUpAtOnceWithItsReason() throws Exception {
    status = 404;
    assertThat(fetch()).isEqualTo(22);
    assertThat(ranges).hasSize(1);
    assertThat(directory.resolve("fetch.why")).content().contains("404");
  }

  private int fetch() throws Exception {
    String script = Scripts.resource("image.sh");
    String functions = script.substring(0, script.lastIndexOf("main "));
    String work = Shell.quote(directory.toString());
    String run =
        functions
            + "WORK="
            + work
            + "\nURL=http://127.0.0.1:"
            + server.getAddress().getPort()
            + "/image"
            + "\nBYTES="
            + content.length
            + "\nsleep() { :; }\nfetch >"
            + Shell.quote(directory.resolve("got").toString())
            + "\n";
    var process = new ProcessBuilder("sh", "-s").redirectErrorStream(true).start();
    try (var in = process.getOutputStream()) {
      in.write(run.getBytes(StandardCharsets.UTF_8));
    }
    System.out.write(process.getInputStream().readAllBytes());
    return process.waitFor();
  }
}
