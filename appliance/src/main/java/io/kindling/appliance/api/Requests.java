package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Deque;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Reads what came with a request; what makes no sense is a [Problem].
final class Requests {
  /// No route takes a larger body.
  static final int BODY_LIMIT = 4 << 20;

  private static final Duration BODY_TIME = Duration.ofSeconds(30);
  private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");

  private Requests() {}

  static JsonNode json(HttpServerExchange exchange) throws IOException {
    byte[] body = Handlers.body(exchange, BODY_LIMIT, BODY_TIME);
    try {
      JsonNode tree = Json.tree(body.length == 0 ? "{}".getBytes(StandardCharsets.UTF_8) : body);
      if (tree.isObject()) {
        return tree;
      }
    } catch (JacksonException e) {
      throw new Problem(
          400, ApplianceError.BAD_REQUEST, "the body is not JSON: " + e.getOriginalMessage());
    }
    throw new Problem(400, ApplianceError.BAD_REQUEST, "the body is not a JSON object");
  }

  static String text(HttpServerExchange exchange) throws IOException {
    byte[] body = Handlers.body(exchange, BODY_LIMIT, BODY_TIME);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new Problem(400, ApplianceError.BAD_REQUEST, "the file is not UTF-8");
    }
  }

  static boolean flag(JsonNode body, String key, boolean otherwise) {
    JsonNode value = body.path(key);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw new Problem(400, ApplianceError.BAD_REQUEST, "`" + key + "` is true or false");
    }
    return value.asBoolean();
  }

  static Set<String> names(JsonNode list) {
    Set<String> names = new TreeSet<>();
    array(list);
    list.forEach(name -> names.add(name.asString("")));
    return names;
  }

  /// An order that is misspelt must not pass for another one: no `nodes` means all of them.
  static void only(JsonNode body, Set<String> known) {
    for (String key : body.propertyNames()) {
      if (!known.contains(key)) {
        throw new Problem(
            400,
            ApplianceError.BAD_REQUEST,
            "unknown key `" + key + "`; known: " + String.join(", ", new TreeSet<>(known)));
      }
    }
  }

  private static void array(JsonNode list) {
    if (!list.isMissingNode() && !list.isArray()) {
      throw new Problem(400, ApplianceError.BAD_REQUEST, "names and labels come as a list");
    }
  }

  static String label(String text) {
    if (!LABEL.matcher(text).matches()) {
      throw new Problem(
          400,
          ApplianceError.BAD_REQUEST,
          "a label is letters, digits, . _ -, at most 63: `" + text + "`");
    }
    return text;
  }

  static Set<String> words(JsonNode list) {
    Set<String> words = new TreeSet<>();
    array(list);
    for (JsonNode word : list) {
      words.add(label(word.asString("")));
    }
    return words;
  }

  static long number(HttpServerExchange exchange, String name, long otherwise) {
    Deque<String> values = exchange.getQueryParameters().get(name);
    String value = values == null ? null : values.peekFirst();
    if (value == null) {
      return otherwise;
    }
    if (!value.matches("[0-9]{1,18}")) {
      throw new Problem(400, ApplianceError.BAD_REQUEST, name + " is a number");
    }
    return Long.parseLong(value);
  }

  /// Says which state an answer shows, for [#requireMatch].
  static void tag(HttpServerExchange exchange, String state) {
    exchange.getResponseHeaders().put(Headers.ETAG, '"' + state + '"');
  }

  /// Where the request says on which state it builds (`If-Match`, RFC 9110 §13.1.1), that must be
  /// the present one: else it would undo what another has changed meanwhile.
  ///
  /// @param state the present one, empty where there is none
  static void requireMatch(HttpServerExchange exchange, String state) {
    String wanted = exchange.getRequestHeaders().getFirst(Headers.IF_MATCH);
    if (wanted == null || wanted.strip().equals("*") && !state.isEmpty()) {
      return;
    }
    for (String one : wanted.split(",", -1)) {
      if (one.strip().equals('"' + state + '"')) {
        return;
      }
    }
    throw new Problem(
        412, ApplianceError.CHANGED, state.isEmpty() ? "there is none" : "it is at " + state);
  }

  /// The name that complaints call the file by.
  static String file(HttpServerExchange exchange) {
    Deque<String> values = exchange.getQueryParameters().get("file");
    String name = values == null ? null : values.peekFirst();
    return name == null || name.length() > 255 ? "cluster.yaml" : name;
  }
}
