package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.account.Audit;
import io.kindling.appliance.account.Protection;
import io.kindling.appliance.aside.Rescues;
import io.kindling.appliance.aside.Wipes;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Caller;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// The operators' API for nodes that are taken aside: rescue and wipe. Thread-safe.
public final class AsideApi {
  private static final int MOST_KEYS = 16;
  private static final Pattern KEY =
      Pattern.compile(
          "(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp[0-9]{3}|sk-ssh-ed25519@openssh\\.com)"
              + " [A-Za-z0-9+/]{40,2000}={0,2}( [^\\p{Cntrl}]{0,200})?");

  private final NodeStore nodes;
  private final Rescues rescues;
  private final Wipes wipes;
  private final Replays replays;

  /// @param replays of orders
  public AsideApi(NodeStore nodes, Rescues rescues, Wipes wipes, Replays replays) {
    this.nodes = nodes;
    this.rescues = rescues;
    this.wipes = wipes;
    this.replays = replays;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("POST", "/api/v1/nodes/{node}/rescue", Access.OPERATOR, this::rescue)
        .on("DELETE", "/api/v1/nodes/{node}/rescue", Access.OPERATOR, this::endRescue)
        .on("POST", "/api/v1/nodes/{node}/wipe", Access.OPERATOR, this::wipe)
        .on("DELETE", "/api/v1/nodes/{node}/wipe", Access.OPERATOR, this::endWipe);
  }

  private record Outcome(String node, String state, String text) {}

  /// `{"keys": […], "restart": true, "yes": true, "confirm": true}`, all optional.
  private void rescue(HttpServerExchange exchange) throws IOException {
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("keys", "restart", "yes", "confirm"));
    Node node = spared(exchange, body);
    var request =
        new Rescues.Request(
            keys(body.path("keys")),
            Requests.flag(body, "restart", false),
            Requests.flag(body, "yes", false));
    order(exchange, node, body, () -> rescues.begin(node.id(), request, guard(exchange)));
  }

  /// `{"disks": […], "restart": true, "yes": true, "confirm": true}`, all but the disks optional.
  private void wipe(HttpServerExchange exchange) throws IOException {
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("disks", "restart", "yes", "confirm"));
    Node node = spared(exchange, body);
    var request =
        new Wipes.Request(
            Requests.names(body.path("disks")),
            Requests.flag(body, "restart", false),
            Requests.flag(body, "yes", false),
            Requests.flag(body, "confirm", false));
    order(exchange, node, body, () -> wipes.begin(node.id(), request, guard(exchange)));
  }

  private void order(HttpServerExchange exchange, Node node, JsonNode body, Supplier<String> work) {
    Audit.note(exchange, Map.of("state", node.state().label()), body);
    String answer = replays.onceHere(exchange, body, () -> Json.text(outcome(node, work.get())));
    Json.send(exchange, 202, Json.tree(answer));
  }

  private void endRescue(HttpServerExchange exchange) throws IOException {
    ended(exchange, id -> rescues.end(id.id(), guard(exchange)));
  }

  private void endWipe(HttpServerExchange exchange) throws IOException {
    ended(exchange, id -> wipes.end(id.id(), guard(exchange)));
  }

  private void ended(HttpServerExchange exchange, Function<Node, String> end) throws IOException {
    Requests.only(Requests.json(exchange), Set.of());
    Node node = node(exchange);
    Audit.note(exchange, Map.of("state", node.state().label()), null);
    Json.send(exchange, 200, outcome(node, end.apply(node)));
  }

  private Outcome outcome(Node before, String text) {
    Node now = nodes.find(before.id()).orElse(before);
    return new Outcome(now.name(), now.state().label(), text);
  }

  private static Consumer<Node> guard(HttpServerExchange exchange) {
    return node -> Requests.requireMatch(exchange, Long.toString(node.version()));
  }

  /// The node, which no protection keeps from this caller.
  private Node spared(HttpServerExchange exchange, JsonNode body) {
    Node node = node(exchange);
    Protection.require(Caller.of(exchange), node, Requests.flag(body, "confirm", false));
    return node;
  }

  private static List<String> keys(JsonNode list) {
    Set<String> keys = Requests.names(list);
    for (String key : keys) {
      if (!KEY.matcher(key).matches()) {
        throw bad("`keys` are OpenSSH public keys, a line each");
      }
    }
    if (keys.size() > MOST_KEYS) {
      throw bad("at most " + MOST_KEYS + " keys");
    }
    return List.copyOf(keys);
  }

  private static Problem bad(String detail) {
    return new Problem(400, ApplianceError.BAD_REQUEST, detail);
  }

  private Node node(HttpServerExchange exchange) {
    return Lookup.node(nodes, Handlers.part(exchange, "node"));
  }
}
