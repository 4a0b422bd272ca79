package io.kindling.pxe.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.FakeDecisions;
import io.kindling.pxe.FileCatalogue;
import io.kindling.pxe.MemoryLeaseStore;
import io.kindling.pxe.PxeConfig;
import io.kindling.pxe.PxeServer;
import io.kindling.pxe.TestClock;
import io.kindling.pxe.dhcp.AddressRange;
import io.kindling.pxe.dhcp.DhcpConfig;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.undertow.Undertow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;

/// The boot handler behind a real listener: whatever a connection brings, it ends, and never with a
/// server's fault.
final class HttpTarget implements Consumer<byte[]> {
  private static final int PATIENCE_MS = 10_000;

  private final InetSocketAddress address;

  HttpTarget() {
    var server =
        new PxeServer(
            PxeConfig.on(
                "none",
                DhcpConfig.of(
                    Ipv4.parse("127.0.0.1"),
                    24,
                    AddressRange.parse("127.0.0.100-127.0.0.109"),
                    URI.create("http://127.0.0.1"))),
            new FakeDecisions(),
            new MemoryLeaseStore(),
            new FileCatalogue(Map.of(), Map.of("kernel", new byte[3000], "initrd", new byte[9])),
            new TestClock());
    Undertow undertow =
        Undertow.builder()
            .addHttpListener(0, InetAddress.getLoopbackAddress().getHostAddress())
            .setHandler(server.bootHandler())
            .build();
    undertow.start();
    address = (InetSocketAddress) undertow.getListenerInfo().getFirst().getAddress();
  }

  @Override
  public void accept(byte[] input) {
    try (var socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout(PATIENCE_MS);
      socket.getOutputStream().write(input);
      socket.shutdownOutput();
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(answer).doesNotContain("HTTP/1.1 5");
    } catch (java.net.SocketTimeoutException e) {
      throw new IllegalStateException("the connection stays open", e);
    } catch (java.net.SocketException e) {
      // The server had read enough and reset the connection.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
