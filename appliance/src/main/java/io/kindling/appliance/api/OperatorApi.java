package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.account.Audit;
import io.kindling.appliance.account.Protection;
import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.deploy.Assigner;
import io.kindling.appliance.deploy.ClusterBook;
import io.kindling.appliance.deploy.Deployer;
import io.kindling.appliance.deploy.InstallPlans;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Caller;
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
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// The operators' REST API under `/api/v1`. Thread-safe.
public final class OperatorApi {
  /// Where a connection is cut; up to here an overlong body gets an answer that names the error.
  public static final long CUT_LIMIT = 4L * Requests.BODY_LIMIT;

  private static final Pattern NODE_NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
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
  private final Runnable assigned;
  private final Replays replays;
  private final ReentrantLock applying = new ReentrantLock();

  /// @param status what `GET /api/v1/status` answers
  /// @param phases what phases would change on installed nodes, as text
  /// @param check looks whether the cluster is as planned; what `POST /api/v1/check` answers
  /// @param snapshot what `GET /api/v1/snapshot` answers
  /// @param invite makes a join token; what `POST /api/v1/join-tokens` answers
  /// @param applied told of each cluster that is applied, before its nodes are assigned
  /// @param assigned told when they are
  /// @param replays of orders to deploy
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
      Consumer<Cluster> applied,
      Runnable assigned,
      Replays replays) {
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
    this.assigned = assigned;
    this.replays = replays;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("GET", "/api/v1/status", Access.VIEWER, e -> Json.send(e, 200, status.get()))
        .on("GET", "/api/v1/nodes", Access.VIEWER, this::list)
        .on("GET", "/api/v1/nodes/{node}", Access.VIEWER, this::show)
        .on("PATCH", "/api/v1/nodes/{node}", Access.OPERATOR, this::change)
        .on("POST", "/api/v1/join-tokens", Access.OPERATOR, e -> Json.send(e, 201, invite.get()))
        .on("GET", "/api/v1/nodes/{node}/facts", Access.VIEWER, this::facts)
        .on("GET", "/api/v1/nodes/{node}/script", Access.VIEWER, this::script)
        .on("GET", "/api/v1/cluster", Access.VIEWER, this::cluster)
        .on("PUT", "/api/v1/cluster", Access.OPERATOR, this::apply)
        .on("GET", "/api/v1/cluster/plan", Access.VIEWER, e -> plan(e, clusters.require()))
        .on(
            "POST",
            "/api/v1/cluster/plan",
            Access.VIEWER,
            e -> plan(e, clusters.read(Requests.file(e), Requests.text(e))))
        .on("GET", "/api/v1/cluster/plan/phases", Access.VIEWER, e -> plain(e, phases.call()))
        .on("POST", "/api/v1/deploy", Access.OPERATOR, this::deploy)
        .on("POST", "/api/v1/deploy/pause", Access.OPERATOR, this::pause)
        .on("POST", "/api/v1/check", Access.OPERATOR, e -> Json.send(e, 200, check.call()))
        .on("GET", "/api/v1/snapshot", Access.OPERATOR, this::snapshot)
        .on("GET", "/api/v1/events", Access.VIEWER, this::events)
        .on("GET", "/api/v1/logs/{node}", Access.VIEWER, this::log);
  }

  /// The same table for a browser: requests of other origins are refused.
  ///
  /// @param names host names that the operator says are this listener's
  public static HttpHandler guarded(HttpHandler handler, Collection<String> names) {
    return new OriginGuard(handler, names);
  }

  /// All nodes, or those that the parameters ask for; `view=summary` leaves their parts out. How
  /// many there are and where the next page is stands in the headers (RFC 8288).
  private void list(HttpServerExchange exchange) throws IOException {
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
    boolean full = view.equals("full");
    Json.sendEach(exchange, page.nodes().stream().map(n -> full ? book.view(n) : book.row(n)));
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
    Node node = node(exchange);
    Requests.tag(exchange, state(node));
    Json.send(exchange, 200, book.inDepth(node));
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
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("name", "labels", "addLabels", "removeLabels"));
    Node before = node(exchange);
    JsonNode name = body.path("name");
    if (!name.isMissingNode()) {
      requireName(before, name.asString(""));
    }
    nodes.change(
        before.id(),
        n -> {
          Requests.requireMatch(exchange, state(n));
          Set<String> labels = labels(n, body);
          if (!labels.contains(Protection.LABEL)) {
            Protection.require(Caller.of(exchange), n, true); // else anybody takes it off first
          }
          Node named = name.isMissingNode() ? n : n.withName(name.asString(""));
          return named.name().equals(n.name()) && labels.equals(n.labels())
              ? n
              : named.withLabels(labels);
        });
    Node after = nodes.find(before.id()).orElseThrow();
    tell(before, after);
    Audit.note(exchange, named(before), named(after));
    Requests.tag(exchange, state(after));
    Json.send(exchange, 200, views.of(after));
  }

  /// What an operator's change builds on. What the node does by itself changes it too.
  private static String state(Node node) {
    return Long.toString(node.version());
  }

  private void tell(Node before, Node after) {
    if (!before.name().equals(after.name())) {
      events.append(after.id(), "node-renamed", null, before.name() + " is now " + after.name());
    }
    Set<String> labels = after.labels();
    if (!before.labels().equals(labels)) {
      String all = labels.isEmpty() ? "no labels" : String.join(", ", new TreeSet<>(labels));
      events.append(after.id(), "node-labelled", null, after.name() + ": " + all);
    }
  }

  private static Set<String> labels(Node node, JsonNode body) {
    Set<String> labels =
        new TreeSet<>(body.has("labels") ? Requests.words(body.path("labels")) : node.labels());
    labels.addAll(Requests.words(body.path("addLabels")));
    labels.removeAll(Requests.words(body.path("removeLabels")));
    if (labels.size() > MAX_LABELS) {
      throw new Problem(400, ApplianceError.BAD_REQUEST, "at most " + MAX_LABELS + " labels");
    }
    return labels;
  }

  private static Map<String, Object> named(Node node) {
    return Map.of("name", node.name(), "labels", new TreeSet<>(node.labels()));
  }

  private void requireName(Node node, String name) {
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
  }

  private void cluster(HttpServerExchange exchange) {
    String text =
        clusters
            .applied()
            .map(ClusterBook.Applied::text)
            .orElseThrow(
                () -> new ApplianceException(ApplianceError.NO_CLUSTER, "nothing to show"));
    Requests.tag(exchange, ClusterBook.state(text));
    plain(exchange, text);
  }

  private record Lines(List<Assigner.Line> nodes) {}

  private void apply(HttpServerExchange exchange) throws IOException {
    String text = Requests.text(exchange);
    clusters.read(Requests.file(exchange), text); // what is wrong with it comes before all else
    replace(exchange, former -> text);
  }

  /// Applies the file that `change` makes of the present one, one at a time; answers what comes of
  /// it.
  ///
  /// @param change gets an empty text where no file was applied yet
  void replace(HttpServerExchange exchange, UnaryOperator<String> change) {
    applying.lock();
    try {
      String former = clusters.applied().map(ClusterBook.Applied::text).orElse("");
      Requests.requireMatch(exchange, ClusterBook.state(former));
      String text = change.apply(former);
      Cluster cluster = clusters.read(Requests.file(exchange), text);
      Audit.note(exchange, former.isEmpty() ? null : former, text);
      clusters.keep(text, cluster);
      applied.accept(cluster);
      if (!text.equals(former)) {
        events.append(null, "cluster-applied", null, "cluster " + cluster.name() + " applied");
      }
      Requests.tag(exchange, ClusterBook.state(text));
      List<Assigner.Line> lines = assigner.apply(cluster, false);
      assigned.run();
      Json.send(exchange, 200, new Lines(lines));
    } finally {
      applying.unlock();
    }
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
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("resume", "reinstall", "nodes", "confirm", "skip"));
    var request =
        new Deployer.Request(
            Requests.flag(body, "resume", false),
            Requests.names(body.path("reinstall")),
            Requests.names(body.path("nodes")),
            Requests.names(body.path("confirm")),
            Caller.of(exchange).role().covers(Access.ADMIN),
            Requests.names(body.path("skip")));
    Audit.note(exchange, null, body);
    String answer =
        replays.once(
            exchange,
            body,
            () -> {
              List<Deployer.Line> lines = deployer.deploy(request);
              return Json.text(new Started(lines, deployer.followed(lines)));
            });
    Json.send(exchange, 202, Json.tree(answer));
  }

  private void pause(HttpServerExchange exchange) throws IOException {
    Requests.only(Requests.json(exchange), Set.of());
    Json.send(exchange, 202, new Started(deployer.pause(), List.of()));
  }

  /// A list; `Accept: text/event-stream` gets a stream instead.
  private void events(HttpServerExchange exchange) throws Exception {
    long after = Requests.number(exchange, "after", 0);
    String last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
    if (last != null && last.matches("[0-9]{1,18}")) {
      after = Long.parseLong(last);
    }
    String accept = exchange.getRequestHeaders().getFirst(Headers.ACCEPT);
    if (accept != null && accept.contains("text/event-stream")) {
      streams.events(exchange, after);
      return;
    }
    List<Event> found =
        events.after(after, (int) Math.min(1000, Requests.number(exchange, "limit", 200)));
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
    int lines = (int) Math.min(10_000, Requests.number(exchange, "lines", 200));
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

  private static void plain(HttpServerExchange exchange, String text) {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain; charset=utf-8");
    exchange.getResponseHeaders().put(Headers.X_CONTENT_TYPE_OPTIONS, "nosniff");
    exchange.getResponseSender().send(text, StandardCharsets.UTF_8);
  }
}
