package io.kindling.appliance.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.undertow.Undertow;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
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

  /// Bytes outside the heap.
  private static long direct() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
