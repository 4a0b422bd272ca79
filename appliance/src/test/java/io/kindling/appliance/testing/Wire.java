package io.kindling.appliance.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/// One TCP connection on loopback that says exactly what the test says.
public final class Wire implements AutoCloseable {
  private final Socket socket;
  private final OutputStream out;

  public Wire(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(15_000);
    out = socket.getOutputStream();
  }

  public Wire head(String... lines) throws IOException {
    return bytes(
        (String.join("\r\n", lines) + "\r\nHost: 127.0.0.1\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1));
  }

  public Wire bytes(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  /// Says that nothing more comes.
  public Wire end() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /// Everything up to the other side's end; a reset counts as one.
  public String all() throws IOException {
    return until(null);
  }

  /// What came up to this text, or to the end.
  public String until(String text) throws IOException {
    var answer = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    InputStream in = socket.getInputStream();
    while (true) {
      String now = answer.toString(StandardCharsets.UTF_8);
      if (text != null && now.contains(text)) {
        return now;
      }
      int n;
      try {
        n = in.read(buffer);
      } catch (SocketException reset) {
        return now;
      }
      if (n < 0) {
        return now;
      }
      answer.write(buffer, 0, n);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
