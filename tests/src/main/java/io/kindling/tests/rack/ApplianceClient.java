package io.kindling.tests.rack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/// The operators' API over the Unix socket, as a program outside the appliance sees it.
/// Thread-safe.
///
/// @param socket the appliance's socket file
public record ApplianceClient(Path socket) {

  private static final ObjectMapper JSON = JsonMapper.builder().build();

  /// What the appliance answered.
  public record Answer(int status, String body) {
    public JsonNode json() {
      return JSON.readTree(body);
    }
  }

  /// True where something answers on the socket.
  public boolean answers() {
    try {
      return get("/api/v1/status").status() == 200;
    } catch (UncheckedIOException refused) {
      return false;
    }
  }

  /// The nodes, as the API lists them.
  public JsonNode nodes() {
    JsonNode body = must(get("/api/v1/nodes")).json();
    return body.isArray() ? body : body.get("nodes");
  }

  public Answer get(String path) {
    return send("GET", path, "", "");
  }

  public Answer send(String method, String path, String type, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String head = method + " " + path + " HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n";
    if (!body.isEmpty()) {
      head += "Content-Type: " + type + "\r\nContent-Length: " + bytes.length + "\r\n";
    }
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      var request = new ByteArrayOutputStream();
      request.writeBytes((head + "\r\n").getBytes(StandardCharsets.US_ASCII));
      request.writeBytes(bytes);
      ByteBuffer buffer = ByteBuffer.wrap(request.toByteArray());
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      String answer =
          new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
      int end = answer.indexOf("\r\n\r\n");
      if (end < 0 || answer.length() < 12) {
        throw new IOException("no answer on " + socket);
      }
      return new Answer(Integer.parseInt(answer.substring(9, 12)), answer.substring(end + 4));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The answer where it is a success, else a named error with what the appliance said.
  public static Answer must(Answer answer) {
    if (answer.status() / 100 != 2) {
      throw new RackException(
          RackError.COMMAND_FAILED, "the appliance: " + answer.status() + " " + answer.body());
    }
    return answer;
  }
}
