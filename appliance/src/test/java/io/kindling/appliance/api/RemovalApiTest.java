package io.kindling.appliance.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.deploy.Deployer;
import io.kindling.appliance.deploy.Phases;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Listeners;
import io.kindling.appliance.testing.Bench;
import io.kindling.appliance.testing.Gates;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.Role;
import io.undertow.Undertow;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Which installed nodes may be forgotten.
@Timeout(60)
class RemovalApiTest {
  @TempDir Path state;
  private final HttpClient client = HttpClient.newHttpClient();
  private Bench bench;
  private Undertow server;
  private Node node;
  private boolean serves;

  @BeforeEach
  void open() {
    bench = new Bench(state);
    node = bench.report(1);
    bench.nodes.change(
        node.id(),
        n ->
            n.withAssignment(
                    new Assignment(
                        1,
                        Set.of(Role.BASE, Role.CEPH_OSD),
                        Map.of("management", "10.20.0.11/24"),
                        "[]",
                        true,
                        "ssh-ed25519 AAAA",
                        null))
                .withState(NodeState.READY, null, null));
    var routes = new Handlers(bench.threads, Gates.OPEN);
    new RemovalApi(bench.nodes, bench.events, new LeftOut()).routes(routes);
    server =
        Listeners.open(
            "test",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            OperatorApi.CUT_LIMIT,
            routes.build());
  }

  @AfterEach
  void close() {
    server.stop();
    bench.close();
  }

  /// No phase follows for the node.
  private final class LeftOut implements Phases {
    @Override
    public List<Deployer.Line> begin() {
      return List.of();
    }

    @Override
    public boolean follow(Node node) {
      return false;
    }

    @Override
    public boolean serves(Node node) {
      return serves;
    }

    @Override
    public boolean stopped(Node node) {
      return false;
    }
  }

  private HttpResponse<String> remove(String body) throws Exception {
    URI uri =
        URI.create(
            "http://127.0.0.1:%d/api/v1/nodes/%s".formatted(Listeners.port(server), node.name()));
    return client.send(
        HttpRequest.newBuilder(uri).method("DELETE", BodyPublishers.ofString(body)).build(),
        BodyHandlers.ofString());
  }

  private void refused(String body, String id) throws Exception {
    HttpResponse<String> answer = remove(body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
    assertThat(Json.tree(answer.body()).path("id").asString()).isEqualTo(id);
    assertThat(bench.node(1).state()).isEqualTo(NodeState.READY);
  }

  @Test
  void oneThatServesIsNotForgottenAlsoWhereDeploymentsLeaveItOut() throws Exception {
    serves = true;
    refused("{}", "APP-083");
    refused("{\"yes\":true}", "APP-083");
  }

  @Test
  void oneThatServesNoMoreIsForgottenByWhoSaysYes() throws Exception {
    refused("{}", "APP-070");
    assertThat(remove("{\"yes\":true}").statusCode()).isEqualTo(204);
  }
}
