package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.deploy.Kickstarts;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;
import io.kindling.appliance.machines.RefusedReports;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The operators' API for what one looks into when something is odd: reports that were refused, the
/// kickstart that a node would get. Thread-safe.
public final class InspectApi {
  private final NodeStore nodes;
  private final Kickstarts kickstarts;
  private final RefusedReports refused;

  public InspectApi(NodeStore nodes, Kickstarts kickstarts, RefusedReports refused) {
    this.nodes = nodes;
    this.kickstarts = kickstarts;
    this.refused = refused;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on(
            "GET", "/api/v1/refused-reports", Access.VIEWER, e -> Json.send(e, 200, refused.all()))
        .on("GET", "/api/v1/refused-reports/{report}", Access.VIEWER, this::document)
        .on("GET", "/api/v1/nodes/{node}/kickstart", Access.VIEWER, this::kickstart);
  }

  /// Untrusted bytes: no browser may take them for a page.
  private void document(HttpServerExchange exchange) throws IOException {
    byte[] document =
        refused
            .document(Handlers.part(exchange, "report"))
            .orElseThrow(
                () -> new Problem(404, ApplianceError.NOT_FOUND, "that report is not kept"));
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/octet-stream");
    exchange.getResponseHeaders().put(Headers.CONTENT_DISPOSITION, "attachment");
    exchange.getResponseHeaders().put(Headers.X_CONTENT_TYPE_OPTIONS, "nosniff");
    exchange.getResponseSender().send(ByteBuffer.wrap(document));
  }

  private void kickstart(HttpServerExchange exchange) {
    Node node = Lookup.node(nodes, Handlers.part(exchange, "node"));
    String text =
        kickstarts
            .preview(node)
            .orElseThrow(() ->
                new Problem(
                    404,
                    ApplianceError.NOT_FOUND,
                    node.name() + " is not assigned, or its release has no kickstart"));
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain; charset=utf-8");
    exchange.getResponseHeaders().put(Headers.X_CONTENT_TYPE_OPTIONS, "nosniff");
    exchange.getResponseSender().send(text, StandardCharsets.UTF_8);
  }
}
