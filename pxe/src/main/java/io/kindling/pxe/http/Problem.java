package io.kindling.pxe.http;

import io.kindling.pxe.PxeError;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.nio.charset.StandardCharsets;

/// An error as machines and people read it (RFC 9457).
final class Problem {
  private Problem() {}

  static void send(HttpServerExchange exchange, int status, PxeError error, String detail) {
    String body =
        "{\"type\":\"urn:kindling:error:%s\",\"title\":%s,\"status\":%d,\"id\":\"%s\",\"detail\":%s,\"cure\":%s}%n"
            .formatted(
                error.id(),
                json(error.summary()),
                status,
                error.id(),
                json(detail),
                json(error.cure()));
    exchange.setStatusCode(status);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/problem+json");
    exchange.getResponseSender().send(body, StandardCharsets.UTF_8);
  }

  private static String json(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20 || c > 0x7e) {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
