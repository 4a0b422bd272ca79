package io.kindling.appliance.console;

import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.api.Lookup;
import io.kindling.appliance.api.NodeViews;
import io.kindling.appliance.deploy.ClusterBook;
import io.kindling.appliance.deploy.InstallPlans;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Problem;
import io.kindling.inventory.Event;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.facts.Facts;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/// The web console: whole pages and the fragments that keep them live. No script stands in a page
/// and none from elsewhere runs; all text of machines is escaped. Thread-safe.
public final class Console {
  private static final int MAX_CARDS = 200;
  private static final int EVENTS = 60;
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final NodeStore nodes;
  private final EventStore events;
  private final ClusterBook clusters;
  private final InstallPlans plans;
  private final NodeCards cards;
  private final Clock clock;
  private final String version;
  private final Templates templates = new Templates();
  private final Statics statics = new Statics();
  private final AtomicLong lastEvent = new AtomicLong();

  public Console(
      NodeStore nodes,
      EventStore events,
      ClusterBook clusters,
      NodeViews views,
      InstallPlans plans,
      Clock clock,
      String version) {
    this.nodes = nodes;
    this.events = events;
    this.clusters = clusters;
    this.plans = plans;
    this.cards = new NodeCards(views, plans);
    this.clock = clock;
    this.version = version;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("GET", "/", this::home)
        .on("GET", "/nodes/{node}", this::node)
        .on("GET", "/fragments/nodes", e -> html(e, cards(e)))
        .on("GET", "/fragments/nodes/{node}", e -> html(e, card(find(e))))
        .on("GET", "/fragments/events", e -> html(e, table(recent())))
        .on("GET", "/static/{hash}/{name}", this::file);
  }

  private void file(HttpServerExchange exchange) {
    exchange.getResponseHeaders().put(Headers.X_CONTENT_TYPE_OPTIONS, "nosniff");
    if (!statics.send(exchange)) {
      throw new Problem(
          404, io.kindling.appliance.ApplianceError.NOT_FOUND, exchange.getRequestPath());
    }
  }

  private void home(HttpServerExchange exchange) {
    List<Event> recent = recent();
    String body =
        templates.render(
            "home.html.jinja",
            Map.of("q", query(exchange), "nodes", cards(exchange), "events", table(recent)));
    page(exchange, "Nodes", body, recent);
  }

  private void node(HttpServerExchange exchange) {
    Node node = find(exchange);
    Instant now = clock.instant();
    Map<String, Object> values = new LinkedHashMap<>();
    Map<String, Object> n = cards.card(node, now);
    values.put("n", n);
    values.put("card", card(node));
    values.put("facts", facts(node, now));
    Facts known = node.facts();
    values.put(
        "nics",
        known == null
            ? List.of()
            : known.nics().stream()
                .map(i ->
                    Map.of(
                        "name", i.name(),
                        "mac", i.permanentMac(),
                        "link", i.linkUp() ? "up" : "down",
                        "addresses", String.join(", ", i.addresses())))
                .toList());
    values.put("script", script(node));
    values.put("events", table(events.of(node.id(), EVENTS).reversed()));
    page(exchange, node.name(), templates.render("node.html.jinja", values), recent());
  }

  private String script(Node node) {
    if (node.assignment() == null) {
      return "";
    }
    try {
      return plans.script(node);
    } catch (ApplianceException e) {
      return e.error().id() + " " + e.detail();
    }
  }

  private static List<Map<String, String>> facts(Node node, Instant now) {
    List<Map<String, String>> rows = new ArrayList<>();
    Facts facts = node.facts();
    row(rows, "ID", node.id().toString());
    row(rows, "State", node.state().label());
    if (facts != null) {
      row(rows, "Vendor", NodeCards.text(facts.system().vendor()));
      row(rows, "Model", NodeCards.text(facts.system().product()));
      row(rows, "Serial", NodeCards.text(facts.system().serial()));
      row(rows, "System UUID", NodeCards.text(facts.system().uuid()));
      row(
          rows,
          "Firmware",
          facts.agent().firmware()
              + (facts.agent().secureBoot() ? ", Secure Boot" : "")
              + " "
              + NodeCards.text(facts.system().firmwareVersion()));
      row(
          rows,
          "CPU",
          facts.cpu().sockets()
              + " socket(s), "
              + facts.cpu().threads()
              + " threads, "
              + NodeCards.text(facts.cpu().model()));
      row(rows, "Memory", Words.memory(facts.memoryBytes()));
    }
    row(rows, "Boot NIC", NodeCards.text(node.bootMac()));
    var assignment = node.assignment();
    if (assignment != null) {
      row(rows, "Attempt", Integer.toString(assignment.attempt()));
      new TreeMap<>(assignment.addresses()).forEach((net, address) -> row(rows, net, address));
      row(rows, "SSH host key", NodeCards.text(assignment.hostKey()));
    }
    row(rows, "Discovered", Words.time(node.discovered(), now));
    row(rows, "Last report", Words.time(node.reported(), now));
    return rows;
  }

  private static void row(List<Map<String, String>> rows, String key, String value) {
    if (!value.isBlank()) {
      rows.add(Map.of("key", key, "value", value));
    }
  }

  private String card(Node node) {
    return templates.render(
        "nodes.html.jinja",
        Map.of(
            "nodes", List.of(cards.card(node, clock.instant())), "states", List.of(), "hidden", 0));
  }

  private String cards(HttpServerExchange exchange) {
    String query = query(exchange).toLowerCase(Locale.ROOT);
    Instant now = clock.instant();
    List<Node> all = nodes.all();
    List<Node> found = all.stream().filter(n -> matches(n, query)).toList();
    Map<String, Integer> counts = new TreeMap<>();
    all.forEach(n -> counts.merge(n.state().label(), 1, Integer::sum));
    List<Map<String, Object>> states = new ArrayList<>();
    counts.forEach(
        (state, count) -> states.add(Map.of("state", state, "count", count, "css", "s-" + state)));
    return templates.render(
        "nodes.html.jinja",
        Map.of(
            "nodes",
            found.stream().limit(MAX_CARDS).map(n -> cards.card(n, now)).toList(),
            "states",
            states,
            "hidden",
            Math.max(0, found.size() - MAX_CARDS)));
  }

  private static boolean matches(Node node, String query) {
    return query.isEmpty()
        || node.name().toLowerCase(Locale.ROOT).contains(query)
        || node.state().label().startsWith(query)
        || node.labels().stream().anyMatch(l -> l.toLowerCase(Locale.ROOT).contains(query))
        || node.macs().stream().anyMatch(m -> m.contains(query));
  }

  private String table(List<Event> list) {
    Instant now = clock.instant();
    return templates.render(
        "events.html.jinja",
        Map.of(
            "events",
            list.stream()
                .map(e ->
                    Map.of(
                        "time", Words.time(e.at(), now),
                        "kind", e.kind(),
                        "error", NodeCards.text(e.error()),
                        "text", e.text(),
                        "css", e.error() == null ? "" : "bad"))
                .toList()));
  }

  /// The newest events, newest first.
  private List<Event> recent() {
    // The store reads forward: from where the last look ended, less a page.
    List<Event> page = events.after(Math.max(0, lastEvent.get() - EVENTS), 1000);
    while (page.size() == 1000) {
      page = events.after(page.getLast().sequence() - EVENTS, 1000);
    }
    if (!page.isEmpty()) {
      lastEvent.accumulateAndGet(page.getLast().sequence(), Math::max);
    }
    return page.reversed().stream().limit(EVENTS).toList();
  }

  private Node find(HttpServerExchange exchange) {
    return Lookup.node(nodes, Handlers.part(exchange, "node"));
  }

  private static String query(HttpServerExchange exchange) {
    Deque<String> q = exchange.getQueryParameters().get("q");
    String value = q == null ? null : q.peekFirst();
    return value == null ? "" : value.strip();
  }

  private void page(HttpServerExchange exchange, String title, String body, List<Event> recent) {
    html(
        exchange,
        templates.render(
            "page.html.jinja",
            Map.of(
                "title", title,
                "body", body,
                "cluster", clusters.applied().map(a -> a.cluster().name()).orElse("no cluster yet"),
                "after", recent.isEmpty() ? 0L : recent.getFirst().sequence(),
                "version", version,
                "css", statics.path("console.css"),
                "js", statics.path("console.js"),
                "icon", statics.path("icon.svg"),
                "htmx", statics.path("htmx.js"))));
  }

  private static void html(HttpServerExchange exchange, String html) {
    var headers = exchange.getResponseHeaders();
    headers.put(Headers.CONTENT_TYPE, "text/html; charset=utf-8");
    headers.put(Headers.CACHE_CONTROL, "no-store");
    headers.put(new HttpString("Content-Security-Policy"), POLICY);
    headers.put(Headers.X_CONTENT_TYPE_OPTIONS, "nosniff");
    headers.put(new HttpString("Referrer-Policy"), "no-referrer");
    exchange.getResponseSender().send(html, StandardCharsets.UTF_8);
  }
}
