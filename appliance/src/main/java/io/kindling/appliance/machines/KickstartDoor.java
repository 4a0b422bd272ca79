package io.kindling.appliance.machines;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.deploy.InstallerBoard;
import io.kindling.appliance.deploy.Kickstarts;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Problem;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.postinstall.InstallerReport;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a release's installer fetches and reports, by its attempt's token and only while that
/// attempt runs. Thread-safe.
final class KickstartDoor {
  private static final int REPORT_LIMIT = 8 << 10;
  private static final int REASON_LIMIT = 1000;
  private static final Duration REPORT_TIME = Duration.ofSeconds(30);
  private static final Pattern HOST_KEY = Pattern.compile("ssh-ed25519 [A-Za-z0-9+/=]{40,200}");

  private final Visitor visitor;
  private final Kickstarts kickstarts;
  private final InstallerBoard board;
  private final NodeStore nodes;
  private final EventStore events;

  KickstartDoor(
      Visitor visitor,
      Kickstarts kickstarts,
      InstallerBoard board,
      NodeStore nodes,
      EventStore events) {
    this.visitor = visitor;
    this.kickstarts = kickstarts;
    this.board = board;
    this.nodes = nodes;
    this.events = events;
  }

  void routes(Handlers routes) {
    routes
        .on("GET", "/agent/v1/kickstart/{token}", Access.MACHINE, this::kickstart)
        .on("POST", "/agent/v1/installer/installed", Access.MACHINE, this::installed)
        .on("POST", "/agent/v1/installer/failed", Access.MACHINE, this::failed);
  }

  private void kickstart(HttpServerExchange exchange) {
    Node node = node(Handlers.part(exchange, "token"));
    String text =
        kickstarts
            .kickstart(node)
            .orElseThrow(() -> new Problem(404, ApplianceError.TOKEN, "no installer is to run"));
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain; charset=utf-8");
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    exchange.setResponseContentLength(bytes.remaining());
    if (exchange.getRequestMethod().equals(io.undertow.util.Methods.HEAD)) {
      return;
    }
    if (!board.hasFetched(node.id())) {
      board.fetched(node.id());
      events.append(node.id(), "kickstart-fetched", null, node.name() + ": the installer runs");
    }
    exchange.getResponseSender().send(bytes);
  }

  private void installed(HttpServerExchange exchange) throws IOException {
    Node node = node(Visitor.bearer(exchange).orElse(""));
    String key = body(exchange).strip();
    if (!HOST_KEY.matcher(key).matches()) {
      throw new Problem(400, ApplianceError.BAD_REQUEST, "expected the system's ed25519 host key");
    }
    int attempt = attempt(node);
    board.report(node.id(), attempt, new InstallerReport.Installed(key));
    nodes.change(
        node.id(),
        n -> {
          Assignment assignment = n.assignment();
          return assignment == null || assignment.attempt() != attempt
              ? n
              : n.withAssignment(assignment.installed(key));
        });
    events.append(
        node.id(), "system-on-disk", null, "from now on the node boots from its own disk");
    exchange.setStatusCode(204);
  }

  private void failed(HttpServerExchange exchange) throws IOException {
    Node node = node(Visitor.bearer(exchange).orElse(""));
    String reason = body(exchange).replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    String cut = reason.substring(0, Math.min(REASON_LIMIT, reason.length()));
    board.report(node.id(), attempt(node), new InstallerReport.Failed(cut));
    events.append(node.id(), "installer-failed", null, node.name() + ": " + cut);
    exchange.setStatusCode(204);
  }

  /// The node whose installer hands in a log.
  Optional<Node> logger(HttpServerExchange exchange) {
    return Visitor.bearer(exchange).flatMap(visitor::installerOf);
  }

  private Node node(String token) {
    return visitor
        .installerOf(token)
        .orElseThrow(() ->
            new Problem(401, ApplianceError.TOKEN, "this attempt's installer is not at work"));
  }

  private static int attempt(Node node) {
    Assignment assignment = node.assignment();
    return assignment == null ? 0 : assignment.attempt();
  }

  private static String body(HttpServerExchange exchange) throws IOException {
    return new String(Handlers.body(exchange, REPORT_LIMIT, REPORT_TIME), StandardCharsets.UTF_8);
  }
}
