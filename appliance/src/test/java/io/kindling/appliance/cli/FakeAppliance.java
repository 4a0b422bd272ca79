package io.kindling.appliance.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Answers on a Unix socket with what it was told, byte for byte, and closes the connection.
final class FakeAppliance implements AutoCloseable {

  private final ServerSocketChannel server;
  private final Map<String, Deque<String>> answers = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  FakeAppliance(Path state) throws IOException {
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(state.resolve("kindling.sock")));
    Thread.ofVirtual().start(this::serve);
  }

  /// The next answer to `GET /path`; the last one told is given again and again.
  FakeAppliance raw(String request, String answer) {
    answers.computeIfAbsent(request, key -> new ArrayDeque<>()).add(answer);
    return this;
  }

  FakeAppliance json(String request, String body) {
    return answer(request, 200, "application/json", body);
  }

  FakeAppliance answer(String request, int status, String type, String body) {
    return raw(
        request,
        "HTTP/1.0 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(status, type, body.getBytes(StandardCharsets.UTF_8).length, body));
  }

  /// All requests, each whole.
  List<String> requests() {
    return requests;
  }

  private void serve() {
    try {
      while (true) {
        try (SocketChannel channel = server.accept()) {
          String request = read(channel);
          requests.add(request);
          String[] words = request.split(" ", 3);
          Deque<String> told = answers.get(words[0] + " " + words[1]);
          String answer = "HTTP/1.0 404 X\r\nContent-Length: 0\r\n\r\n";
          if (told != null) {
            answer = told.size() > 1 ? told.removeFirst() : told.getFirst();
          }
          ByteBuffer bytes = ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8));
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        }
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private static String read(SocketChannel channel) throws IOException {
    var text = new StringBuilder();
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    int wanted = Integer.MAX_VALUE;
    while (text.length() < wanted) {
      buffer.clear();
      if (channel.read(buffer) < 0) {
        break;
      }
      text.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
      int end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        int at = text.indexOf("Content-Length: ");
        wanted =
            end
                + 4
                + (at < 0 ? 0 : Integer.parseInt(text.substring(at + 16, text.indexOf("\r", at))));
      }
    }
    return new String(
        text.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
