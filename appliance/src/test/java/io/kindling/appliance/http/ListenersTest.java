package io.kindling.appliance.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.undertow.Undertow;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ListenersTest {
  private static final int REQUESTS = 3000;

  /// A tenth of what a buffer left behind by each request would come to.
  private static final long GROWTH = REQUESTS * (16L << 10) / 10;

  @Test
  void requestsThatRanOnVirtualThreadsLeaveNoBuffersBehind() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var client = HttpClient.newHttpClient()) {
      Undertow server =
          Listeners.open(
              "test",
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              1 << 20,
              exchange ->
                  exchange.dispatch(threads, () -> exchange.getResponseSender().send("here")));
      try {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + Listeners.port(server) + "/"))
                .build();
        assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("here");
        long before = direct();
        for (int i = 0; i < REQUESTS; i++) {
          HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
          assertThat(answer.statusCode()).isEqualTo(200);
        }
        assertThat(direct() - before).isLessThan(GROWTH);
      } finally {
        server.stop();
      }
    }
  }

  /// What is connected and says nothing takes a place; the next one's turn comes when one ends.
  @Test
  void moreConnectionsThanMayBeWaitUntilOneEnds() throws Exception {
    int most = 4;
    Undertow server =
        Listeners.open(
            "test",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            null,
            1 << 20,
            most,
            exchange -> exchange.getResponseSender().send("here"));
    var silent = new ArrayList<Socket>();
    try (var late = new Socket()) {
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Listeners.port(server));
      for (int i = 0; i < most; i++) {
        var socket = new Socket(address.getAddress(), address.getPort());
        silent.add(socket);
        assertThat(answer(socket)).startsWith("HTTP/1.1 200"); // it has its place
      }
      late.connect(address);
      late.setSoTimeout(1000);
      assertThatThrownBy(() -> answer(late)).isInstanceOf(SocketTimeoutException.class);
      silent.getFirst().close();
      late.setSoTimeout(30_000);
      assertThat(line(late)).startsWith("HTTP/1.1 200");
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
      server.stop();
    }
  }

  private static String answer(Socket socket) throws IOException {
    socket
        .getOutputStream()
        .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return line(socket);
  }

  private static String line(Socket socket) throws IOException {
    var line = new StringBuilder();
    int c = socket.getInputStream().read();
    while (c > 0 && c != '\r') {
      line.append((char) c);
      c = socket.getInputStream().read();
    }
    return line.toString();
  }

  /// Bytes outside the heap.
  private static long direct() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
