package io.kindling.appliance.http;

import io.kindling.appliance.ApplianceError;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.Headers;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// The fields of a page's form (`application/x-www-form-urlencoded`). Immutable.
public final class Form {
  /// No form of ours is larger.
  public static final int LIMIT = 16 << 10;

  private static final Duration TIME = Duration.ofSeconds(20);
  private static final AttachmentKey<Form> KEY = AttachmentKey.create(Form.class);

  private final Map<String, String> fields;

  private Form(Map<String, String> fields) {
    this.fields = fields;
  }

  /// True where the request's body is a form.
  public static boolean isIn(HttpServerExchange exchange) {
    String type = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
    return type != null && type.startsWith("application/x-www-form-urlencoded");
  }

  /// The request's form, read once.
  ///
  /// @throws Problem where the body is none, or too large
  public static Form of(HttpServerExchange exchange) throws IOException {
    Form read = exchange.getAttachment(KEY);
    if (read == null) {
      if (!isIn(exchange)) {
        throw new Problem(400, ApplianceError.BAD_REQUEST, "expected a form");
      }
      read = parse(new String(Handlers.body(exchange, LIMIT, TIME), StandardCharsets.US_ASCII));
      exchange.putAttachment(KEY, read);
    }
    return read;
  }

  private static Form parse(String text) {
    var fields = new LinkedHashMap<String, String>();
    for (String pair : text.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        try {
          fields.put(
              URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
              URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
          throw new Problem(400, ApplianceError.BAD_REQUEST, "the form is not encoded as one");
        }
      }
    }
    return new Form(fields);
  }

  /// The field's text, empty where it is not there.
  public String get(String field) {
    return fields.getOrDefault(field, "");
  }
}
