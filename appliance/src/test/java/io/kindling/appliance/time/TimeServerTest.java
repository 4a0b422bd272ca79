package io.kindling.appliance.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kindling.appliance.net.Cidr;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class TimeServerTest {
  private static final Cidr LOOPBACK = Cidr.parse("127.0.0.1/8").orElseThrow();

  /// Seconds from 1900 to 1970 (RFC 5905 §6).
  private static final long NTP_EPOCH = 2_208_988_800L;

  @Test
  void itNeverTouchesTheClockAndAnswersTheProvisioningNetworkAlone() {
    var server = new TimeServer(Cidr.parse("10.20.0.1/24").orElseThrow(), TimeServer.PORT);
    assertThat(server.command())
        .contains("-x", "bindaddress 10.20.0.1", "allow 10.20.0.0/24", "port 123");
  }

  @Test
  @Tag("rack")
  void aRealClientGetsThisMachinesTime() throws Exception {
    int port;
    try (var free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    try (var server = new TimeServer(LOOPBACK, port);
        var socket = new DatagramSocket()) {
      server.start();
      socket.setSoTimeout(500);
      ByteBuffer answer =
          await()
              .atMost(Duration.ofSeconds(20))
              .until(() -> ask(socket, port), Optional::isPresent)
              .orElseThrow();
      assertThat(answer.get(0) & 7).as("mode: server").isEqualTo(4);
      assertThat(answer.get(1)).as("stratum").isEqualTo((byte) 10);
      Instant time = Instant.ofEpochSecond(Integer.toUnsignedLong(answer.getInt(40)) - NTP_EPOCH);
      assertThat(Duration.between(time, Instant.now()).abs()).isLessThan(Duration.ofSeconds(2));
    }
  }

  private static Optional<ByteBuffer> ask(DatagramSocket socket, int port) throws IOException {
    var question = new byte[48];
    question[0] = 0x23; // version 4, client
    socket.send(
        new DatagramPacket(question, question.length, InetAddress.getLoopbackAddress(), port));
    var answer = new DatagramPacket(new byte[48], 48);
    try {
      socket.receive(answer);
      return Optional.of(ByteBuffer.wrap(answer.getData()));
    } catch (SocketTimeoutException | java.net.PortUnreachableException e) {
      return Optional.empty();
    }
  }
}
