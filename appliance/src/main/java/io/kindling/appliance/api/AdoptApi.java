package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.account.Audit;
import io.kindling.appliance.adopt.Adoptions;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;
import io.kindling.appliance.net.Addresses;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.postinstall.ssh.ApplianceKey;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshjConnector;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The operators' API for machines that another appliance installed. The former appliance's key is
/// used once, and in no answer, log, audit or store. Thread-safe.
public final class AdoptApi {
  private final NodeStore nodes;
  private final Adoptions adoptions;
  private final Replays replays;

  /// @param replays of orders
  public AdoptApi(NodeStore nodes, Adoptions adoptions, Replays replays) {
    this.nodes = nodes;
    this.adoptions = adoptions;
    this.replays = replays;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("POST", "/api/v1/nodes/{node}/adopt", Access.OPERATOR, this::adopt);
  }

  /// `{"key": …, "address": …}`, both optional.
  private void adopt(HttpServerExchange exchange) throws Exception {
    Node node = Lookup.node(nodes, Handlers.part(exchange, "node"));
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("key", "address"));
    Optional<String> address = text(body, "address");
    if (address.isPresent() && Addresses.parse(address.get()).isEmpty()) {
      throw bad("`address` is an IPv4 address");
    }
    Optional<SshConnector> former = text(body, "key").map(AdoptApi::connector);
    Audit.note(
        exchange,
        null,
        Map.of("key", former.isPresent() ? "given" : "none", "address", address.orElse("")));
    JsonNode outcome =
        Json.tree(
            replays.onceHere(
                exchange, body, () -> Json.text(adoptions.adopt(node, former, address))));
    Json.send(exchange, outcome.path("adopted").asBoolean(false) ? 200 : 202, outcome);
  }

  private static SshConnector connector(String key) {
    try {
      return new SshjConnector(ApplianceKey.of(key));
    } catch (IOException e) {
      throw bad("`key` is the former appliance's `id_ed25519`, an OpenSSH private key");
    }
  }

  private static Optional<String> text(JsonNode body, String key) {
    JsonNode value = body.path(key);
    if (!value.isMissingNode() && !value.isString()) {
      throw bad("`" + key + "` is text");
    }
    return value.isString() ? Optional.of(value.asString()) : Optional.empty();
  }

  private static Problem bad(String detail) {
    return new Problem(400, ApplianceError.BAD_REQUEST, detail);
  }
}
