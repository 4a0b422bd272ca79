package io.kindling.tests.rack;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("rack")
@Timeout(60)
final class ForwarderTest {
  private static final int INSIDE = 8080;

  private final Network network = new Network("kindling-forwarder", "10.20.0.1/24");

  @BeforeEach
  void up() {
    network.down();
    network.up();
  }

  @AfterEach
  void down() {
    network.down();
  }

  @Test
  void aPortOfTheHostLeadsToALoopbackPortInsideTheNamespaceAndNothingElseDoes() throws Exception {
    var inside = new InetSocketAddress(InetAddress.getLoopbackAddress(), INSIDE);
    Process server =
        new ProcessBuilder(
                network.in(
                    "python3",
                    "-c",
                    "import socket\n"
                        + "s = socket.create_server(('127.0.0.1', "
                        + INSIDE
                        + "))\n"
                        + "print('listens', flush=True)\n"
                        + "while True:\n"
                        + "  c, a = s.accept()\n"
                        + "  c.sendall(c.recv(100)[::-1])\n"
                        + "  c.close()\n"))
            .start();
    try (var forwarder = new Forwarder(0, network, inside)) {
      assertThat(server.inputReader().readLine()).isEqualTo("listens");
      for (String word : new String[] {"abc", "console"}) {
        assertThat(said(forwarder.port(), word))
            .isEqualTo(new StringBuilder(word).reverse().toString());
      }
      // The thread that went there has ended: this program is where it was.
      assertThat(Network.processesIn("kindling-forwarder"))
          .allMatch(process -> process.pid() != ProcessHandle.current().pid());
      server.destroyForcibly().onExit().join();
      assertThat(said(forwarder.port(), "x")).isEmpty();
    } finally {
      server.destroyForcibly();
    }
  }

  private static String said(int port, String word) throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
      socket.getOutputStream().write(word.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (SocketException reset) {
      return ""; // closed before the word was read
    }
  }
}
