package io.kindling.appliance.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Reads a `text/event-stream` (WHATWG HTML, "Server-sent events"). Not thread-safe.
final class ServerSentEvents {

  /// One message.
  ///
  /// @param id the last id the stream told, "" where none
  /// @param event its type, `message` where none is told
  record Message(String id, String event, String data) {}

  private final BufferedReader in;
  private String id = "";

  ServerSentEvents(InputStream in) {
    this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
  }

  /// The next message, empty where the stream has ended; a message that it cut short is dropped.
  Optional<Message> next() throws IOException {
    StringBuilder data = null;
    String event = "message";
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.isEmpty()) {
        if (data != null) {
          return Optional.of(new Message(id, event, data.toString()));
        }
        event = "message";
        continue;
      }
      int colon = line.indexOf(':');
      String field = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1);
      if (value.startsWith(" ")) {
        value = value.substring(1);
      }
      switch (field) {
        case "data" ->
            data = data == null ? new StringBuilder(value) : data.append('\n').append(value);
        case "event" -> event = value;
        case "id" -> id = value;
        default -> {
          // Comments (an empty field) keep the connection alive; `retry` is for browsers.
        }
      }
    }
    return Optional.empty();
  }
}
