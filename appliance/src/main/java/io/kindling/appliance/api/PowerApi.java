package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.account.Audit;
import io.kindling.appliance.account.Protection;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Caller;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;
import io.kindling.appliance.power.AccessReader;
import io.kindling.appliance.power.BmcAccess;
import io.kindling.appliance.power.Power;
import io.kindling.appliance.power.PowerBook;
import io.kindling.appliance.power.PowerBook.Found;
import io.kindling.appliance.power.PowerBook.Owner;
import io.kindling.appliance.power.PowerException;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The operators' API for machines' power and their BMCs. No answer holds a password. Thread-safe.
public final class PowerApi {
  private final NodeStore nodes;
  private final EventStore events;
  private final PowerBook book;
  private final Power power;
  private final Labels labels;
  private final Replays replays;

  /// @param replays of orders to switch a machine
  public PowerApi(
      NodeStore nodes,
      EventStore events,
      PowerBook book,
      Power power,
      Labels labels,
      Replays replays) {
    this.nodes = nodes;
    this.events = events;
    this.book = book;
    this.power = power;
    this.labels = labels;
    this.replays = replays;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("GET", "/api/v1/nodes/{node}/power", Access.VIEWER, named(this::status))
        .on("POST", "/api/v1/nodes/{node}/power", Access.OPERATOR, named(this::order))
        .on("POST", "/api/v1/nodes/{node}/locate", Access.OPERATOR, named(this::locate))
        .on("PUT", "/api/v1/nodes/{node}/power/access", Access.ADMIN, named(this::set))
        .on("DELETE", "/api/v1/nodes/{node}/power/access", Access.ADMIN, named(this::unset))
        .on("GET", "/api/v1/labels", Access.VIEWER, e -> Json.send(e, 200, labels.all()))
        .on("GET", "/api/v1/labels/{label}/power/access", Access.VIEWER, this::labelled)
        .on("PUT", "/api/v1/labels/{label}/power/access", Access.ADMIN, this::setLabel)
        .on("DELETE", "/api/v1/labels/{label}/power/access", Access.ADMIN, this::unsetLabel);
  }

  private static Handlers.Action named(Handlers.Action action) {
    return exchange -> {
      try {
        action.handle(exchange);
      } catch (PowerException e) {
        var error = e.error();
        throw new Problem(error.status(), error.id(), error.summary(), e.detail(), error.cure());
      }
    };
  }

  private void status(HttpServerExchange exchange) throws InterruptedException {
    send(exchange, power.status(node(exchange)));
  }

  /// `{"verb": "on|off|cycle", "boot": "network", "yes": true, "confirm": true}`, all but the verb
  /// optional.
  private void order(HttpServerExchange exchange) throws Exception {
    Node node = node(exchange);
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("verb", "boot", "yes", "confirm"));
    Power.Verb verb =
        Arrays.stream(Power.Verb.values())
            .filter(v -> v.label().equals(body.path("verb").asString("")))
            .findFirst()
            .orElseThrow(() -> bad("`verb` is on, off or cycle"));
    boolean network = body.has("boot");
    if (network && (!body.path("boot").asString("").equals("network") || verb == Power.Verb.OFF)) {
      throw bad("`boot` is `network`, with on or cycle");
    }
    if (verb != Power.Verb.ON) {
      Protection.require(Caller.of(exchange), node, Requests.flag(body, "confirm", false));
    }
    var order = new Power.Order(verb, network, Requests.flag(body, "yes", false));
    Audit.note(exchange, null, body);
    String answer =
        replays.onceHere(exchange, body, () -> Json.text(outcome(power.order(node, order))));
    Json.send(exchange, 200, Json.tree(answer));
  }

  private record Outcome(String node, String state, String text) {}

  private static void send(HttpServerExchange exchange, Power.Done done) {
    Json.send(exchange, 200, outcome(done));
  }

  private static Outcome outcome(Power.Done done) {
    return new Outcome(done.node(), done.state().label(), done.text());
  }

  /// `{"on": true}`.
  private void locate(HttpServerExchange exchange) throws Exception {
    Node node = node(exchange);
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("on"));
    Audit.note(exchange, null, body);
    power.locate(node, Requests.flag(body, "on", true));
    exchange.setStatusCode(204);
  }

  private void set(HttpServerExchange exchange) throws IOException {
    Node node = node(exchange);
    BmcAccess access = AccessReader.read(Requests.json(exchange));
    Object before = book.get(Owner.node(node)).map(a -> told(a, "node")).orElse(null);
    book.put(Owner.node(node), access);
    Audit.note(exchange, before, told(access, "node"));
    events.append(node.id(), "power-set", null, node.name() + ": switched by " + access);
    Found found = book.of(node).orElseThrow();
    Json.send(exchange, 200, NodeViews.access(found));
  }

  private void unset(HttpServerExchange exchange) {
    Node node = node(exchange);
    book.get(Owner.node(node)).ifPresent(a -> Audit.note(exchange, told(a, "node"), null));
    book.remove(Owner.node(node));
    events.append(node.id(), "power-unset", null, node.name() + ": its own BMC access is dropped");
    exchange.setStatusCode(204);
  }

  private void labelled(HttpServerExchange exchange) {
    String label = label(exchange);
    Found found =
        book.get(Owner.label(label))
            .map(access -> new Found(access, "label " + label))
            .orElseThrow(
                () -> new Problem(404, ApplianceError.NOT_FOUND, "nothing set for " + label));
    Json.send(exchange, 200, NodeViews.access(found));
  }

  private void setLabel(HttpServerExchange exchange) throws IOException {
    String label = label(exchange);
    BmcAccess access = AccessReader.read(Requests.json(exchange));
    if (access.address() != null) {
      throw bad("a label is of many machines: no `address`, each one's report names it");
    }
    String from = "label " + label;
    Object before = book.get(Owner.label(label)).map(a -> told(a, from)).orElse(null);
    book.put(Owner.label(label), access);
    Audit.note(exchange, before, told(access, from));
    events.append(
        null,
        "power-set",
        null,
        "label %s: switched by %s, user %s".formatted(label, access.kind().label(), access.user()));
    Json.send(exchange, 200, told(access, from));
  }

  private void unsetLabel(HttpServerExchange exchange) {
    String label = label(exchange);
    book.get(Owner.label(label))
        .ifPresent(a -> Audit.note(exchange, told(a, "label " + label), null));
    book.remove(Owner.label(label));
    events.append(null, "power-unset", null, "label " + label + ": its BMC access is dropped");
    exchange.setStatusCode(204);
  }

  /// Never the password.
  private static Map<String, Object> told(BmcAccess access, String from) {
    return NodeViews.access(new Found(access, from));
  }

  private static String label(HttpServerExchange exchange) {
    return Requests.label(Handlers.part(exchange, "label"));
  }

  private Node node(HttpServerExchange exchange) {
    return Lookup.node(nodes, Handlers.part(exchange, "node"));
  }

  private static Problem bad(String detail) {
    return new Problem(400, ApplianceError.BAD_REQUEST, detail);
  }
}
