package io.kindling.appliance.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/// The operators' API as the verbs use it: answers are JSON, a problem (RFC 9457) is a
/// [CliException] with the appliance's own id and cure. Thread-safe.
final class Operators {

  /// Some addresses answer a browser with a stream.
  private static final Map<String, String> JSON_WANTED =
      Map.of("Accept", "application/json, text/plain;q=0.9, */*;q=0.1");

  private static final int EVENTS_A_PAGE = 1000;

  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private final UnixSocketClient client;

  Operators(UnixSocketClient client) {
    this.client = client;
  }

  /// A node's address in the API.
  static String node(String idOrName) {
    return "/api/v1/nodes/" + encode(idOrName);
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  String text(String path) {
    return must(client.send("GET", path, JSON_WANTED, "", new byte[0])).body();
  }

  JsonNode json(String path) {
    return parse(text(path));
  }

  /// The members of a list.
  List<JsonNode> list(String path) {
    var found = new ArrayList<JsonNode>();
    json(path).forEach(found::add);
    return found;
  }

  /// All events after that one, oldest first.
  List<JsonNode> eventsAfter(long sequence) {
    var found = new ArrayList<JsonNode>();
    long last = sequence;
    while (true) {
      List<JsonNode> page = list("/api/v1/events?after=" + last + "&limit=" + EVENTS_A_PAGE);
      found.addAll(page);
      long newest = lastOf(page, last);
      if (newest == last) {
        return found;
      }
      last = newest;
    }
  }

  /// The highest sequence number, `before` where there are none.
  static long lastOf(List<JsonNode> events, long before) {
    return events.stream().mapToLong(e -> e.path("sequence").asLong(0)).reduce(before, Math::max);
  }

  JsonNode send(String method, String path, Object body) {
    return send(method, path, "application/json", JSON.writeValueAsBytes(body));
  }

  JsonNode send(String method, String path, String type, byte[] body) {
    String answer = must(client.send(method, path, Map.of(), type, body)).body();
    return answer.isBlank() ? JSON.createObjectNode() : parse(answer);
  }

  /// Hands over the messages of a stream until it ends.
  void follow(String path, String lastEventId, Consumer<ServerSentEvents.Message> to) {
    Map<String, String> headers =
        lastEventId.isEmpty()
            ? Map.of("Accept", "text/event-stream")
            : Map.of("Accept", "text/event-stream", "Last-Event-ID", lastEventId);
    try (var streamed = client.open("GET", path, headers, "", new byte[0])) {
      if (streamed.status() / 100 != 2) {
        String body = new String(streamed.body().readAllBytes(), StandardCharsets.UTF_8);
        must(new UnixSocketClient.Answer(streamed.status(), streamed.headers(), body));
      }
      var events = new ServerSentEvents(streamed.body());
      for (Optional<ServerSentEvents.Message> next = events.next();
          next.isPresent();
          next = events.next()) {
        to.accept(next.get());
      }
    } catch (IOException e) {
      throw new CliException(CliError.BROKEN_OFF, String.valueOf(e.getMessage()), e);
    }
  }

  /// Hands an answer's bytes on as they come.
  ///
  /// @param order sent where it has something in it
  /// @throws IOException where they cannot be written there
  void stream(String method, String path, Map<String, Object> order, OutputStream to)
      throws IOException {
    String type = order.isEmpty() ? "" : "application/json";
    byte[] sent = order.isEmpty() ? new byte[0] : JSON.writeValueAsBytes(order);
    try (var streamed = client.open(method, path, Map.of(), type, sent)) {
      if (streamed.status() / 100 != 2) {
        String body = new String(streamed.body().readAllBytes(), StandardCharsets.UTF_8);
        must(new UnixSocketClient.Answer(streamed.status(), streamed.headers(), body));
      }
      streamed.body().transferTo(to);
    }
  }

  static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JacksonException e) {
      throw new CliException(CliError.BROKEN_OFF, "it is not JSON", e);
    }
  }

  static String pretty(JsonNode json) {
    return json.toPrettyString();
  }

  private static UnixSocketClient.Answer must(UnixSocketClient.Answer answer) {
    if (answer.isSuccess()) {
      return answer;
    }
    String type = answer.headers().getOrDefault("content-type", "");
    if (type.contains("json")) {
      JsonNode problem = parse(answer.body());
      String title = problem.path("title").asString("");
      String detail = problem.path("detail").asString("");
      String text = title.isEmpty() || detail.isEmpty() ? title + detail : title + ": " + detail;
      String cure = problem.path("cure").asString("");
      throw new CliException(
          problem.path("error").asString(problem.path("id").asString(CliError.REFUSED.id())),
          text.isEmpty() ? "status " + answer.status() : text,
          cure.isEmpty() ? CliError.REFUSED.cure() : cure,
          null);
    }
    throw new CliException(CliError.REFUSED, "status " + answer.status());
  }
}
