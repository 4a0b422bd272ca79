package io.kindling.appliance.machines;

import io.kindling.appliance.boot.BootAction;
import io.kindling.appliance.boot.BootTable;
import io.kindling.appliance.boot.BootTokens;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Credentials;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import io.kindling.pxe.BootStage;
import io.kindling.pxe.HardwareAddress;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Who speaks on the machines' listener, as far as the boot token proves it. Thread-safe.
final class Visitor {
  private static final String BEARER = "Bearer ";

  private final NodeStore nodes;
  private final BootTokens tokens;
  private final JoinBook joins;

  Visitor(NodeStore nodes, BootTokens tokens, JoinBook joins) {
    this.nodes = nodes;
    this.tokens = tokens;
    this.joins = joins;
  }

  /// The address that the request's token was made for; empty without a good token.
  Optional<HardwareAddress> tokenOf(HttpServerExchange exchange) {
    return bearer(exchange).flatMap(tokens::check);
  }

  /// The node that joined with its own system and whose token the request carries.
  Optional<Node> memberOf(HttpServerExchange exchange) {
    return bearer(exchange).flatMap(joins::memberOf).flatMap(nodes::find);
  }

  /// What the request's join token is worth.
  Credentials invitation(HttpServerExchange exchange) {
    return bearer(exchange)
        .<Credentials>map(
            token -> new Credentials.Invitation(machine -> joins.admits(token, machine)))
        .orElseGet(Credentials.Anyone::new);
  }

  /// The node whose installer speaks, as far as its attempt's token proves it: while the attempt
  /// runs and its system is not on the disk yet.
  Optional<Node> installerOf(String token) {
    return tokens
        .attemptOf(token)
        .flatMap(attempt ->
            nodes
                .find(attempt.node())
                .filter(node -> {
                  Assignment assignment = node.assignment();
                  return node.state() == NodeState.PROVISIONING
                      && assignment != null
                      && assignment.attempt() == attempt.attempt()
                      && !assignment.onDisk();
                }));
  }

  /// The bearer token that came with a request, unchecked; empty where none did.
  static Optional<String> bearer(HttpServerExchange exchange) {
    String header = exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION);
    return header == null || !header.startsWith(BEARER)
        ? Optional.empty()
        : Optional.of(header.substring(BEARER.length()).strip());
  }

  /// What the token proves for a report. A token speaks for its node only while the node's place is
  /// in the bootstrap: one from before the installation is worth nothing afterwards.
  Credentials credentials(Optional<HardwareAddress> token) {
    return token
        .flatMap(mac -> nodeOf(mac.text()))
        .filter(this::belongsInBootstrap)
        .<Credentials>map(node -> new Credentials.OwnToken(node.id()))
        .orElseGet(Credentials.Anyone::new);
  }

  /// The node with that NIC; one whose boot NIC does not identify it (USB) is found by its last
  /// boot.
  Optional<Node> nodeOf(@Nullable String mac) {
    if (mac == null) {
      return Optional.empty();
    }
    return nodes
        .findByMac(mac)
        .or(() -> nodes.all().stream().filter(n -> mac.equals(n.bootMac())).findFirst());
  }

  /// True where a token from this node's boot is worth something now.
  boolean mayUseToken(Node node) {
    return !node.state().needsOwnToken() || belongsInBootstrap(node);
  }

  private boolean belongsInBootstrap(Node node) {
    return BootTable.action(node.state(), BootTable.Disk.of(node), BootStage.AGENT)
        == BootAction.BOOTSTRAP;
  }
}
