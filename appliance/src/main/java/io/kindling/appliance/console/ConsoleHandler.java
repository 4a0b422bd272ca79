package io.kindling.appliance.console;

import io.kindling.appliance.console.internal.HardwareTree;
import io.kindling.appliance.console.internal.ListViews;
import io.kindling.appliance.console.internal.NetworkViews;
import io.kindling.appliance.console.internal.Pages;
import io.kindling.appliance.console.internal.StaticFiles.StaticFile;
import io.kindling.appliance.console.internal.Values;
import io.kindling.appliance.console.internal.Views;
import io.kindling.appliance.http.Problem;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The web console: `GET` only, no state of its own, each page computed from the model when asked
/// for. Mount it at `/` of the operators' listener beside `/api`; its script listens to
/// `/api/v1/events`.
///
/// Thread-safe.
public final class ConsoleHandler {

  /// Nodes on a page where the URL names no `limit`.
  public static final int NODES = 100;

  /// Events on the first page.
  public static final int EVENTS = 40;

  /// Lines of a node's log on its page.
  public static final int LOG_LINES = 60;

  /// Events looked through for those of one node.
  private static final int EVENTS_SEARCHED = 500;

  private static final Logger LOG = LoggerFactory.getLogger(ConsoleHandler.class);

  private final ConsoleModel model;
  private final InstantSource clock;
  private final Pages pages;

  public ConsoleHandler(ConsoleModel model, InstantSource clock, Pages pages) {
    this.model = model;
    this.clock = clock;
    this.pages = pages;
  }

  /// The whole routing table; takes its time, so never on an I/O thread.
  public void show(HttpServerExchange exchange) {
    Pages.headers(exchange);
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
        case "/fragments/nodes" -> page(exchange, "nodes.html", list(exchange));
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
    List<Map<String, Object>> events = model.events(EVENTS); // before the list: it is newer then
    Map<String, Object> values = list(exchange);
    values.put("events", Views.events(events, clock.instant()));
    values.put("eventsOf", "");
    values.put("newest", newest(events));
    return values;
  }

  private Map<String, Object> list(HttpServerExchange exchange) {
    Map<String, Deque<String>> query = exchange.getQueryParameters();
    ConsoleModel.Listed listed = model.nodes(query, NODES);
    var values = new LinkedHashMap<String, Object>();
    values.put("status", Views.status(model.status(), listed.total()));
    values.put("list", ListViews.of(listed, query, clock.instant()));
    return values;
  }

  /// The number of the last event, from which the page's script listens on.
  private static long newest(List<Map<String, Object>> events) {
    return events.isEmpty() ? 0 : Values.number(events.getLast(), "sequence").orElse(0);
  }

  private Map<String, Object> eventList() {
    var values = new LinkedHashMap<String, Object>();
    values.put("events", Views.events(model.events(EVENTS), clock.instant()));
    values.put("eventsOf", "");
    return values;
  }

  private Map<String, Object> networks() {
    var values = new LinkedHashMap<String, Object>();
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
    var values = new LinkedHashMap<String, Object>();
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

  private void page(HttpServerExchange exchange, String template, Map<String, Object> values) {
    pages.send(exchange, template, values);
  }

  private void problem(HttpServerExchange exchange, int status, String text) {
    pages.problem(exchange, status, text);
  }

  private void file(HttpServerExchange exchange, String path) {
    Optional<StaticFile> file = pages.files().at(path);
    if (file.isEmpty()) {
      problem(exchange, 404, "There is no such file.");
      return;
    }
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, file.get().type());
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "public, max-age=31536000, immutable");
    exchange.getResponseSender().send(ByteBuffer.wrap(file.get().content()));
  }

  private String iconPath() {
    return String.valueOf(pages.files().urls().get("icon")).substring("/static/".length());
  }

  private static String text(@org.jspecify.annotations.Nullable Object value) {
    return value == null ? "" : value.toString();
  }
}
