package io.kindling.appliance.machines;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Listeners;
import io.kindling.appliance.testing.Bench;
import io.kindling.appliance.testing.Machines;
import io.kindling.appliance.testing.Wire;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.Role;
import io.undertow.Undertow;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MachineDoorTest {
  @TempDir Path state;
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<Node> reported = new CopyOnWriteArrayList<>();
  private Bench bench;
  private Undertow server;
  private int port;

  @BeforeEach
  void open() {
    bench = new Bench(state);
    server =
        Listeners.open(
            "test",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            MachineDoor.BODY_LIMIT,
            bench.machineDoor(state, reported::add).handler());
    port = Listeners.port(server);
  }

  @AfterEach
  void close() {
    server.stop();
    bench.close();
  }

  private HttpResponse<String> send(String method, String path, byte[] body, @Nullable String token)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, BodyPublishers.ofByteArray(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> report(byte[] body, @Nullable String token) throws Exception {
    return send("POST", "/agent/v1/report", body, token);
  }

  private static void problem(HttpResponse<String> answer, int status, String id) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    var body = Json.tree(answer.body());
    assertThat(body.path("id").asString()).isEqualTo(id);
    assertThat(body.path("status").asInt()).isEqualTo(status);
    assertThat(body.path("title").asString()).isNotEmpty();
    assertThat(body.path("cure").asString()).isNotEmpty();
  }

  private String token(int machine) {
    return bench.tokens.issue(bench.address(machine));
  }

  private void assigned(int machine, NodeState to, boolean onDisk) {
    bench.nodes.change(
        bench.node(machine).id(),
        n ->
            n.withAssignment(
                    new Assignment(1, Set.of(Role.BASE), Map.of(), "[]", onDisk, null, null))
                .withState(to, null, null));
  }

  @Test
  void aFirstReportMakesANodeAndASecondRenewsIt() throws Exception {
    HttpResponse<String> first = report(Machines.document(1), token(1));
    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(Json.tree(first.body()).path("name").asString()).isEqualTo(bench.node(1).name());
    assertThat(report(Machines.document(1), null).statusCode()).isEqualTo(200);
    assertThat(bench.nodes.all()).hasSize(1);
    assertThat(reported).hasSize(2);
    assertThat(bench.presence.isPresent(bench.node(1).id())).isTrue();
    assertThat(bench.board.addressOf(bench.node(1).id())).contains("127.0.0.1");
  }

  @Test
  void aTruncatedDocumentIsRefusedByName() throws Exception {
    byte[] whole = Machines.document(1);
    problem(report(Arrays.copyOf(whole, whole.length / 2), null), 400, "INV-003");
    problem(report(new byte[0], null), 400, "INV-003");
    assertThat(bench.nodes.all()).isEmpty();
    assertThat(kept("INV-003")).contains(Arrays.copyOf(whole, whole.length / 2), new byte[0]);
  }

  /// The documents that were refused for this reason and are kept to be looked at.
  private List<byte[]> kept(String error) throws IOException {
    var refused = new RefusedReports(state.resolve("refused"), bench.clock);
    var documents = new java.util.ArrayList<byte[]>();
    for (RefusedReports.Refused report : refused.all()) {
      assertThat(report.from()).isEqualTo("127.0.0.1");
      assertThat(report.reason()).isNotEmpty();
      if (report.error().equals(error)) {
        documents.add(refused.document(report.id()).orElseThrow());
      }
    }
    return documents;
  }

  @Test
  void aReportWhoseConnectionBreaksOffLeavesNothingBehind() throws Exception {
    byte[] whole = Machines.document(1);
    try (Wire wire = new Wire(port)) {
      wire.head("POST /agent/v1/report HTTP/1.1", "Content-Length: " + whole.length)
          .bytes(Arrays.copyOf(whole, 1000))
          .end();
      assertThat(wire.all()).doesNotContain("HTTP/1.1 20");
    }
    assertThat(bench.nodes.all()).isEmpty();
    assertThat(kept("APP-015")).containsExactly(Arrays.copyOf(whole, 1000));
    assertThat(report(whole, null).statusCode()).isEqualTo(201);
  }

  @Test
  void aReportOfFiftyMegabytesIsRefusedByNameAndItsConnectionEnded() throws Exception {
    try (Wire wire = new Wire(port)) {
      wire.head("POST /agent/v1/report HTTP/1.1", "Content-Length: " + (50 << 20))
          .bytes(new byte[1000]);
      assertThat(wire.until("\"cure\"")).startsWith("HTTP/1.1 413").contains("APP-013");
      wire.end();
      wire.all(); // returns: nobody waits for the other fifty megabytes
    }
    problem(report(new byte[50 << 20], null), 413, "APP-013");
    assertThat(kept("APP-013")).hasSize(2); // that they came, and from where
  }

  @Test
  void aReportWithoutAnnouncedLengthIsCutAtTheSameLimit() throws Exception {
    byte[] chunk = new byte[1 << 20];
    try (Wire wire = new Wire(port)) {
      wire.head("POST /agent/v1/report HTTP/1.1", "Transfer-Encoding: chunked");
      for (int i = 0; i < 17; i++) {
        wire.bytes("100000\r\n".getBytes(StandardCharsets.US_ASCII))
            .bytes(chunk)
            .bytes("\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      assertThat(wire.until("\"cure\"")).startsWith("HTTP/1.1 413").contains("APP-013");
      assertThat(kept("APP-013"))
          .singleElement()
          .satisfies(begun -> assertThat(begun).hasSize(RefusedReports.MOST_BYTES));
    } catch (IOException reset) {
      throw new AssertionError("cut without an answer", reset);
    }
  }

  @Test
  void aReportAtTheLimitIsReadAndOnePastItIsNot() throws Exception {
    byte[] full = new byte[MachineDoor.REPORT_LIMIT];
    Arrays.fill(full, (byte) ' ');
    assertThat(report(full, null).statusCode()).isEqualTo(400);
    problem(report(Arrays.copyOf(full, full.length + 1), null), 413, "APP-013");
  }

  @Test
  void aDocumentThatIsNotUtf8IsRefusedByName() throws Exception {
    problem(
        report(new byte[] {'{', '"', (byte) 0xff, (byte) 0xfe, '"', '}'}, null), 400, "INV-002");
    problem(report("<html>".getBytes(StandardCharsets.UTF_8), null), 400, "INV-004");
  }

  @ParameterizedTest
  @EnumSource(
      value = NodeState.class,
      names = {"PROVISIONING", "PROVISIONED", "DEPLOYING", "READY", "ERROR", "WIPING", "RESCUE"})
  void fromProvisioningOnAReportNeedsTheNodesOwnToken(NodeState to) throws Exception {
    bench.report(1);
    assigned(1, to, false);
    Node before = bench.node(1);
    problem(report(Machines.document(1), null), 403, "INV-009");
    problem(report(Machines.document(1), "forged"), 403, "INV-009");
    problem(report(Machines.document(1), token(2)), 403, "INV-009");
    assertThat(bench.node(1)).isEqualTo(before);
  }

  @Test
  void withItsOwnTokenANodeBeingInstalledReports() throws Exception {
    bench.report(1);
    assigned(1, NodeState.PROVISIONING, false);
    assertThat(report(Machines.document(1), token(1)).statusCode()).isEqualTo(200);
  }

  @Test
  void aTokenFromBeforeTheInstallationIsWorthNothingAfterwards() throws Exception {
    bench.report(1);
    String old = token(1);
    assigned(1, NodeState.PROVISIONED, true);
    problem(report(Machines.document(1), old), 403, "INV-009");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/api/v1/nodes",
        "/api/v1/cluster",
        "/api/v1/deploy",
        "/api/v1/status",
        "/boot/../api/v1/nodes",
        "/agent/../api/v1/nodes",
        "/boot/%2e%2e/api/v1/nodes",
        "/nodes/one",
        "/static/console.js"
      })
  void nothingAnOperatorCanDoIsReachableHere(String path) throws Exception {
    for (String method : List.of("GET", "POST", "PUT", "PATCH")) {
      HttpResponse<String> answer = send(method, path, new byte[0], null);
      assertThat(answer.statusCode())
          .as(method + " " + path)
          .isIn(404, path.startsWith("/boot/") ? 299 : 404);
    }
  }

  @Test
  void bootFilesHaveTheirOwnHandler() throws Exception {
    assertThat(send("GET", "/boot/v1/ipxe", new byte[0], null).statusCode()).isEqualTo(299);
  }

  @Test
  void aSignOfLifeCountsForTheKnownAndSendsTheUnknownToReport() throws Exception {
    byte[] alive = ("{\"boot\":\"" + Machines.mac(1) + "\"}").getBytes(StandardCharsets.UTF_8);
    problem(send("POST", "/agent/v1/alive", alive, token(1)), 404, "APP-004");
    bench.report(1);
    HttpResponse<String> answer = send("POST", "/agent/v1/alive", alive, token(1));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(Json.tree(answer.body()).path("node").asString()).isEqualTo(bench.node(1).name());
    assertThat(bench.presence.isPresent(bench.node(1).id())).isTrue();
    assertThat(send("POST", "/agent/v1/alive", alive, null).statusCode()).isEqualTo(200);
    assigned(1, NodeState.PROVISIONING, false);
    problem(send("POST", "/agent/v1/alive", alive, null), 401, "APP-019");
    problem(send("POST", "/agent/v1/alive", new byte[5000], token(1)), 413, "APP-013");
  }

  @Test
  void anOldTokenMovesNoInstalledNodesAddress() throws Exception {
    bench.report(1);
    String old = token(1);
    assigned(1, NodeState.PROVISIONED, true);
    problem(send("POST", "/agent/v1/alive", new byte[0], old), 401, "APP-019");
    problem(send("PUT", "/agent/v1/logs/boot", new byte[1], old), 401, "APP-019");
    assertThat(bench.board.addressOf(bench.node(1).id())).isEmpty();
  }

  @Test
  void logsAreKeptByKindNeedATokenAndAreBounded() throws Exception {
    bench.report(1);
    byte[] log = "line\n".getBytes(StandardCharsets.UTF_8);
    assertThat(send("PUT", "/agent/v1/logs/boot", log, token(1)).statusCode()).isEqualTo(204);
    Path folder = state.resolve("log").resolve(bench.node(1).id().toString());
    assertThat(folder.resolve("boot.log")).hasBinaryContent(log);
    problem(send("PUT", "/agent/v1/logs/boot", log, null), 401, "APP-019");
    problem(send("PUT", "/agent/v1/logs/boot", log, token(2)), 404, "APP-004");
    problem(send("PUT", "/agent/v1/logs/passwd", log, token(1)), 404, "APP-017");
    assertThat(send("PUT", "/agent/v1/logs/..%2f..%2fboot-token.key", log, token(1)).statusCode())
        .isEqualTo(404);
    byte[] full = new byte[MachineLogs.LIMIT];
    assertThat(send("PUT", "/agent/v1/logs/agent", full, token(1)).statusCode()).isEqualTo(204);
    problem(
        send("PUT", "/agent/v1/logs/agent", new byte[MachineLogs.LIMIT + 1], token(1)),
        413,
        "APP-013");
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("boot.log", "agent.log");
    }
  }

  @Test
  void theNodeImageIsServedByItsHashInRangesAndNothingBesideIt() throws Exception {
    Path file = Files.write(state.resolve("node.tar.zst"), new byte[] {1, 2, 3, 4});
    String sha = "cd".repeat(32);
    bench.images.image =
        Optional.of(new io.kindling.appliance.deploy.NodeImages.NodeImage(file, sha, 4));
    var range =
        client.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + port + "/agent/v1/image/" + sha))
                .header("Range", "bytes=2-")
                .build(),
            BodyHandlers.ofByteArray());
    assertThat(range.statusCode()).isEqualTo(206);
    assertThat(range.body()).containsExactly(3, 4);
    problem(send("GET", "/agent/v1/image/boot-token.key", new byte[0], null), 404, "APP-010");
  }

  @Test
  void anotherMethodIsToldWhichOnesThereAre() throws Exception {
    HttpResponse<String> answer = send("DELETE", "/agent/v1/report", new byte[0], null);
    problem(answer, 405, "APP-018");
    assertThat(answer.headers().firstValue("Allow")).contains("POST");
  }
}
