package io.kindling.appliance.console.internal;

import io.kindling.appliance.account.Guard;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Caller;
import io.kindling.appliance.http.Problem;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// Sends the console's pages, with who is logged in, and a content security policy without inline
/// script or style. Thread-safe.
public final class Pages {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

  private final Templates templates = new Templates();
  private final StaticFiles files = new StaticFiles();

  public StaticFiles files() {
    return files;
  }

  /// Sends a page; every page has `me` and `files` beside its own values.
  public void send(HttpServerExchange exchange, String template, Map<String, Object> values) {
    var all = new LinkedHashMap<>(values);
    all.put("files", files.urls());
    all.put("me", me(Caller.of(exchange)));
    String html = templates.render(template, all);
    headers(exchange);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/html; charset=utf-8");
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    exchange.getResponseSender().send(html, StandardCharsets.UTF_8);
  }

  /// Sends a page that says what is wrong.
  public void problem(HttpServerExchange exchange, int status, String text) {
    exchange.setStatusCode(status);
    send(exchange, "problem.html", Map.of("code", status, "text", text));
  }

  /// The same.
  public void problem(HttpServerExchange exchange, Problem problem) {
    Problem.Body body = problem.body();
    problem(
        exchange,
        body.status(),
        "%s %s: %s. %s".formatted(body.id(), body.title(), body.detail(), body.cure()));
  }

  /// What every answer of the console carries.
  public static void headers(HttpServerExchange exchange) {
    var headers = exchange.getResponseHeaders();
    headers.put(new HttpString("Content-Security-Policy"), POLICY);
    headers.put(new HttpString("X-Content-Type-Options"), "nosniff");
    headers.put(
        new HttpString("Referrer-Policy"), "same-origin"); // else forms would have no Origin
    headers.put(new HttpString("Cross-Origin-Resource-Policy"), "same-origin");
  }

  private static Map<String, Object> me(Caller caller) {
    return Map.of(
        "known", !caller.csrf().isEmpty(),
        "name", caller.name(),
        "role", caller.role().label(),
        "operates", caller.role().covers(Access.OPERATOR),
        "administers", caller.role().covers(Access.ADMIN),
        "csrf", caller.csrf(),
        "csrfHeader", Guard.CSRF_HEADER);
  }
}
