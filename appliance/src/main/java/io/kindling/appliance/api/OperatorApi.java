package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.deploy.Assigner;
import io.kindling.appliance.deploy.ClusterBook;
import io.kindling.appliance.deploy.Deployer;
import io.kindling.appliance.deploy.InstallPlans;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;
import io.kindling.appliance.support.Snapshot;
import io.kindling.inventory.Event;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.postinstall.TaskLog;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// The operators' REST API under `/api/v1`. Thread-safe.
public final class OperatorApi {
  /// No route takes a larger body.
  static final int BODY_LIMIT = 4 << 20;

  /// Where a connection is cut; up to here an overlong body gets an answer that names the error.
  public static final long CUT_LIMIT = 4L * BODY_LIMIT;

  private static final Duration BODY_TIME = Duration.ofSeconds(30);
  private static final Pattern NODE_NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");
  private static final int MAX_LABELS = 64;
  private static final HttpString TOTAL = new HttpString("X-Total-Count");
  private static final HttpString LINK = new HttpString("Link");

  private final NodeStore nodes;
  private final EventStore events;
  private final NodeViews views;
  private final ClusterBook clusters;
  private final Assigner assigner;
  private final Deployer deployer;
  private final InstallPlans plans;
  private final TaskLog logs;
  private final Streams streams;
  private final NodeBook book;
  private final Supplier<Object> status;
  private final Callable<String> phases;
  private final Callable<Object> check;
  private final Snapshot snapshot;
  private final Supplier<Object> invite;
  private final Consumer<Cluster> applied;

  /// @param status what `GET /api/v1/status` answers
  /// @param phases what phases would change on installed nodes, as text
  /// @param check looks whether the cluster is as planned; what `POST /api/v1/check` answers
  /// @param snapshot what `GET /api/v1/snapshot` answers
  /// @param invite makes a join token; what `POST /api/v1/join-tokens` answers
  /// @param applied told of each cluster that is applied, before its nodes are assigned
  public OperatorApi(
      NodeStore nodes,
      EventStore events,
      NodeViews views,
      ClusterBook clusters,
      Assigner assigner,
      Deployer deployer,
      InstallPlans plans,
      TaskLog logs,
      Supplier<Object> status,
      Callable<String> phases,
      Callable<Object> check,
      Snapshot snapshot,
      Supplier<Object> invite,
      Consumer<Cluster> applied) {
    this.nodes = nodes;
    this.events = events;
    this.views = views;
    this.clusters = clusters;
    this.assigner = assigner;
    this.deployer = deployer;
    this.plans = plans;
    this.logs = logs;
    this.streams = new Streams(events, logs, nodes);
    this.book = new NodeBook(nodes, views);
    this.status = status;
    this.phases = phases;
    this.check = check;
    this.snapshot = snapshot;
    this.invite = invite;
    this.applied = applied;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("GET", "/api/v1/status", e -> Json.send(e, 200, status.get()))
        .on("GET", "/api/v1/nodes", this::list)
        .on("GET", "/api/v1/nodes/{node}", this::show)
        .on("PATCH", "/api/v1/nodes/{node}", this::change)
        .on("POST", "/api/v1/join-tokens", e -> Json.send(e, 201, invite.get()))
        .on("GET", "/api/v1/nodes/{node}/facts", this::facts)
        .on("GET", "/api/v1/nodes/{node}/script", this::script)
        .on("GET", "/api/v1/cluster", this::cluster)
        .on("PUT", "/api/v1/cluster", this::apply)
        .on("GET", "/api/v1/cluster/plan", e -> plan(e, clusters.require()))
        .on("POST", "/api/v1/cluster/plan", e -> plan(e, clusters.read(file(e), text(e))))
        .on("GET", "/api/v1/cluster/plan/phases", e -> plain(e, phases.call()))
        .on("POST", "/api/v1/deploy", this::deploy)
        .on("POST", "/api/v1/check", e -> Json.send(e, 200, check.call()))
        .on("GET", "/api/v1/snapshot", this::snapshot)
        .on("GET", "/api/v1/events", this::events)
        .on("GET", "/api/v1/logs/{node}", this::log);
  }

  /// The same table for a browser: requests of other origins are refused.
  public static HttpHandler guarded(HttpHandler handler) {
    return new OriginGuard(handler);
  }

  /// All nodes, or those that the parameters ask for; `view=summary` leaves their parts out. How
  /// many there are and where the next page is stands in the headers (RFC 8288).
  private void list(HttpServerExchange exchange) {
    Map<String, Deque<String>> parameters = exchange.getQueryParameters();
    NodeQuery query = NodeQuery.of(parameters);
    String view = parameters.getOrDefault("view", new ArrayDeque<>(List.of("full"))).getFirst();
    if (!view.equals("full") && !view.equals("summary")) {
      throw new Problem(400, ApplianceError.BAD_REQUEST, "`view` is full or summary");
    }
    NodeListing.Page page = book.find(query);
    exchange.getResponseHeaders().put(TOTAL, page.matching());
    page.next()
        .ifPresent(next ->
            exchange
                .getResponseHeaders()
                .put(LINK, "<" + nextUrl(parameters, next) + ">; rel=\"next\""));
    Json.send(
        exchange,
        200,
        page.nodes().stream().map(n -> view.equals("full") ? book.view(n) : book.row(n)).toList());
  }

  private static String nextUrl(Map<String, Deque<String>> parameters, NodeQuery.NodeKey next) {
    var url = new StringBuilder("/api/v1/nodes?");
    parameters.forEach((key, values) -> {
      if (!key.equals("after")) {
        values.forEach(value ->
            url.append(key)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                .append('&'));
      }
    });
    return url.append("after=").append(next.token()).toString();
  }

  private void show(HttpServerExchange exchange) {
    Json.send(exchange, 200, book.inDepth(node(exchange)));
  }

  private void facts(HttpServerExchange exchange) {
    Node node = node(exchange);
    byte[] document =
        nodes
            .document(node.id())
            .orElseThrow(
                () -> new Problem(404, ApplianceError.NOT_FOUND, node.name() + " never reported"));
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    exchange.getResponseSender().send(ByteBuffer.wrap(document));
  }

  private void script(HttpServerExchange exchange) {
    plain(exchange, plans.script(node(exchange)));
  }

  /// `{"name": …, "labels": […], "addLabels": […], "removeLabels": […]}`, each optional.
  private void change(HttpServerExchange exchange) throws IOException {
    Node node = node(exchange);
    JsonNode body = json(exchange);
    only(body, Set.of("name", "labels", "addLabels", "removeLabels"));
    JsonNode name = body.path("name");
    if (!name.isMissingNode()) {
      rename(node, name.asString(""));
    }
    if (body.has("labels") || body.has("addLabels") || body.has("removeLabels")) {
      Set<String> labels =
          new TreeSet<>(body.has("labels") ? words(body.path("labels")) : node.labels());
      labels.addAll(words(body.path("addLabels")));
      labels.removeAll(words(body.path("removeLabels")));
      if (labels.size() > MAX_LABELS) {
        throw new Problem(400, ApplianceError.BAD_REQUEST, "at most " + MAX_LABELS + " labels");
      }
      nodes.change(node.id(), n -> n.withLabels(labels));
      events.append(
          node.id(),
          "node-labelled",
          null,
          node.name() + ": " + (labels.isEmpty() ? "no labels" : String.join(", ", labels)));
    }
    Json.send(exchange, 200, views.of(nodes.find(node.id()).orElseThrow()));
  }

  private void rename(Node node, String name) {
    if (!NODE_NAME.matcher(name).matches()) {
      throw new ApplianceException(ApplianceError.NAME_TAKEN, "`" + name + "` is no host name");
    }
    boolean installed =
        switch (node.state()) {
          case DISCOVERED, ASSIGNED, QUARANTINED, ADOPTABLE -> false;
          case PROVISIONING, PROVISIONED, DEPLOYING, READY, ERROR, WIPING, RESCUE, REMOVED -> true;
        };
    if (installed) {
      throw new ApplianceException(
          ApplianceError.FROZEN, node.name() + " is installed by that name");
    }
    if (nodes.findByName(name).filter(n -> !n.id().equals(node.id())).isPresent()) {
      throw new ApplianceException(ApplianceError.NAME_TAKEN, name + " is another node's");
    }
    nodes.change(node.id(), n -> n.withName(name));
    events.append(node.id(), "node-renamed", null, node.name() + " is now " + name);
  }

  private static Set<String> words(JsonNode list) {
    Set<String> words = new TreeSet<>();
    array(list);
    for (JsonNode word : list) {
      words.add(label(word.asString("")));
    }
    return words;
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

  private void cluster(HttpServerExchange exchange) {
    plain(
        exchange,
        clusters
            .applied()
            .map(ClusterBook.Applied::text)
            .orElseThrow(
                () -> new ApplianceException(ApplianceError.NO_CLUSTER, "nothing to show")));
  }

  private record Lines(List<Assigner.Line> nodes) {}

  private void apply(HttpServerExchange exchange) throws IOException {
    String text = text(exchange);
    Cluster cluster = clusters.read(file(exchange), text);
    boolean same = clusters.applied().map(a -> a.text().equals(text)).orElse(false);
    clusters.keep(text, cluster);
    applied.accept(cluster);
    if (!same) {
      events.append(null, "cluster-applied", null, "cluster " + cluster.name() + " applied");
    }
    Json.send(exchange, 200, new Lines(assigner.apply(cluster, false)));
  }

  private void plan(HttpServerExchange exchange, Cluster cluster) {
    Deque<String> format = exchange.getQueryParameters().get("format");
    if (format != null && "table".equals(format.peekFirst())) {
      var text = new StringBuilder();
      for (Assigner.Line line : assigner.apply(cluster, true)) {
        text.append("%s: %s, %s%n".formatted(line.node(), line.outcome(), line.detail()));
        nodes
            .findByName(line.node())
            .flatMap(plans::table)
            .ifPresent(table -> text.append(table).append('\n'));
      }
      plain(exchange, text.toString());
      return;
    }
    Json.send(exchange, 200, new Lines(assigner.apply(cluster, true)));
  }

  /// @param phases of these nodes, those that are done only when they are `ready`
  private record Started(List<Deployer.Line> nodes, List<String> phases) {}

  private void deploy(HttpServerExchange exchange) throws IOException {
    JsonNode body = json(exchange);
    only(body, Set.of("resume", "reinstall", "nodes", "confirm"));
    JsonNode resume = body.path("resume");
    if (!resume.isMissingNode() && !resume.isBoolean()) {
      throw new Problem(400, ApplianceError.BAD_REQUEST, "`resume` is true or false");
    }
    var request =
        new Deployer.Request(
            resume.asBoolean(false),
            names(body.path("reinstall")),
            names(body.path("nodes")),
            names(body.path("confirm")));
    List<Deployer.Line> lines = deployer.deploy(request);
    Json.send(exchange, 202, new Started(lines, deployer.followed(lines)));
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

  /// A list; `Accept: text/event-stream` gets a stream instead.
  private void events(HttpServerExchange exchange) throws Exception {
    long after = number(exchange, "after", 0);
    String last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
    if (last != null && last.matches("[0-9]{1,18}")) {
      after = Long.parseLong(last);
    }
    String accept = exchange.getRequestHeaders().getFirst(Headers.ACCEPT);
    if (accept != null && accept.contains("text/event-stream")) {
      streams.events(exchange, after);
      return;
    }
    List<Event> found = events.after(after, (int) Math.min(1000, number(exchange, "limit", 200)));
    Json.send(exchange, 200, found.stream().map(streams::view).toList());
  }

  private void snapshot(HttpServerExchange exchange) throws Exception {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/x-tar");
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    exchange.setPersistent(false);
    if (!exchange.isBlocking()) {
      exchange.startBlocking();
    }
    try (var out = exchange.getOutputStream()) {
      snapshot.write(out);
    }
  }

  private void log(HttpServerExchange exchange) throws Exception {
    Node node = node(exchange);
    int lines = (int) Math.min(10_000, number(exchange, "lines", 200));
    if (exchange.getQueryParameters().containsKey("follow")) {
      streams.log(exchange, node.id(), lines);
      return;
    }
    var text = new StringBuilder();
    logs.last(node.id(), lines).forEach(line -> text.append(Streams.line(line)).append('\n'));
    plain(exchange, text.toString());
  }

  private Node node(HttpServerExchange exchange) {
    return Lookup.node(nodes, Handlers.part(exchange, "node"));
  }

  private static long number(HttpServerExchange exchange, String name, long otherwise) {
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

  /// The name that complaints call the file by.
  private static String file(HttpServerExchange exchange) {
    Deque<String> values = exchange.getQueryParameters().get("file");
    String name = values == null ? null : values.peekFirst();
    return name == null || name.length() > 255 ? "cluster.yaml" : name;
  }

  private static String text(HttpServerExchange exchange) throws IOException {
    byte[] body = Handlers.body(exchange, BODY_LIMIT, BODY_TIME);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new Problem(400, ApplianceError.BAD_REQUEST, "the file is not UTF-8");
    }
  }

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

  private static void plain(HttpServerExchange exchange, String text) {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain; charset=utf-8");
    exchange.getResponseHeaders().put(Headers.X_CONTENT_TYPE_OPTIONS, "nosniff");
    exchange.getResponseSender().send(text, StandardCharsets.UTF_8);
  }
}
