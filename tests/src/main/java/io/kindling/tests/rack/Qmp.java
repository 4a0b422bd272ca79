package io.kindling.tests.rack;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A connection to a running QEMU (QMP, QEMU's docs/interop/qmp-spec). Not thread-safe.
public final class Qmp implements AutoCloseable {

  private static final int LONGEST_LINE = 1 << 20;

  private final SocketChannel channel;
  private final InputStream in;
  private final OutputStream out;

  /// @param socket what `-qmp unix:` named
  /// @throws IOException where nobody answers there
  public Qmp(Path socket) throws IOException {
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    in = Channels.newInputStream(channel);
    out = Channels.newOutputStream(channel);
    line(); // its greeting
    execute("qmp_capabilities", Map.of());
  }

  /// Runs one command and returns what it answers.
  ///
  /// @throws IOException also where QEMU refuses it
  public JsonNode execute(String command, Map<String, ?> arguments) throws IOException {
    String request =
        JsonMapper.shared().writeValueAsString(Map.of("execute", command, "arguments", arguments));
    out.write((request + "\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
    while (true) {
      JsonNode answer = JsonMapper.shared().readTree(line());
      if (answer.has("error")) {
        throw new IOException("QMP " + request + ": " + answer.path("error").path("desc"));
      }
      if (answer.has("return")) {
        return answer.path("return");
      } // else an event
    }
  }

  private String line() throws IOException {
    var text = new StringBuilder();
    int c = in.read();
    while (c >= 0 && c != '\n') {
      text.append((char) c);
      if (text.length() > LONGEST_LINE) {
        throw new IOException("QMP: a line without end");
      }
      c = in.read();
    }
    if (c < 0) {
      throw new EOFException("QMP: QEMU ended");
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
