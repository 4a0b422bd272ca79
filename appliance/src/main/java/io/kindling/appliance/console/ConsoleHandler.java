package io.kindling.appliance.console;

import io.kindling.appliance.console.internal.HardwareTree;
import io.kindling.appliance.console.internal.ListViews;
import io.kindling.appliance.console.internal.NetworkViews;
import io.kindling.appliance.console.internal.StaticFiles;
import io.kindling.appliance.console.internal.StaticFiles.StaticFile;
import io.kindling.appliance.console.internal.Templates;
import io.kindling.appliance.console.internal.Values;
import io.kindling.appliance.console.internal.Views;
import io.kindling.appliance.http.Problem;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The web console: `GET` only, no state of its own, each page computed from the model when asked
/// for. Mount it at `/` of the operators' listener beside `/api`; its script listens to
/// `/api/v1/events`.
///
/// Pages carry a content security policy without inline script or style. Thread-safe; pages are
/// rendered on the given executor, never on an I/O thread.
public final class ConsoleHandler implements HttpHandler {

  /// Nodes on a page where the URL names no `limit`.
  public static final int NODES = 100;

  /// Events on the first page.
  public static final int EVENTS = 40;

  /// Lines of a node's log on its page.
  public static final int LOG_LINES = 60;

  /// Events looked through for those of one node.
  private static final int EVENTS_SEARCHED = 500;

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

  private static final Logger LOG = LoggerFactory.getLogger(ConsoleHandler.class);

  private final ConsoleModel model;
  private final Executor executor;
  private final InstantSource clock;
  private final Templates templates = new Templates();
  private final StaticFiles files = new StaticFiles();

  /// @param executor renders pages; virtual threads are right
  public ConsoleHandler(ConsoleModel model, Executor executor, InstantSource clock) {
    this.model = model;
    this.executor = executor;
    this.clock = clock;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    exchange.dispatch(executor, this::route);
  }

  /// The whole routing table.
  private void route(HttpServerExchange exchange) {
    headers(exchange);
    if (!exchange.getRequestMethod().equals(Methods.GET)
        && !exchange.getRequestMethod().equals(Methods.HEAD)) {
      exchange.getResponseHeaders().put(Headers.ALLOW, "GET, HEAD");
      problem(exchange, 405, "This page can only be read.");
      return;
    }
    String path = exchange.getRelativePath();
    try {
      switch (path) {
        case "", "/" -> page(exchange, "index.html", overview(exchange));
        case "/fragments/nodes" -> page(exchange, "nodes.html", overview(exchange));
        case "/fragments/events" -> page(exchange, "events.html", eventList());
        case "/networks" -> page(exchange, "networks.html", networks());
        case "/favicon.ico" -> file(exchange, iconPath());
        default -> {
          if (path.startsWith("/static/")) {
            file(exchange, path.substring("/static/".length()));
          } else if (path.startsWith("/fragments/nodes/")) {
            node(exchange, "node-live.html", path.substring("/fragments/nodes/".length()));
          } else if (path.startsWith("/nodes/")) {
            node(exchange, "node.html", path.substring("/nodes/".length()));
          } else {
            problem(exchange, 404, "There is no such page.");
          }
        }
      }
    } catch (Problem e) {
      problem(exchange, e.status(), e.id() + " " + e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("the console's page {} failed", Visible.line(path), e);
      if (!exchange.isResponseStarted()) {
        problem(exchange, 500, "This page failed; the appliance's log says why.");
      }
    }
  }

  private Map<String, Object> overview(HttpServerExchange exchange) {
    Instant now = clock.instant();
    Map<String, Deque<String>> query = exchange.getQueryParameters();
    ConsoleModel.Listed listed = model.nodes(query, NODES);
    Map<String, Object> values = common();
    values.put("status", Views.status(model.status(), listed.total()));
    values.put("list", ListViews.of(listed, query, now));
    List<Map<String, Object>> events = model.events(EVENTS);
    values.put("events", Views.events(events, now));
    values.put("eventsOf", "");
    values.put("newest", newest(events));
    return values;
  }

  /// The number of the last event, from which the page's script listens on.
  private static long newest(List<Map<String, Object>> events) {
    return events.isEmpty() ? 0 : Values.number(events.getLast(), "sequence").orElse(0);
  }

  private Map<String, Object> eventList() {
    Map<String, Object> values = common();
    values.put("events", Views.events(model.events(EVENTS), clock.instant()));
    values.put("eventsOf", "");
    return values;
  }

  private Map<String, Object> networks() {
    Map<String, Object> values = common();
    values.put("verified", NetworkViews.of(model.networks().orElse(Map.of())));
    return values;
  }

  private void node(HttpServerExchange exchange, String template, String key) {
    Optional<Map<String, Object>> found = model.node(key);
    if (found.isEmpty()) {
      problem(exchange, 404, "There is no node " + key + ".");
      return;
    }
    Instant now = clock.instant();
    Map<String, Object> view = Views.node(found.get(), now);
    String id = String.valueOf(view.get("id"));
    Map<String, Object> values = common();
    values.put("node", view);
    List<Map<String, Object>> own =
        model.events(EVENTS_SEARCHED).stream().filter(e -> id.equals(text(e.get("node")))).toList();
    values.put(
        "events", Views.events(own.subList(Math.max(0, own.size() - EVENTS), own.size()), now));
    values.put("eventsOf", view.get("name"));
    values.put("log", String.join("\n", model.logTail(id, LOG_LINES)));
    if (template.equals("node.html")) {
      values.put("script", model.script(id).orElse(""));
      values.put("kickstart", model.kickstart(id).orElse(""));
      values.put("plan", model.plan(id).orElse(""));
      values.put("hardware", HardwareTree.of(model.hardware(id).orElse(Map.of())));
      values.put("newest", newest(model.events(1)));
    }
    page(exchange, template, values);
  }

  private Map<String, Object> common() {
    var values = new LinkedHashMap<String, Object>();
    values.put("files", files.urls());
    return values;
  }

  private void page(HttpServerExchange exchange, String template, Map<String, Object> values) {
    String html = templates.render(template, values);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/html; charset=utf-8");
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    exchange.getResponseSender().send(html, StandardCharsets.UTF_8);
  }

  private void problem(HttpServerExchange exchange, int status, String text) {
    exchange.setStatusCode(status);
    Map<String, Object> values = common();
    values.put("code", status);
    values.put("text", text);
    page(exchange, "problem.html", values);
  }

  private void file(HttpServerExchange exchange, String path) {
    Optional<StaticFile> file = files.at(path);
    if (file.isEmpty()) {
      problem(exchange, 404, "There is no such file.");
      return;
    }
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, file.get().type());
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "public, max-age=31536000, immutable");
    exchange.getResponseSender().send(ByteBuffer.wrap(file.get().content()));
  }

  private String iconPath() {
    return String.valueOf(files.urls().get("icon")).substring("/static/".length());
  }

  private static String text(@org.jspecify.annotations.Nullable Object value) {
    return value == null ? "" : value.toString();
  }

  private static void headers(HttpServerExchange exchange) {
    var headers = exchange.getResponseHeaders();
    headers.put(new HttpString("Content-Security-Policy"), POLICY);
    headers.put(new HttpString("X-Content-Type-Options"), "nosniff");
    headers.put(new HttpString("Referrer-Policy"), "no-referrer");
    headers.put(new HttpString("Cross-Origin-Resource-Policy"), "same-origin");
  }
}
