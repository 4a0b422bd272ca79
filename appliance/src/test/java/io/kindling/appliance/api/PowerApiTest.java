package io.kindling.appliance.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Listeners;
import io.kindling.appliance.power.Bmc;
import io.kindling.appliance.testing.Bench;
import io.kindling.appliance.testing.Gates;
import io.kindling.inventory.Node;
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
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PowerApiTest {
  private static final String ACCESS =
      "{\"kind\":\"ipmi\",\"address\":\"10.0.0.9\",\"user\":\"admin\",\"password\":\"hush-hush\"}";

  @TempDir Path state;
  private final HttpClient client = HttpClient.newHttpClient();
  private Bench bench;
  private Undertow server;
  private Node node;

  @BeforeEach
  void open() {
    bench = new Bench(state);
    node = bench.report(1);
    var routes = new Handlers(bench.threads, Gates.OPEN);
    new PowerApi(
            bench.nodes,
            bench.events,
            bench.bmcs,
            bench.power,
            new Labels(bench.nodes, bench.bmcs, bench.accesses::names),
            new Replays(bench.settings, bench.clock))
        .routes(routes);
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

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws Exception {
    var request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + Listeners.port(server) + "/api/v1" + path))
            .method(method, BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
    assertThat(answer.body()).doesNotContain("hush-hush");
    return answer;
  }

  private HttpResponse<String> power(String method, String rest, String body, String... headers)
      throws Exception {
    return send(method, "/nodes/" + node.name() + "/power" + rest, body, headers);
  }

  private static void problem(HttpResponse<String> answer, int status, String id) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Json.tree(answer.body()).path("id").asString()).isEqualTo(id);
    assertThat(Json.tree(answer.body()).path("cure").asString()).isNotEmpty();
  }

  @Test
  void anAccessIsKeptUsedShownWithoutItsPasswordAndDropped() throws Exception {
    problem(power("GET", "", ""), 409, "APP-401");
    assertThat(power("PUT", "/access", ACCESS).body()).contains("10.0.0.9", "\"from\":\"node\"");
    assertThat(Json.tree(power("GET", "", "").body()).path("state").asString()).isEqualTo("on");
    assertThat(Json.text(bench.views.of(bench.node(1))))
        .contains("10.0.0.9")
        .doesNotContain("hush");
    assertThat(bench.events.last(100)).noneMatch(e -> e.text().contains("hush"));
    assertThat(power("DELETE", "/access", "").statusCode()).isEqualTo(204);
    problem(power("GET", "", ""), 409, "APP-401");
  }

  @Test
  void ordersReachTheBmcAndWhatIsInUseNeedsYes() throws Exception {
    power("PUT", "/access", ACCESS);
    bench.bmc.state = Bmc.State.OFF;
    assertThat(power("POST", "", "{\"verb\":\"on\",\"boot\":\"network\"}").statusCode())
        .isEqualTo(200);
    assertThat(bench.bmc.done).contains("network bios", "on");
    bench.put(1, NodeState.READY);
    problem(power("POST", "", "{\"verb\":\"off\"}"), 409, "APP-413");
    assertThat(bench.bmc.state).isEqualTo(Bmc.State.ON);
    assertThat(power("POST", "", "{\"verb\":\"off\",\"yes\":true}").statusCode()).isEqualTo(200);
    assertThat(bench.bmc.state).isEqualTo(Bmc.State.OFF);
    assertThat(send("POST", "/nodes/" + node.name() + "/locate", "{\"on\":true}").statusCode())
        .isEqualTo(204);
    assertThat(bench.bmc.done).contains("lit");
  }

  @Test
  void aLabelsAccessServesItsNodes() throws Exception {
    String access = ACCESS.replace("\"address\":\"10.0.0.9\",", "");
    problem(send("PUT", "/labels/storage/power/access", ACCESS), 400, "APP-015");
    assertThat(send("PUT", "/labels/storage/power/access", access).statusCode()).isEqualTo(200);
    assertThat(send("GET", "/labels/storage/power/access", "").body()).contains("label storage");
    bench.nodes.change(node.id(), n -> n.withLabels(Set.of("storage")));
    assertThat(power("GET", "", "").statusCode()).isEqualTo(200);
    send("DELETE", "/labels/storage/power/access", "");
    problem(send("GET", "/labels/storage/power/access", ""), 404, "APP-017");
    problem(power("GET", "", ""), 409, "APP-401");
  }

  @Test
  void theLabelsThatNodesCarryOrThatHaveAnAccessAreListedWithoutAnyPassword() throws Exception {
    assertThat(send("GET", "/labels", "").body()).isEqualTo("[]");
    bench.nodes.change(node.id(), n -> n.withLabels(Set.of("storage", "rack-1")));
    String access = ACCESS.replace("\"address\":\"10.0.0.9\",", "");
    send("PUT", "/labels/storage/power/access", access);
    send("PUT", "/labels/future/power/access", access);
    send("PUT", "/labels/past/power/access", access);
    send("DELETE", "/labels/past/power/access", "");
    power("PUT", "/access", ACCESS);
    var listed = Json.tree(send("GET", "/labels", "").body());
    assertThat(listed.valueStream().map(l -> l.path("label").asString()))
        .containsExactly("future", "rack-1", "storage");
    assertThat(listed.valueStream().map(l -> l.path("nodes").asInt())).containsExactly(0, 1, 1);
    assertThat(listed.path(1).path("power").isNull()).isTrue();
    assertThat(listed.path(2).path("power").path("user").asString()).isEqualTo("admin");
    bench.put(1, NodeState.REMOVED);
    assertThat(Json.tree(send("GET", "/labels", "").body()).valueStream())
        .map(l -> l.path("label").asString() + l.path("nodes").asInt())
        .containsExactly("future0", "storage0");
  }

  @Test
  void anOrderThatIsRepeatedWithItsKeyIsCarriedOutOnce() throws Exception {
    power("PUT", "/access", ACCESS);
    String off = "{\"verb\":\"off\",\"yes\":true}";
    bench.bmc.state = Bmc.State.ON;
    HttpResponse<String> first = power("POST", "", off, "Idempotency-Key", "k1");
    assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
    bench.bmc.state = Bmc.State.ON; // somebody switched it on meanwhile
    assertThat(power("POST", "", off, "Idempotency-Key", "k1").body()).isEqualTo(first.body());
    assertThat(bench.bmc.state).isEqualTo(Bmc.State.ON);
    String on = "{\"verb\":\"on\"}";
    problem(power("POST", "", on, "Idempotency-Key", "k1"), 422, "APP-022");
    assertThat(power("POST", "", off, "Idempotency-Key", "k2").statusCode()).isEqualTo(200);
    assertThat(bench.bmc.state).isEqualTo(Bmc.State.OFF);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"verb\":\"soft\"}",
        "{\"verb\":\"off\",\"boot\":\"network\"}",
        "{\"verb\":\"on\",\"boot\":\"disk\"}",
        "{\"verb\":\"off\",\"yes\":\"true\"}",
        "{\"verb\":\"off\",\"force\":true}"
      })
  void whatIsNoOrderIsRefused(String body) throws Exception {
    power("PUT", "/access", ACCESS);
    problem(power("POST", "", body), 400, "APP-015");
    assertThat(bench.bmc.done).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"kind\":\"wol\",\"user\":\"a\",\"password\":\"p\"}",
        "{\"kind\":\"ipmi\",\"password\":\"p\"}",
        "{\"kind\":\"ipmi\",\"user\":\"a\"}",
        "{\"kind\":\"ipmi\",\"user\":\"a\",\"password\":\"123456789012345678901\"}",
        "{\"kind\":\"ipmi\",\"user\":\"12345678901234567\",\"password\":\"p\"}",
        "{\"kind\":\"ipmi\",\"user\":\"a\",\"password\":\"p\",\"address\":\"-H\"}",
        "{\"kind\":\"ipmi\",\"user\":\"a\",\"password\":\"p\",\"address\":\"https://x\"}",
        "{\"kind\":\"ipmi\",\"user\":\"a\",\"password\":\"p\",\"fingerprint\":\"ab\"}",
        "{\"kind\":\"ipmi\",\"user\":\"a\",\"password\":\"p\",\"cipher\":99}",
        "{\"kind\":\"redfish\",\"user\":\"a\",\"password\":\"p\",\"cipher\":3}",
        "{\"kind\":\"redfish\",\"user\":\"a\",\"password\":\"p\",\"fingerprint\":\"ab\"}",
        "{\"kind\":\"redfish\",\"user\":\"a\",\"password\":\"p\",\"ca\":\"no PEM\"}",
        "{\"kind\":\"ipmi\",\"user\":\"a\",\"password\":\"p\",\"pasword\":\"p\"}"
      })
  void whatIsNoAccessIsRefusedAndNothingKept(String body) throws Exception {
    problem(power("PUT", "/access", body), 400, "APP-015");
    problem(power("GET", "", ""), 409, "APP-401");
  }

  @Test
  void aFingerprintIsTakenAsToolsPrintIt() throws Exception {
    String colons = "AB:".repeat(31) + "AB";
    String body =
        "{\"kind\":\"redfish\",\"address\":\"10.0.0.9\",\"user\":\"a\",\"password\":\"p\","
            + "\"fingerprint\":\"sha256 Fingerprint=%s\"}";
    problem(power("PUT", "/access", body.formatted("x")), 400, "APP-015");
    assertThat(power("PUT", "/access", body.formatted(colons)).body()).contains("ab".repeat(32));
  }
}
