package io.kindling.appliance.machines;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.boot.BootTokens;
import io.kindling.appliance.boot.LiveBootDecisions;
import io.kindling.appliance.deploy.InstallerBoard;
import io.kindling.appliance.deploy.Kickstarts;
import io.kindling.appliance.deploy.NodeImages;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Gate;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;
import io.kindling.appliance.release.ReleaseFiles;
import io.kindling.inventory.Credentials;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Inventory;
import io.kindling.inventory.InventoryError;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.Presence;
import io.kindling.inventory.ReportResult;
import io.kindling.pxe.BootStage;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.http.BootHandler;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.resource.PathResourceManager;
import io.undertow.server.handlers.resource.ResourceHandler;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// The routes of the machines' listener: boot files, the agent's reports, what systems are
/// installed from, the package mirror. It holds no reference to anything an operator can do.
/// Thread-safe.
public final class MachineDoor {
  /// Of a discovery document, bytes.
  public static final int REPORT_LIMIT = 16 << 20;

  /// Where a connection is cut. Well above what any route takes: up to here an overlong body gets
  /// an answer that names the error.
  public static final long BODY_LIMIT = 4L * REPORT_LIMIT;

  private static final int ALIVE_LIMIT = 4 << 10;
  private static final Duration REPORT_TIME = Duration.ofSeconds(60);
  private static final Duration ALIVE_TIME = Duration.ofSeconds(10);

  /// Reports parsed at the same time: each may take ten times its size in memory.
  private static final int PARSERS = 4;

  private final HttpHandler boot;
  private final Inventory inventory;
  private final Visitor visitor;
  private final Presence presence;
  private final BootstrapBoard board;
  private final LiveBootDecisions decisions;
  private final NodeImages images;
  private final JoinBook joins;
  private final AgentScript agent = new AgentScript();
  private final MachineLogs logs;
  private final RefusedReports refused;
  private final HttpHandler releases;
  private final KickstartDoor kickstarts;
  private final HttpHandler mirror;
  private final Predicate<Node> asked;
  private final Consumer<Node> reported;
  private final ExecutorService threads;
  private final Semaphore parsers = new Semaphore(PARSERS);

  /// @param boot the handler of boot files
  /// @param releases the handler of `/releases/**`
  /// @param mirror the folder behind `/mirror/**`; it may come later, and be replaced
  /// @param asked whose bootstrap is to report anew at its next sign of life
  /// @param reported told after each accepted report, in the request's thread
  /// @param threads one virtual thread per request
  public MachineDoor(
      HttpHandler boot,
      Inventory inventory,
      NodeStore nodes,
      BootTokens tokens,
      Presence presence,
      BootstrapBoard board,
      LiveBootDecisions decisions,
      NodeImages images,
      JoinBook joins,
      MachineLogs logs,
      RefusedReports refused,
      HttpHandler releases,
      Kickstarts kickstarts,
      InstallerBoard installers,
      EventStore events,
      Path mirror,
      Predicate<Node> asked,
      Consumer<Node> reported,
      ExecutorService threads) {
    this.boot = boot;
    this.inventory = inventory;
    this.visitor = new Visitor(nodes, tokens, joins);
    this.presence = presence;
    this.board = board;
    this.decisions = decisions;
    this.images = images;
    this.joins = joins;
    this.logs = logs;
    this.refused = refused;
    this.releases = releases;
    this.kickstarts = new KickstartDoor(visitor, kickstarts, installers, nodes, events);
    this.mirror = new MirrorFiles(mirror);
    this.asked = asked;
    this.reported = reported;
    this.threads = threads;
  }

  /// The whole routing table.
  public HttpHandler handler() {
    Handlers routes =
        new Handlers(threads, Gate.MACHINES)
            .on("POST", "/agent/v1/report", Access.MACHINE, this::report)
            .on("POST", "/agent/v1/join", Access.MACHINE, this::join)
            .on("GET", AgentScript.PATH, Access.MACHINE, this::script)
            .on("POST", "/agent/v1/alive", Access.MACHINE, this::alive)
            .on("PUT", "/agent/v1/logs/{name}", Access.MACHINE, this::log)
            .on("GET", "/agent/v1/image/{sha256}", Access.MACHINE, this::image);
    kickstarts.routes(routes);
    HttpHandler agent = routes.build();
    return exchange -> {
      if (BootHandler.serves(exchange.getRequestPath())) {
        boot.handleRequest(exchange);
      } else if (exchange.getRequestPath().startsWith(ReleaseFiles.PREFIX)) {
        releases.handleRequest(exchange);
      } else if (exchange.getRequestPath().startsWith(MirrorFiles.PREFIX)) {
        mirror.handleRequest(exchange);
      } else {
        agent.handleRequest(exchange);
      }
    };
  }

  private void report(HttpServerExchange exchange) throws IOException, InterruptedException {
    Optional<HardwareAddress> token = visitor.tokenOf(exchange);
    Credentials credentials =
        visitor
            .memberOf(exchange)
            .<Credentials>map(node -> new Credentials.OwnToken(node.id()))
            .orElseGet(() -> visitor.credentials(token));
    switch (take(exchange, credentials)) {
      case ReportResult.Created(Node node, List<String> warnings) -> {
        welcome(exchange, token, node);
        reported.accept(node);
        Json.send(exchange, 201, new Taken(node.id().toString(), node.name(), warnings));
      }
      case ReportResult.Updated(Node node, List<String> warnings) -> {
        welcome(exchange, token, node);
        reported.accept(node);
        Json.send(exchange, 200, new Taken(node.id().toString(), node.name(), warnings));
      }
      case ReportResult.Quarantined(Node node, InventoryError error, String reason) -> {
        welcome(exchange, token, node);
        Json.send(
            exchange,
            200,
            new Taken(node.id().toString(), node.name(), List.of(error.id() + " " + reason)));
      }
      case ReportResult.Rejected(InventoryError error, String reason) ->
          throw new Problem(status(error), error.id(), error.summary(), reason, error.cure());
    }
  }

  private ReportResult take(HttpServerExchange exchange, Credentials credentials)
      throws IOException, InterruptedException {
    String from = exchange.getSourceAddress().getAddress().getHostAddress();
    byte[] document =
        Handlers.body(
            exchange,
            REPORT_LIMIT,
            REPORT_TIME,
            (why, begun) -> refused.keep(from, why.id(), String.valueOf(why.getMessage()), begun));
    ReportResult result;
    parsers.acquire();
    try {
      result = inventory.report(document, credentials);
    } finally {
      parsers.release();
    }
    if (result instanceof ReportResult.Rejected(InventoryError error, String reason)) {
      refused.keep(from, error.id(), reason, document);
    }
    return result;
  }

  /// A machine with its own operating system comes with a join token, and gets its own for it.
  private void join(HttpServerExchange exchange) throws IOException, InterruptedException {
    ReportResult result = take(exchange, visitor.invitation(exchange));
    switch (result) {
      case ReportResult.Created(Node node, List<String> warnings) ->
          joined(exchange, 201, node, warnings);
      case ReportResult.Updated(Node node, List<String> warnings) ->
          joined(exchange, 200, node, warnings);
      case ReportResult.Quarantined(Node node, _, _) ->
          throw new Problem(400, ApplianceError.BAD_REQUEST, node.name() + " cannot join");
      case ReportResult.Rejected(InventoryError error, String reason) ->
          throw new Problem(status(error), error.id(), error.summary(), reason, error.cure());
    }
  }

  private void joined(HttpServerExchange exchange, int status, Node node, List<String> warnings) {
    if (node.machineId() == null) {
      throw new Problem(
          400, ApplianceError.BAD_REQUEST, "the report is not of a machine's own system");
    }
    presence.seen(node.id());
    reported.accept(node);
    String token = joins.member(node.id());
    Json.send(exchange, status, new Joined(node.id().toString(), node.name(), token, warnings));
  }

  private record Joined(String node, String name, String token, List<String> warnings) {}

  private void script(HttpServerExchange exchange) {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain");
    exchange.getResponseSender().send(ByteBuffer.wrap(agent.bytes()));
  }

  /// What the agent is told about its report.
  private record Taken(String node, String name, List<String> warnings) {}

  private void welcome(HttpServerExchange exchange, Optional<HardwareAddress> token, Node node) {
    presence.seen(node.id());
    board.spokeFrom(node.id(), exchange.getSourceAddress().getAddress().getHostAddress());
    token
        .or(() -> Optional.ofNullable(node.bootMac()).flatMap(HardwareAddress::parse))
        .ifPresent(mac -> decisions.reached(mac, BootStage.AGENT, "reported"));
  }

  private static int status(InventoryError error) {
    return switch (error) {
      case DOCUMENT_TOO_LARGE -> 413;
      case DOCUMENT_NOT_UTF8,
          DOCUMENT_TRUNCATED,
          DOCUMENT_NOT_JSON,
          DOCUMENT_OVER_LIMIT,
          DOCUMENT_UNKNOWN ->
          400;
      case TOKEN_NEEDED, NOT_INVITED -> 403;
      case KNOWN_OTHERWISE -> 409;
      default -> 422;
    };
  }

  /// A sign of life. 404 makes the agent report again.
  private void alive(HttpServerExchange exchange) throws IOException {
    Optional<HardwareAddress> token = visitor.tokenOf(exchange);
    byte[] body = Handlers.body(exchange, ALIVE_LIMIT, ALIVE_TIME);
    Optional<Node> member = visitor.memberOf(exchange);
    if (member.isPresent()) {
      presence.seen(member.get().id());
      Json.send(exchange, 200, java.util.Map.of("node", member.get().name()));
      return;
    }
    String mac = token.map(HardwareAddress::text).orElseGet(() -> bootOf(body));
    Node node =
        visitor
            .nodeOf(mac)
            .orElseThrow(
                () -> new Problem(404, ApplianceError.UNKNOWN_NODE, "report first, " + mac));
    if (token.isEmpty() ? node.state().needsOwnToken() : !visitor.mayUseToken(node)) {
      throw new Problem(401, ApplianceError.TOKEN, node.name());
    }
    presence.seen(node.id());
    board.spokeFrom(node.id(), exchange.getSourceAddress().getAddress().getHostAddress());
    Json.send(exchange, 200, java.util.Map.of("node", node.name(), "report", asked.test(node)));
  }

  private static String bootOf(byte[] body) {
    try {
      JsonNode boot = Json.tree(body).path("boot");
      return HardwareAddress.parse(boot.asString("")).map(HardwareAddress::text).orElse("");
    } catch (JacksonException e) {
      throw new Problem(400, ApplianceError.BAD_REQUEST, "the sign of life is not JSON");
    }
  }

  private void log(HttpServerExchange exchange) throws IOException {
    String name = Handlers.part(exchange, "name");
    Node node = kickstarts.logger(exchange).orElseGet(() -> bootLogger(exchange));
    logs.keep(node.id(), name, Handlers.body(exchange, MachineLogs.LIMIT, REPORT_TIME));
    exchange.setStatusCode(204);
  }

  /// The node whose bootstrap hands in a log.
  private Node bootLogger(HttpServerExchange exchange) {
    HardwareAddress mac =
        visitor
            .tokenOf(exchange)
            .orElseThrow(() -> new Problem(401, ApplianceError.TOKEN, "a log needs a token"));
    Node node =
        visitor
            .nodeOf(mac.text())
            .orElseThrow(() -> new Problem(404, ApplianceError.UNKNOWN_NODE, mac.text()));
    if (!visitor.mayUseToken(node)) {
      throw new Problem(401, ApplianceError.TOKEN, node.name());
    }
    return node;
  }

  private void image(HttpServerExchange exchange) throws Exception {
    String sha256 = Handlers.part(exchange, "sha256");
    Path file =
        images
            .bySha256(sha256)
            .map(NodeImages.NodeImage::file)
            .orElseThrow(
                () -> new Problem(404, ApplianceError.NO_IMAGE, "no image " + sha256 + " here"));
    Path directory = file.toAbsolutePath().getParent();
    Path fileName = file.getFileName();
    if (directory == null || fileName == null) {
      throw new IOException("not a file: " + file);
    }
    // Ranges, HEAD and sendfile are the resource handler's.
    exchange.setRelativePath("/" + fileName);
    new ResourceHandler(new PathResourceManager(directory, 0)).handleRequest(exchange);
  }
}
