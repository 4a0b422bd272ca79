package io.kindling.appliance.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// The operators' API over the appliance's Unix socket: HTTP/1.0, one connection a request, so that
/// a body is either as long as `Content-Length` says or ends with the connection.
///
/// Thread-safe. What fails is a [CliException]; a status other than success is not a failure here.
public final class UnixSocketClient {

  /// A head is at most this long.
  static final int MAX_HEAD_BYTES = 64 << 10;

  private final Path socket;

  public UnixSocketClient(Path socket) {
    this.socket = socket;
  }

  /// A whole answer.
  ///
  /// @param headers by lower-case name
  public record Answer(int status, Map<String, String> headers, String body) {
    public Answer {
      headers = Map.copyOf(headers);
    }

    public boolean isSuccess() {
      return status / 100 == 2;
    }
  }

  /// An answer whose body is read while it comes. Closing it ends the connection.
  public static final class Streamed implements AutoCloseable {
    private final SocketChannel channel;
    private final int status;
    private final Map<String, String> headers;
    private final InputStream body;

    Streamed(SocketChannel channel, int status, Map<String, String> headers, InputStream body) {
      this.channel = channel;
      this.status = status;
      this.headers = Map.copyOf(headers);
      this.body = body;
    }

    public int status() {
      return status;
    }

    public Map<String, String> headers() {
      return headers;
    }

    public InputStream body() {
      return body;
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        // The answer was read or is not wanted; nothing is lost.
      }
    }
  }

  public Answer get(String path) {
    return send("GET", path, Map.of(), "", new byte[0]);
  }

  /// Sends a request and reads the whole answer.
  public Answer send(
      String method, String path, Map<String, String> headers, String type, byte[] body) {
    try (Streamed streamed = open(method, path, headers, type, body)) {
      String length = streamed.headers().get("content-length");
      byte[] bytes = streamed.body().readAllBytes();
      if (length != null && bytes.length < Long.parseLong(length)) {
        throw brokenOff(bytes.length + " of " + length + " bytes came", null);
      }
      return new Answer(
          streamed.status(), streamed.headers(), new String(bytes, StandardCharsets.UTF_8));
    } catch (IOException | NumberFormatException e) {
      throw brokenOff(String.valueOf(e.getMessage()), e);
    }
  }

  /// Sends a request and returns once the answer's head is there.
  public Streamed open(
      String method, String path, Map<String, String> headers, String type, byte[] body) {
    var head = new StringBuilder();
    head.append(method).append(' ').append(path).append(" HTTP/1.0\r\n");
    head.append("Host: localhost\r\nConnection: close\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    if (!type.isEmpty()) {
      head.append("Content-Type: ").append(type).append("\r\n");
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    head.append("\r\n");
    var request = new ByteArrayOutputStream();
    request.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
    request.writeBytes(body);
    SocketChannel channel = connect();
    try {
      ByteBuffer buffer = ByteBuffer.wrap(request.toByteArray());
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      return answer(channel);
    } catch (IOException | RuntimeException e) {
      try {
        channel.close();
      } catch (IOException closing) {
        e.addSuppressed(closing);
      }
      if (e instanceof IOException) {
        throw brokenOff(String.valueOf(e.getMessage()), e);
      }
      throw (RuntimeException) e;
    }
  }

  private SocketChannel connect() {
    SocketChannel channel = null;
    try {
      channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(UnixDomainSocketAddress.of(socket));
      return channel;
    } catch (IOException | IllegalArgumentException e) {
      if (channel != null) {
        try {
          channel.close();
        } catch (IOException closing) {
          e.addSuppressed(closing);
        }
      }
      String why = String.valueOf(e.getMessage());
      if (e instanceof AccessDeniedException
          || why.toLowerCase(Locale.ROOT).contains("permission denied")) {
        throw new CliException(CliError.NOT_ALLOWED, socket + ": permission denied", e);
      }
      throw new CliException(
          CliError.NOT_RUNNING,
          socket + (Files.exists(socket) ? ": " + why : " does not exist"),
          e);
    }
  }

  private Streamed answer(SocketChannel channel) throws IOException {
    InputStream in = new java.io.BufferedInputStream(Channels.newInputStream(channel));
    var head = new ByteArrayOutputStream();
    int last = 0; // The last four bytes, to see the empty line.
    while (last != 0x0d0a0d0a) {
      int b = in.read();
      if (b < 0 || head.size() >= MAX_HEAD_BYTES) {
        throw brokenOff(b < 0 ? "it ended before its head did" : "its head is too long", null);
      }
      head.write(b);
      last = last << 8 | b;
    }
    String[] lines = head.toString(StandardCharsets.ISO_8859_1).split("\r\n");
    String[] first = lines[0].split(" ", 3);
    if (first.length < 2 || !first[0].startsWith("HTTP/") || !first[1].matches("[1-5][0-9]{2}")) {
      throw brokenOff("this is not HTTP: " + lines[0], null);
    }
    var headers = new LinkedHashMap<String, String>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.put(
            lines[i].substring(0, colon).strip().toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).strip());
      }
    }
    return new Streamed(channel, Integer.parseInt(first[1]), headers, in);
  }

  private CliException brokenOff(
      String detail, @org.jspecify.annotations.Nullable Throwable cause) {
    return new CliException(CliError.BROKEN_OFF, detail, cause);
  }
}
