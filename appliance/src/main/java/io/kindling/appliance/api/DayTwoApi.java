package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.account.Audit;
import io.kindling.appliance.account.Protection;
import io.kindling.appliance.daytwo.DayTwo;
import io.kindling.appliance.daytwo.DayTwoException;
import io.kindling.appliance.daytwo.Request;
import io.kindling.appliance.daytwo.Request.Step;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Caller;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;
import io.kindling.inventory.NodeStore;
import io.kindling.postinstall.daytwo.Order;
import io.kindling.postinstall.daytwo.Order.How;
import io.kindling.postinstall.engine.Finding;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The operators' API for what is done to a cluster that serves. Each order takes `"dryRun": true`.
/// Thread-safe.
public final class DayTwoApi {
  private final NodeStore nodes;
  private final DayTwo dayTwo;
  private final Replays replays;

  /// @param replays of orders
  public DayTwoApi(NodeStore nodes, DayTwo dayTwo, Replays replays) {
    this.nodes = nodes;
    this.dayTwo = dayTwo;
    this.replays = replays;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("POST", "/api/v1/nodes/{node}/maintenance", Access.OPERATOR, this::maintenance)
        .on("POST", "/api/v1/nodes/{node}/evacuate", Access.OPERATOR, this::evacuate)
        .on("POST", "/api/v1/nodes/{node}/retire", Access.OPERATOR, this::retire)
        .on("POST", "/api/v1/nodes/{node}/osds", Access.OPERATOR, this::add)
        .on("POST", "/api/v1/osds/{osd}/replace", Access.OPERATOR, this::replace)
        .on("GET", "/api/v1/operation", Access.VIEWER, this::show)
        .on("POST", "/api/v1/operation/resume", Access.OPERATOR, this::resume);
  }

  /// `{"step": "enter|exit|reboot"}`.
  private void maintenance(HttpServerExchange exchange) throws Exception {
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("step", "dryRun"));
    Step step = word(Step.values(), body, "step", Optional.empty());
    order(exchange, body, new Request.Maintain(node(exchange), step));
  }

  /// `{"off": true}`.
  private void evacuate(HttpServerExchange exchange) throws Exception {
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("off", "dryRun"));
    order(exchange, body, new Request.Evacuate(node(exchange), Requests.flag(body, "off", false)));
  }

  private void retire(HttpServerExchange exchange) throws Exception {
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("dryRun"));
    order(exchange, body, new Request.Retire(node(exchange)));
  }

  /// `{"disks": […]}`, none: the only blank one.
  private void add(HttpServerExchange exchange) throws Exception {
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("disks", "dryRun"));
    List<String> disks = List.copyOf(Requests.names(body.path("disks")));
    order(exchange, body, new Request.Add(node(exchange), disks));
  }

  /// `{"disk": …, "how": "safe|drain|degraded", "confirm": true}`, all optional.
  private void replace(HttpServerExchange exchange) throws Exception {
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("disk", "how", "confirm", "dryRun"));
    String osd = Handlers.part(exchange, "osd");
    if (!osd.matches("[0-9]{1,6}")) {
      throw new Problem(400, ApplianceError.BAD_REQUEST, "an OSD's id is a number: `" + osd + "`");
    }
    Optional<String> disk = Optional.of(body.path("disk").asString("")).filter(d -> !d.isEmpty());
    How how = word(How.values(), body, "how", Optional.of(How.SAFE));
    order(exchange, body, new Request.Replace(Integer.parseInt(osd), disk, how));
  }

  private void order(HttpServerExchange exchange, JsonNode body, Request request)
      throws InterruptedException {
    boolean confirmed = Requests.flag(body, "confirm", false);
    try {
      if (Requests.flag(body, "dryRun", false)) {
        Audit.noChange(exchange);
        Json.send(exchange, 200, dayTwo.plan(request));
      } else {
        Audit.note(exchange, null, body);
        Caller caller = Caller.of(exchange);
        String answer =
            replays.onceHere(
                exchange,
                body,
                () -> Json.text(dayTwo.begin(request, order -> permit(caller, order, confirmed))));
        Json.send(exchange, 202, Json.tree(answer));
      }
    } catch (DayTwoException e) {
      throw problem(e);
    }
  }

  private void permit(Caller caller, Order order, boolean confirmed) {
    if (order instanceof Order.Replace) {
      Protection.require(caller, Lookup.node(nodes, order.host()), confirmed);
    }
  }

  private void show(HttpServerExchange exchange) {
    Json.send(
        exchange,
        200,
        dayTwo
            .last()
            .orElseThrow(
                () -> new Problem(404, ApplianceError.NOT_FOUND, "no operation was ordered yet")));
  }

  private void resume(HttpServerExchange exchange) {
    try {
      String answer = replays.onceHere(exchange, Map.of(), () -> Json.text(dayTwo.resume()));
      Json.send(exchange, 202, Json.tree(answer));
    } catch (DayTwoException e) {
      throw problem(e);
    }
  }

  private String node(HttpServerExchange exchange) {
    return Lookup.node(nodes, Handlers.part(exchange, "node")).name();
  }

  private static <E extends Enum<E>> E word(
      E[] known, JsonNode body, String key, Optional<E> otherwise) throws IOException {
    String text = body.path(key).asString("");
    if (text.isEmpty() && otherwise.isPresent()) {
      return otherwise.get();
    }
    return Arrays.stream(known)
        .filter(e -> e.name().toLowerCase(Locale.ROOT).equals(text))
        .findFirst()
        .orElseThrow(() ->
            new Problem(
                400,
                ApplianceError.BAD_REQUEST,
                "`" + key + "` is one of " + Arrays.toString(known).toLowerCase(Locale.ROOT)));
  }

  private static Problem problem(DayTwoException e) {
    Finding finding = e.finding();
    return new Problem(409, finding.error(), finding.summary(), finding.seen(), finding.cure());
  }
}
