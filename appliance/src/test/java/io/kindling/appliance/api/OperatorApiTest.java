package io.kindling.appliance.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kindling.appliance.console.ConsoleHandler;
import io.kindling.appliance.console.internal.Pages;
import io.kindling.appliance.deploy.NetVerifying;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Listeners;
import io.kindling.appliance.machines.RefusedReports;
import io.kindling.appliance.testing.Bench;
import io.kindling.appliance.testing.Gates;
import io.kindling.appliance.testing.Machines;
import io.kindling.appliance.testing.Wire;
import io.kindling.inventory.MemoryEventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.TestParsing;
import io.kindling.postinstall.MemoryTaskLog;
import io.kindling.postinstall.net.NetReport;
import io.undertow.Undertow;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class OperatorApiTest {
  private static final String CLUSTER =
      "nodes:\n- match: {mac: \"52:54:00:00:00:01\"}\n  name: one\n  roles: [base]\n";

  @TempDir Path state;
  private final HttpClient client = HttpClient.newHttpClient();
  private final MemoryTaskLog logs = new MemoryTaskLog();
  private Bench bench;
  private RefusedReports refused;
  private Undertow server;
  private int port;

  @BeforeEach
  void open() {
    bench = new Bench(state);
    var routes = new Handlers(bench.threads, Gates.OPEN);
    bench.operatorApi(state, logs).routes(routes);
    var networks =
        new NetVerifying(
            bench.nodes,
            bench.events,
            bench.clusters,
            bench.plans,
            bench.provisioning,
            plan -> new NetReport(bench.clock.instant(), 9, List.of(), List.of()),
            state,
            bench.clock);
    new NetVerifyApi(networks).routes(routes);
    refused = new RefusedReports(state.resolve("refused"), bench.clock);
    new InspectApi(bench.nodes, bench.kickstarts, refused).routes(routes);
    var console =
        new ConsoleHandler(
            new LiveConsoleModel(
                bench.nodes,
                bench.events,
                bench.views,
                bench.plans,
                bench.kickstarts,
                logs,
                Map::of,
                networks::last),
            bench.clock,
            new Pages());
    server =
        Listeners.open(
            "test",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            OperatorApi.CUT_LIMIT,
            OperatorApi.guarded(
                routes.build(Access.VIEWER, console::show), List.of("kindling.example")));
    port = Listeners.port(server);
  }

  @AfterEach
  void close() {
    server.stop();
    bench.close();
  }

  private HttpResponse<String> send(String method, String path, byte[] body, String... headers)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    return send(method, path, body.getBytes(StandardCharsets.UTF_8));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send("GET", path, "");
  }

  private static void problem(HttpResponse<String> answer, int status, String id) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    JsonNode body = Json.tree(answer.body());
    assertThat(body.propertyNames())
        .containsExactlyInAnyOrder("type", "title", "status", "detail", "id", "cure");
    assertThat(body.path("id").asString()).isEqualTo(id);
    assertThat(body.path("status").asInt()).isEqualTo(status);
    assertThat(body.path("cure").asString()).isNotEmpty();
  }

  @Test
  void nodesAreListedAndShownByNameIdAndAddress() throws Exception {
    Node node = bench.report(1);
    bench.report(2);
    assertThat(Json.tree(get("/api/v1/nodes").body())).hasSize(2);
    for (String key : new String[] {node.name(), node.id().toString(), Machines.mac(1)}) {
      JsonNode shown = Json.tree(get("/api/v1/nodes/" + key).body());
      assertThat(shown.path("id").asString()).isEqualTo(node.id().toString());
      assertThat(shown.path("state").asString()).isEqualTo("discovered");
      assertThat(shown.path("disks")).isNotEmpty();
      assertThat(shown.path("nics")).isNotEmpty();
      assertThat(shown.path("firmware").asString()).isEqualTo("bios");
    }
    assertThat(get("/api/v1/nodes/" + node.name() + "/facts").body()).isEqualTo(Machines.text(1));
  }

  private List<String> names(String query) throws Exception {
    return Json.tree(get("/api/v1/nodes" + query).body())
        .valueStream()
        .map(node -> node.path("name").asString())
        .toList();
  }

  @Test
  void nodesAreFoundByStateLabelRoleAndAnyOfTheirWords() throws Exception {
    for (int i = 1; i <= 3; i++) {
      bench.report(i);
    }
    bench.put(2, NodeState.ERROR);
    send("PATCH", "/api/v1/nodes/" + Machines.mac(3), "{\"addLabels\":[\"storage\",\"x\"]}");
    send("PUT", "/api/v1/cluster", CLUSTER);
    String two = bench.node(2).name();
    String three = bench.node(3).name();
    assertThat(names("?state=error")).containsExactly(two);
    assertThat(names("?state=error&state=assigned")).containsExactlyInAnyOrder("one", two);
    assertThat(names("?role=base")).containsExactly("one");
    assertThat(names("?label=storage&label=x")).containsExactly(three);
    assertThat(names("?label=storage&label=y")).isEmpty();
    assertThat(names("?q=" + Machines.mac(2))).containsExactly(two);
    assertThat(names("?q=QEMU%20storage")).containsExactly(three);
    assertThat(names("?q=")).hasSize(3);
  }

  @Test
  void pagesFollowEachOtherWithoutGapsWhateverTheOrder() throws Exception {
    for (int i = 1; i <= 7; i++) {
      bench.report(i);
    }
    for (String sort : new String[] {"name", "-name", "memory", "-discovered", "model", "seen"}) {
      List<String> whole = names("?sort=" + sort);
      var paged = new java.util.ArrayList<String>();
      String next = "/api/v1/nodes?limit=3&view=summary&sort=" + sort;
      int pages = 0;
      while (next != null) {
        HttpResponse<String> page = get(next);
        assertThat(page.headers().firstValue("X-Total-Count")).contains("7");
        Json.tree(page.body()).forEach(n -> paged.add(n.path("name").asString()));
        pages++;
        next =
            page.headers()
                .firstValue("Link")
                .map(link -> link.replaceAll("<(.*)>; rel=\"next\"", "$1"))
                .orElse(null);
      }
      assertThat(paged).as(sort).isEqualTo(whole).hasSize(7);
      assertThat(pages).isEqualTo(3);
    }
  }

  @Test
  void theShortViewHasTheSummaryAndNotTheParts() throws Exception {
    bench.report(TestParsing.recorded("dell-r640"));
    JsonNode node = Json.tree(get("/api/v1/nodes?view=summary").body()).path(0);
    assertThat(node.has("disks")).isFalse();
    JsonNode summary = node.path("summary");
    assertThat(summary.path("model").asString()).isEqualTo("PowerEdge R640");
    assertThat(summary.path("cpus").asInt()).isEqualTo(80);
    assertThat(summary.path("memoryMib").asInt()).isEqualTo(385_607);
    assertThat(summary.path("memoryModules").asInt()).isEqualTo(12);
    assertThat(summary.path("disks").asInt()).isEqualTo(4);
    assertThat(summary.path("nicSpeedMbps").asInt()).isEqualTo(25_000);
    assertThat(summary.path("firmwareVersion").asString()).isEqualTo("2.15.1");
    assertThat(summary.path("ailments")).hasSize(3);
    JsonNode whole = Json.tree(get("/api/v1/nodes").body()).path(0);
    assertThat(whole.path("summary")).isEqualTo(summary);
    assertThat(whole.path("disks")).hasSize(4);
  }

  @Test
  void oneNodeIsShownWithItsHardwareInDepth() throws Exception {
    Node node = bench.report(TestParsing.recorded("dell-r640"));
    JsonNode hardware = Json.tree(get("/api/v1/nodes/" + node.name()).body()).path("hardware");
    assertThat(hardware.path("memory")).hasSize(12);
    assertThat(hardware.path("bmc").path("address").asString()).isEqualTo("10.20.4.112");
    assertThat(hardware.path("nics").path(0).path("neighbour").path("port").asString())
        .isEqualTo("swp12");
    assertThat(hardware.path("disks").path(3).path("verdict").asString()).isEqualTo("FAILING");
    assertThat(get("/nodes/" + node.name()).body())
        .contains("12 modules, 384 GiB, 12 slots empty", "leaf-7a swp12", "104 % of its endurance");
  }

  @Test
  void aReportThatWasRefusedIsKeptToBeLookedAt() throws Exception {
    byte[] hostile = "{\"version\":9,\"x\":\"<script>\"}".getBytes(StandardCharsets.UTF_8);
    HttpResponse<String> answer = reportAtTheMachinesDoor(hostile);
    problem(answer, 400, "INV-006");
    JsonNode listed = Json.tree(get("/api/v1/refused-reports").body());
    assertThat(listed).hasSize(1);
    assertThat(listed.path(0).path("error").asString()).isEqualTo("INV-006");
    assertThat(listed.path(0).path("from").asString()).isEqualTo("127.0.0.1");
    HttpResponse<String> kept =
        get("/api/v1/refused-reports/" + listed.path(0).path("id").asString());
    assertThat(kept.body()).isEqualTo(new String(hostile, StandardCharsets.UTF_8));
    assertThat(kept.headers().firstValue("Content-Type")).contains("application/octet-stream");
    problem(get("/api/v1/refused-reports/1-1"), 404, "APP-017");
    problem(get("/api/v1/refused-reports/..%2Fsecrets.key"), 404, "APP-017");
  }

  private HttpResponse<String> reportAtTheMachinesDoor(byte[] document) throws Exception {
    Undertow door =
        Listeners.open(
            "machines",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            1 << 20,
            bench.machineDoor(state, node -> {}).handler());
    try {
      return client.send(
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + Listeners.port(door) + "/agent/v1/report"))
              .POST(BodyPublishers.ofByteArray(document))
              .build(),
          BodyHandlers.ofString());
    } finally {
      door.stop();
    }
  }

  @Test
  void networksAreVerifiedOnOrderAndTheLastResultIsReadAndShown() throws Exception {
    bench.report(1);
    send("PUT", "/api/v1/cluster", CLUSTER);
    JsonNode verified = Json.tree(send("POST", "/api/v1/cluster/networks", "{}").body());
    assertThat(verified.path("good").asBoolean(false)).isTrue();
    JsonNode last = Json.tree(get("/api/v1/cluster/networks").body());
    assertThat(last).isEqualTo(verified);
    assertThat(get("/networks").body()).contains("nothing wrong", "in 9 s");
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "GET    | /api/v1/nodes/nobody        | ~~                   | 404 | APP-004",
        "GET    | /api/v1/nothing             | ~~                   | 404 | ~~",
        "DELETE | /api/v1/nodes               | ~~                   | 405 | APP-018",
        "GET    | /api/v1/cluster             | ~~                   | 404 | APP-006",
        "GET    | /api/v1/cluster/networks    | ~~                   | 404 | APP-017",
        "POST   | /api/v1/cluster/networks    | {}                   | 404 | APP-006",
        "POST   | /api/v1/deploy              | {}                   | 404 | APP-006",
        "POST   | /api/v1/deploy              | []                   | 400 | APP-015",
        "POST   | /api/v1/deploy              | {                    | 400 | APP-015",
        "POST   | /api/v1/deploy              | {\"node\": [\"a\"]}  | 400 | APP-015",
        "POST   | /api/v1/deploy              | {\"nodes\": \"a\"}   | 400 | APP-015",
        "POST   | /api/v1/deploy              | {\"resume\": \"yes\"} | 400 | APP-015",
        "PUT    | /api/v1/cluster             | nodez: []            | 400 | APP-003",
        "GET    | /api/v1/events?after=x      | ~~                   | 400 | APP-015",
        "GET    | /api/v1/nodes?stat=error    | ~~                   | 400 | APP-015",
        "GET    | /api/v1/nodes?state=eror    | ~~                   | 400 | APP-015",
        "GET    | /api/v1/nodes?role=storage  | ~~                   | 400 | APP-015",
        "GET    | /api/v1/nodes?sort=colour   | ~~                   | 400 | APP-015",
        "GET    | /api/v1/nodes?limit=-1      | ~~                   | 400 | APP-015",
        "GET    | /api/v1/nodes?after=MQ      | ~~                   | 400 | APP-015",
        "GET    | /api/v1/nodes?view=half     | ~~                   | 400 | APP-015",
      })
  void aMistakeIsAProblemWithIdAndCure(
      String method, String path, String body, int status, String id) throws Exception {
    HttpResponse<String> answer = send(method, path, body);
    if (id.isEmpty()) {
      assertThat(answer.statusCode()).isEqualTo(status); // the console's page for it
    } else {
      problem(answer, status, id);
    }
  }

  @Test
  void namesAndLabelsAreChangedAndChecked() throws Exception {
    Node node = bench.report(1);
    bench.report(2);
    String path = "/api/v1/nodes/" + node.id();
    assertThat(
            send("PATCH", path, "{\"name\":\"db1\",\"labels\":[\"storage\",\"a.b\"]}").statusCode())
        .isEqualTo(200);
    assertThat(bench.node(1).name()).isEqualTo("db1");
    send("PATCH", path, "{\"addLabels\":[\"x\"],\"removeLabels\":[\"a.b\"]}");
    assertThat(bench.node(1).labels()).containsExactlyInAnyOrder("storage", "x");
    problem(send("PATCH", path, "{\"labels\":\"storage\"}"), 400, "APP-015");
    problem(send("PATCH", path, "{\"labels\":[\"<b>\"]}"), 400, "APP-015");
    problem(send("PATCH", path, "{\"name\":\"$(reboot)\"}"), 409, "APP-005");
    problem(send("PATCH", path, "{\"name\":\"" + bench.node(2).name() + "\"}"), 409, "APP-005");
    bench.put(1, NodeState.PROVISIONED);
    problem(send("PATCH", path, "{\"name\":\"db2\"}"), 409, "APP-008");
    assertThat(bench.node(1).labels()).containsExactlyInAnyOrder("storage", "x");
  }

  @Test
  void aClusterAppliedTwiceIsUnchangedTheSecondTime() throws Exception {
    bench.report(1);
    JsonNode first = Json.tree(send("PUT", "/api/v1/cluster", CLUSTER).body());
    assertThat(first.path("nodes").path(0).path("outcome").asString()).isEqualTo("assigned");
    Node before = bench.node(1);
    long events = bench.events.last(1).getFirst().sequence();
    JsonNode second = Json.tree(send("PUT", "/api/v1/cluster", CLUSTER).body());
    assertThat(second.path("nodes").path(0).path("outcome").asString()).isEqualTo("unchanged");
    assertThat(bench.node(1)).isEqualTo(before);
    assertThat(bench.events.last(1).getFirst().sequence()).isEqualTo(events);
    assertThat(get("/api/v1/cluster").body()).isEqualTo(CLUSTER);
    assertThat(get("/api/v1/cluster/plan?format=table").body()).contains("one: unchanged");
    assertThat(get("/api/v1/nodes/one/script").body()).startsWith("#!/bin/sh");
  }

  @Test
  void aClusterFileThatIsWrongIsNamedByTheOperatorsFileAndNotKept() throws Exception {
    HttpResponse<String> answer =
        send("PUT", "/api/v1/cluster?file=rack.yaml", CLUSTER + "colour: red\n");
    problem(answer, 400, "APP-003");
    assertThat(Json.tree(answer.body()).path("detail").asString()).startsWith("rack.yaml:5: ");
    assertThat(bench.clusters.applied()).isEmpty();
    problem(send("PUT", "/api/v1/cluster", new byte[] {(byte) 0xff}), 400, "APP-015");
    problem(send("PUT", "/api/v1/cluster", new byte[Requests.BODY_LIMIT + 1]), 413, "APP-013");
  }

  @Test
  void deployingStartsWhatCanBeStarted() throws Exception {
    bench.report(1);
    send("PUT", "/api/v1/cluster", CLUSTER);
    HttpResponse<String> answer = send("POST", "/api/v1/deploy", "");
    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(answer.body()).contains("\"started\"");
    await().until(() -> bench.node(1).state() == NodeState.PROVISIONED);
  }

  @Test
  void aMachineThatLostADiskHidesNobody() throws Exception {
    bench.report(1);
    bench.report(2);
    send("PUT", "/api/v1/cluster", CLUSTER);
    String less =
        Machines.text(1)
            .replace("\"vda\"", "\"loop7\"")
            .replace("\"sdb\"", "\"loop8\"")
            .replace("\"sdc\"", "\"loop9\"")
            .replace("\"nvme0n1\"", "\"loop6\"")
            .replace("\"sda\"", "\"loop5\"");
    bench.report(less.getBytes(StandardCharsets.UTF_8));
    assertThat(get("/api/v1/nodes").statusCode()).isEqualTo(200);
    assertThat(get("/api/v1/nodes/one").statusCode()).isEqualTo(200);
    assertThat(get("/").statusCode()).isEqualTo(200);
    assertThat(get("/nodes/one").body()).contains("APP-007");
    problem(get("/api/v1/nodes/one/script"), 409, "APP-007");
  }

  @Test
  void whoBuildsOnAnOldStateOfANodeUndoesNobodysChange() throws Exception {
    Node node = bench.report(1);
    String path = "/api/v1/nodes/" + node.name();
    String seen = get(path).headers().firstValue("ETag").orElseThrow();
    byte[] first = "{\"addLabels\":[\"a\"]}".getBytes(StandardCharsets.UTF_8);
    byte[] second = "{\"labels\":[\"b\"],\"name\":\"two\"}".getBytes(StandardCharsets.UTF_8);
    HttpResponse<String> done = send("PATCH", path, first, "If-Match", seen);
    assertThat(done.statusCode()).isEqualTo(200);
    problem(send("PATCH", path, second, "If-Match", seen), 412, "APP-020");
    assertThat(bench.node(1).labels()).containsExactly("a");
    assertThat(bench.node(1).name()).isEqualTo(node.name());
    String fresh = done.headers().firstValue("ETag").orElseThrow();
    assertThat(send("PATCH", path, second, "If-Match", "\"x\", " + fresh).statusCode())
        .isEqualTo(200);
    assertThat(bench.node(1).labels()).containsExactly("b");
    assertThat(bench.node(1).name()).isEqualTo("two");
    assertThat(send("PATCH", "/api/v1/nodes/two", first, "If-Match", "*").statusCode())
        .isEqualTo(200);
  }

  @Test
  void whoBuildsOnAnOldClusterFileUndoesNobodysChange() throws Exception {
    byte[] one = CLUSTER.getBytes(StandardCharsets.UTF_8);
    byte[] two = CLUSTER.replace("base", "ceph-mon").getBytes(StandardCharsets.UTF_8);
    problem(send("PUT", "/api/v1/cluster", one, "If-Match", "*"), 412, "APP-020");
    assertThat(bench.clusters.applied()).isEmpty();
    send("PUT", "/api/v1/cluster", one);
    String seen = get("/api/v1/cluster").headers().firstValue("ETag").orElseThrow();
    assertThat(send("PUT", "/api/v1/cluster", two, "If-Match", seen).statusCode()).isEqualTo(200);
    problem(send("PUT", "/api/v1/cluster", one, "If-Match", seen), 412, "APP-020");
    assertThat(get("/api/v1/cluster").body()).contains("ceph-mon");
  }

  @Test
  void anOrderThatIsRepeatedWithItsKeyIsCarriedOutOnce() throws Exception {
    bench.report(1);
    send("PUT", "/api/v1/cluster", CLUSTER);
    byte[] order = "{\"reinstall\":[\"one\"]}".getBytes(StandardCharsets.UTF_8);
    byte[] other = "{\"resume\":true}".getBytes(StandardCharsets.UTF_8);
    String path = "/api/v1/deploy";
    CountDownLatch gate = bench.installer.hold();
    HttpResponse<String> first = send("POST", path, order, "Idempotency-Key", "k1");
    assertThat(first.body()).contains("\"started\"", "attempt 2");
    HttpResponse<String> again = send("POST", path, order, "Idempotency-Key", "k1");
    assertThat(again.statusCode()).isEqualTo(202);
    assertThat(again.body()).isEqualTo(first.body());
    problem(send("POST", path, other, "Idempotency-Key", "k1"), 422, "APP-022");
    problem(send("POST", path, order, "Idempotency-Key", "k".repeat(201)), 400, "APP-015");
    // With another key it is another order: the node is being worked on.
    assertThat(send("POST", path, order, "Idempotency-Key", "k2").body()).contains("APP-025");
    bench.clock.advance(Duration.ofDays(1));
    assertThat(send("POST", path, order, "Idempotency-Key", "k1").body()).contains("APP-025");
    gate.countDown();
  }

  @Test
  void anOrderThatWasRefusedMayBeGivenAgainWithItsKey() throws Exception {
    byte[] order = "{\"nodes\":[\"one\"]}".getBytes(StandardCharsets.UTF_8);
    problem(send("POST", "/api/v1/deploy", order, "Idempotency-Key", "k"), 404, "APP-006");
    bench.report(1);
    send("PUT", "/api/v1/cluster", CLUSTER);
    assertThat(send("POST", "/api/v1/deploy", order, "Idempotency-Key", "k").body())
        .contains("\"started\"");
  }

  @ParameterizedTest(name = "Origin {0}")
  @ValueSource(strings = {"http://evil.example", "null", "http://127.0.0.1", "https://127.0.0.1:1"})
  void aChangeFromAPageOfAnotherOriginIsRefused(String origin) throws Exception {
    problem(send("POST", "/api/v1/deploy", new byte[0], "Origin", origin), 403, "APP-016");
    problem(
        send("PUT", "/api/v1/cluster", CLUSTER.getBytes(StandardCharsets.UTF_8), "Origin", origin),
        403,
        "APP-016");
    assertThat(bench.clusters.applied()).isEmpty();
  }

  @Test
  void theConsolesOwnPageMayChangeAndAForeignFetchMayNot() throws Exception {
    String own = "http://127.0.0.1:" + port;
    assertThat(
            send(
                    "PUT",
                    "/api/v1/cluster",
                    CLUSTER.getBytes(StandardCharsets.UTF_8),
                    "Origin",
                    own,
                    "Sec-Fetch-Site",
                    "same-origin")
                .statusCode())
        .isEqualTo(200);
    problem(
        send("POST", "/api/v1/deploy", new byte[0], "Sec-Fetch-Site", "cross-site"),
        403,
        "APP-016");
  }

  @Test
  void aHostNameThatADnsServerCouldHavePointedHereIsRefused() throws Exception {
    try (Wire wire = new Wire(port)) {
      wire.bytes(
          "GET /api/v1/nodes HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
      assertThat(wire.all()).startsWith("HTTP/1.1 403").contains("APP-016");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<script>alert(1)</script>",
        "\\\" onload=\\\"x\\\" '",
        "$(reboot) `reboot`",
        "{{ 7*191 }} {% raise %} {# x #}",
        "a\\u0000b\\u001b[31mc\\u0007\\r\\nd",
        "\\u202egnp.exe\\u2066"
      })
  void hostileValuesAreTextInTheApiAndHarmlessInTheConsole(String hostile) throws Exception {
    String value = Json.tree("\"" + hostile + "\"").asString();
    bench.report(
        Machines.text(1).replace("QEMU HARDDISK", hostile).getBytes(StandardCharsets.UTF_8));
    Node node = bench.node(1);
    bench.nodes.change(node.id(), n -> n.withState(NodeState.ERROR, "image", "INS-001 " + value));
    bench.events.append(node.id(), "install-failed", "INS-001", value);
    HttpResponse<String> shown = get("/api/v1/nodes/" + node.id());
    assertThat(Json.tree(shown.body()).path("reason").asString()).isEqualTo("INS-001 " + value);
    assertThat(shown.body().chars().filter(c -> c < ' ').count()).isZero();
    JsonNode events = Json.tree(get("/api/v1/events").body());
    assertThat(events.path(events.size() - 1).path("text").asString()).isEqualTo(value);
    for (String path : new String[] {"/", "/nodes/" + node.id(), "/fragments/events"}) {
      HttpResponse<String> page = get(path);
      assertThat(page.statusCode()).as(path).isEqualTo(200);
      assertThat(page.body())
          .doesNotContain("<script>alert", "onload=\"x", "1337", "\u0000", "\u001b", "\u202e");
      assertThat(page.headers().firstValue("Content-Security-Policy")).isPresent();
    }
  }

  @Test
  void eventsStreamFromTheLastSeenAndGoOnAsTheyHappen() throws Exception {
    for (int i = 1; i <= 5; i++) {
      bench.events.append(null, "test", null, "number " + i);
    }
    try (Wire wire = new Wire(port)) {
      wire.head(
          "GET /api/v1/events?after=1 HTTP/1.1", "Accept: text/event-stream", "Last-Event-ID: 3");
      String first = wire.until("number 5");
      assertThat(first)
          .contains("text/event-stream", "id: 4", "number 4")
          .doesNotContain("number 3", "number 2");
      bench.events.append(null, "test", null, "line one\nline two");
      assertThat(wire.until("line two")).contains("id: 6").contains("line one\\nline two");
    }
  }

  @Test
  void eventsAreAlsoAListAfterANumber() throws Exception {
    MemoryEventStore events = bench.events;
    for (int i = 1; i <= 5; i++) {
      events.append(null, "test", null, "number " + i);
    }
    JsonNode list = Json.tree(get("/api/v1/events?after=2&limit=2").body());
    assertThat(list).hasSize(2);
    assertThat(list.path(0).path("sequence").asInt()).isEqualTo(3);
  }
}
