package io.kindling.appliance.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.testing.Gates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class UnixDoorTest {
  private static final int LIMIT = 4 << 20;

  @TempDir Path dir;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger asked = new AtomicInteger();
  private Path socket;
  private UnixDoor door;

  @BeforeEach
  void open() {
    socket = dir.resolve("kindling.sock");
    door = new UnixDoor(socket, LIMIT, handler(), threads);
  }

  private io.undertow.server.HttpHandler handler() {
    return new Handlers(threads, Gates.OPEN)
        .on(
            "POST",
            "/count",
            Access.ADMIN,
            e -> {
              asked.incrementAndGet();
              Json.send(
                  e, 200, Map.of("bytes", Handlers.body(e, LIMIT, Duration.ofSeconds(30)).length));
            })
        .build();
  }

  @AfterEach
  void close() {
    door.close();
    threads.shutdownNow();
  }

  private String post(byte[] body) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      write(
          channel,
          ("POST /count HTTP/1.1\r\nHost: kindling\r\nConnection: close\r\nContent-Length: "
                  + body.length
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      write(channel, body);
      var answer = new ByteArrayOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(8192);
      while (channel.read(buffer) >= 0) {
        answer.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
      return answer.toString(StandardCharsets.UTF_8);
    }
  }

  private static void write(SocketChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  @Test
  void theSocketIsTheOwnersAlone() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-------");
    try (var files = Files.list(dir)) {
      assertThat(files).containsExactly(socket);
    }
  }

  @Test
  void aClientOnTheSocketIsServedWithBodiesLargerThanAnyBuffer() throws IOException {
    assertThat(post(new byte[0])).startsWith("HTTP/1.1 200").endsWith("{\"bytes\":0}");
    assertThat(post(new byte[3 << 20])).endsWith("{\"bytes\":" + (3 << 20) + "}");
    assertThat(asked).hasValue(2);
  }

  @Test
  void aStrangerOnTheBridgesOwnPortGetsNoAnswer() throws IOException {
    try (Socket stranger = new Socket(InetAddress.getLoopbackAddress(), door.innerPort())) {
      stranger
          .getOutputStream()
          .write(
              "POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      byte[] answer;
      try {
        answer = stranger.getInputStream().readAllBytes();
      } catch (SocketException reset) {
        answer = new byte[0]; // closed with the request unread
      }
      assertThat(answer).isEmpty();
    }
    assertThat(asked).hasValue(0);
  }

  @Test
  void theSocketOfAKilledApplianceIsReplacedAndOneClosedIsGone() throws IOException {
    door.close();
    assertThat(socket).doesNotExist();
    Files.createFile(socket);
    open();
    assertThat(post(new byte[1])).endsWith("{\"bytes\":1}");
  }

  @Test
  void aPlaceWhereNoSocketCanBeIsANamedError() {
    assertThatThrownBy(
            () -> new UnixDoor(dir.resolve("none/kindling.sock"), LIMIT, handler(), threads))
        .isInstanceOfSatisfying(
            ApplianceException.class, e -> assertThat(e.error().id()).isEqualTo("APP-023"));
  }
}
