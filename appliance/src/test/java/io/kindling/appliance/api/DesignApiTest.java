package io.kindling.appliance.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.deploy.Designs;
import io.kindling.appliance.deploy.KsgenPlanner;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Listeners;
import io.kindling.appliance.testing.Bench;
import io.kindling.appliance.testing.Gates;
import io.kindling.appliance.testing.Machines;
import io.kindling.inventory.NodeState;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class DesignApiTest {
  private static final String FILE =
      """
      name: rack1
      # those on the left
      nodes:
        - match: { label: left }  # by hand
          roles: [base]
      """;

  @TempDir Path state;
  private final HttpClient client = HttpClient.newHttpClient();
  private Bench bench;
  private Undertow server;

  @BeforeEach
  void open() {
    bench = new Bench(state);
    var routes = new Handlers(bench.threads, Gates.OPEN);
    OperatorApi files = bench.operatorApi(state, bench.logs);
    files.routes(routes);
    var designs = new Designs(bench.nodes, bench.clusters, new KsgenPlanner());
    new DesignApi(bench.nodes, bench.clusters, bench.assigner, designs, files).routes(routes);
    server =
        Listeners.open(
            "test",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            OperatorApi.CUT_LIMIT,
            routes.build());
    for (int machine = 1; machine <= 3; machine++) {
      bench.report(machine);
    }
  }

  @AfterEach
  void close() {
    server.stop();
    bench.close();
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws Exception {
    var request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + Listeners.port(server) + "/api/v1" + path))
            .method(method, BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> change(Object body, String... headers) throws Exception {
    return send("PATCH", "/cluster", Json.text(body), headers);
  }

  private String file() throws Exception {
    return send("GET", "/cluster", "").body();
  }

  private JsonNode design() throws Exception {
    return Json.tree(send("GET", "/cluster/design", "").body());
  }

  private static Map<String, Object> roles(int machine, String... roles) {
    return Map.of("node", Machines.mac(machine), "roles", List.of(roles));
  }

  @Test
  void aClusterBeginsWithTheFirstRole() throws Exception {
    assertThat(design().path("applied").asBoolean()).isFalse();
    assertThat(change(Map.of("nodes", List.of(roles(1, "base")))).statusCode()).isEqualTo(200);
    assertThat(file()).contains("- { match: { mac: \"" + Machines.mac(1) + "\" }, roles: [base] }");
    assertThat(bench.node(1).state()).isEqualTo(NodeState.ASSIGNED);
    assertThat(change(Map.of("storage", Map.of("replicas", 2))).statusCode()).isEqualTo(200);
    assertThat(design().path("storage").path("replicas").asInt()).isEqualTo(2);
  }

  @Test
  void whatTheOperatorWroteStays() throws Exception {
    send("PUT", "/cluster", FILE);
    bench.nodes.change(bench.node(1).id(), n -> n.withLabels(java.util.Set.of("left")));
    bench.nodes.change(bench.node(2).id(), n -> n.withLabels(java.util.Set.of("left")));
    change(Map.of("nodes", List.of(roles(1, "ceph-rgw"))));
    assertThat(file())
        .contains("# those on the left\nnodes:\n  - { match:", "roles: [ceph-rgw] }\n  - match: {")
        .contains("# by hand\n    roles: [base]\n");
    // All of a label's nodes alike: then it is the label's rule that changes.
    send("PUT", "/cluster", FILE);
    change(Map.of("nodes", List.of(roles(1, "ceph-rgw"), roles(2, "ceph-rgw"))));
    assertThat(file()).isEqualTo(FILE.replace("[base]", "[ceph-rgw]"));
    HttpResponse<String> refused = change(Map.of("nodes", List.of(roles(1))));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("by the rule for label left");
    assertThat(file()).isEqualTo(FILE.replace("[base]", "[ceph-rgw]"));
  }

  @Test
  void aNodeLeavesTheClusterWithItsRule() throws Exception {
    change(Map.of("nodes", List.of(roles(1, "base"), roles(2, "base"))));
    change(Map.of("nodes", List.of(roles(1))));
    assertThat(file()).doesNotContain(Machines.mac(1)).contains(Machines.mac(2));
    assertThat(bench.node(1).state()).isEqualTo(NodeState.DISCOVERED);
    assertThat(bench.node(1).assignment()).isNull();
    assertThat(bench.node(2).state()).isEqualTo(NodeState.ASSIGNED);
  }

  @Test
  void whatCannotBeIsRefusedAndNothingOfItKept() throws Exception {
    change(Map.of("nodes", List.of(roles(1, "base"))));
    String before = file();
    var impossible =
        Map.of(
            "node",
            Machines.mac(2),
            "roles",
            List.of("base"),
            "disks",
            List.of(Map.of("id", "no-such-disk", "use", Map.of("os", "all"))));
    HttpResponse<String> refused = change(Map.of("nodes", List.of(roles(3, "base"), impossible)));
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("APP-007", "no-such-disk", bench.node(2).name());
    assertThat(file()).isEqualTo(before);
    for (String wrong :
        List.of(
            "{\"storage\":{\"copies\":3}}",
            "{\"storage\":{\"replicas\":99}}",
            "{\"nodes\":{}}",
            "{\"nodes\":[{\"node\":\"" + Machines.mac(1) + "\",\"roles\":[\"king\"]}]}",
            "{\"nodes\":[{\"node\":\"" + Machines.mac(1) + "\",\"disks\":{}}]}",
            "{\"nodes\":[{\"node\":\"" + Machines.mac(1) + "\",\"disks\":[7]}]}",
            "{\"rolls\":[]}")) {
      assertThat(send("PATCH", "/cluster", wrong).statusCode()).as(wrong).isEqualTo(400);
    }
    assertThat(file()).isEqualTo(before);
  }

  @Test
  void ofTwoOperatorsTheSecondIsToldSo() throws Exception {
    change(Map.of("nodes", List.of(roles(1, "base"))));
    String seen = send("GET", "/cluster/design", "").headers().firstValue("ETag").orElseThrow();
    assertThat(change(Map.of("nodes", List.of(roles(2, "base"))), "If-Match", seen).statusCode())
        .isEqualTo(200);
    HttpResponse<String> late =
        change(Map.of("nodes", List.of(roles(3, "base"))), "If-Match", seen);
    assertThat(late.statusCode()).isEqualTo(412);
    assertThat(late.body()).contains("APP-020");
    assertThat(file()).doesNotContain(Machines.mac(3));
  }

  @Test
  void disksAreLaidOutAsTheDesignShowsThemAndCopiedToMachinesLikeIt() throws Exception {
    change(Map.of("nodes", List.of(roles(1, "base"), roles(2, "base"), roles(3, "ceph-rgw"))));
    JsonNode node = Json.tree(send("GET", "/cluster/design/" + Machines.mac(1), "").body());
    JsonNode disk = node.path("disks").path(0);
    assertThat(disk.path("volumes").path(0).path("volume").asString()).isEqualTo("os");
    assertThat(node.path("alike").valueStream().map(JsonNode::asString))
        .containsExactly(bench.node(2).name());
    var rules = List.of(Map.of("id", disk.path("id").asString(), "use", Map.of("os", 5000)));
    assertThat(
            change(Map.of("nodes", List.of(Map.of("node", Machines.mac(1), "disks", rules))))
                .statusCode())
        .isEqualTo(200);
    HttpResponse<String> copied =
        change(Map.of("nodes", List.of(Map.of("node", Machines.mac(2), "like", Machines.mac(1)))));
    assertThat(copied.statusCode()).as(copied.body()).isEqualTo(200);
    JsonNode other = Json.tree(send("GET", "/cluster/design/" + Machines.mac(2), "").body());
    assertThat(other.path("disks").path(0).path("volumes").path(0).path("sizeMib").asInt())
        .isEqualTo(5000);
  }

  @Test
  void conflictsAndShortagesAreToldAtOnce() throws Exception {
    change(Map.of("nodes", List.of(roles(1, "compute"))));
    assertThat(design().path("notes").toString())
        .contains("compute nodes and no controller", "2 machines have no role");
  }
}
