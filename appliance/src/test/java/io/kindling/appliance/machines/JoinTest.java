package io.kindling.appliance.machines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.kindling.appliance.deploy.Assigner;
import io.kindling.appliance.deploy.Deployer;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Listeners;
import io.kindling.appliance.testing.Bench;
import io.kindling.appliance.testing.Machines;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Machines with their own operating system, from the invitation to their roles.
@Timeout(60)
class JoinTest {
  private static final String ONE = "11111111111111111111111111111111";
  private static final String TWO = "22222222222222222222222222222222";
  private static final String HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBsYWNlaG9sZGVy";
  private static final String CLUSTER =
      """
      networks:
        management: {cidr: 10.20.0.0/24, nodes: 10.20.0.10-10.20.0.99}
        storage: {cidr: 10.21.0.0/24, vlan: 101, nodes: 10.21.0.10-10.21.0.99}
        public: {cidr: 192.0.2.0/24}
      nodes:
      - match: {name: host-1}
        roles: [ceph-mon, ceph-osd]
      """;

  private static final String BOTH =
      CLUSTER + "- match: {mac: \"52:54:00:00:00:02\"}\n  roles: [base]\n";

  @TempDir Path state;
  private final HttpClient client = HttpClient.newHttpClient();
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
            bench
                .machineDoor(
                    state,
                    node ->
                        bench
                            .clusters
                            .applied()
                            .ifPresent(a -> bench.assigner.apply(a.cluster(), node.id())))
                .handler());
    port = Listeners.port(server);
  }

  @AfterEach
  void close() {
    server.stop();
    bench.close();
  }

  private static byte[] document(String machine, String host, String... addresses) {
    return Machines.joining(machine, host, HOST_KEY, addresses);
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

  private HttpResponse<String> join(String token, byte[] document) throws Exception {
    return send("POST", "/agent/v1/join", document, token);
  }

  private static String field(HttpResponse<String> answer, String name) {
    return Json.tree(answer.body()).path(name).asString("");
  }

  private static void refused(HttpResponse<String> answer, int status, String id) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(field(answer, "id")).isEqualTo(id);
  }

  private Node node(String name) {
    return bench.nodes.findByName(name).orElseThrow();
  }

  @Test
  void aTokenAdmitsTheFirstMachineAndNoOther() throws Exception {
    String token = bench.joins.invite();
    HttpResponse<String> first = join(token, document(ONE, "host-1"));
    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(field(first, "name")).isEqualTo("host-1");
    refused(join(token, document(TWO, "host-2")), 403, "INV-017");
    assertThat(join(token, document(ONE, "host-1")).statusCode())
        .as("its answer may have been lost")
        .isEqualTo(200);
    assertThat(bench.nodes.all()).hasSize(1);
  }

  @Test
  void aWrongAnExpiredAndNoTokenAdmitNobody() throws Exception {
    String token = bench.joins.invite();
    refused(join("AAAA", document(ONE, "host-1")), 403, "INV-017");
    refused(send("POST", "/agent/v1/join", document(ONE, "host-1"), null), 403, "INV-017");
    bench.clock.advance(JoinBook.VALID.plus(Duration.ofSeconds(1)));
    refused(join(token, document(ONE, "host-1")), 403, "INV-017");
    assertThat(bench.nodes.all()).isEmpty();
  }

  @Test
  void aBlankMachinesReportDoesNotJoin() throws Exception {
    String text =
        new String(document(ONE, "host-1"), StandardCharsets.UTF_8)
            .replaceFirst(",\"existing\":\\{[^}]*}", "")
            .replace("\"addr_info\"", "\"parentbus\":\"pci\",\"addr_info\"");
    refused(join(bench.joins.invite(), text.getBytes(StandardCharsets.UTF_8)), 400, "APP-015");
  }

  @Test
  void itsOwnTokenOutlivesARestartAndJoiningAgainReplacesIt() throws Exception {
    String invitation = bench.joins.invite();
    String own = field(join(invitation, document(ONE, "host-1")), "token");
    assertThat(send("POST", "/agent/v1/alive", "{}".getBytes(StandardCharsets.UTF_8), own))
        .returns(200, HttpResponse::statusCode);
    assertThat(send("POST", "/agent/v1/report", document(ONE, "host-1"), own))
        .returns(200, HttpResponse::statusCode);
    var restarted = new JoinBook(bench.settings, bench.clock, new SecureRandom());
    assertThat(restarted.memberOf(own)).contains(node("host-1").id());
    String newer = field(join(invitation, document(ONE, "host-1")), "token");
    assertThat(bench.joins.memberOf(own)).isEmpty();
    assertThat(bench.joins.memberOf(newer)).contains(node("host-1").id());
    refused(send("POST", "/agent/v1/report", document(ONE, "host-1"), own), 403, "INV-017");
  }

  @Test
  void noTokenIsKeptInClearText() throws Exception {
    String invitation = bench.joins.invite();
    String own = field(join(invitation, document(ONE, "host-1")), "token");
    for (String key : List.of("join-tokens", "member-tokens")) {
      assertThat(bench.settings.get(key).orElseThrow()).doesNotContain(invitation, own);
    }
  }

  @Test
  void itGetsItsRolesWithTheAddressesAndTheHostKeyThatItHas() throws Exception {
    bench.keep(CLUSTER);
    join(bench.joins.invite(), document(ONE, "host-1", "10.20.0.11", "10.21.0.11"));
    Node node = node("host-1");
    assertThat(node.state()).isEqualTo(NodeState.PROVISIONED);
    Assignment assignment = Objects.requireNonNull(node.assignment());
    assertThat(assignment.roles()).isEqualTo(Set.of(Role.CEPH_MON, Role.CEPH_OSD));
    assertThat(assignment.addresses())
        .isEqualTo(Map.of("management", "10.20.0.11/24", "storage", "10.21.0.11/24"));
    assertThat(assignment.hostKey()).isEqualTo(HOST_KEY);
    assertThat(assignment.onDisk()).isTrue();
    assertThat(assignment.ksSpaces()).isEqualTo("[]");
    assertThat(bench.assigner.apply(bench.clusters.require(), false))
        .extracting(Assigner.Line::node, Assigner.Line::outcome)
        .containsExactly(tuple("host-1", "unchanged"));
  }

  @Test
  void aRuleThatWouldChangeTheMachineIsRefusedWithTheReason() throws Exception {
    join(bench.joins.invite(), document(ONE, "host-1", "10.20.0.11"));
    var wanted =
        Map.of(
            CLUSTER,
            "no address in storage",
            CLUSTER + "  name: other\n",
            "calls it other",
            CLUSTER + "  disks: [{media: nvme, count: 1, use: {cephjournal: all}}]\n",
            "disks");
    wanted.forEach((yaml, why) -> {
      Assigner.Line line = bench.assigner.apply(bench.keep(yaml), false).getFirst();
      assertThat(line.outcome()).isEqualTo("impossible");
      assertThat(line.detail()).contains("APP-026").contains(why);
      assertThat(node("host-1").reason()).contains("APP-026");
      assertThat(node("host-1").assignment()).isNull();
    });
  }

  @Test
  void aBlankMachineGetsNoAddressThatAJoinedOneBrought() throws Exception {
    join(bench.joins.invite(), document(ONE, "host-1", "10.20.0.10", "10.21.0.10"));
    bench.report(2);
    bench.assigner.apply(bench.keep(BOTH), false);
    assertThat(Objects.requireNonNull(bench.node(2).assignment()).addresses())
        .isEqualTo(Map.of("management", "10.20.0.11/24", "storage", "10.21.0.11/24"));
  }

  @Test
  void aJoinedMachineWithAnotherNodesAddressIsRefusedWithTheNodesName() throws Exception {
    bench.report(2);
    bench.assigner.apply(bench.keep(BOTH), false);
    join(bench.joins.invite(), document(ONE, "host-1", "10.20.0.10", "10.21.0.99"));
    assertThat(node("host-1").assignment()).isNull();
    assertThat(node("host-1").reason())
        .contains("APP-026", "its address 10.20.0.10/24 is " + bench.node(2).name() + "'s");
  }

  @Test
  void itIsNeverReinstalled() throws Exception {
    bench.keep(CLUSTER);
    join(bench.joins.invite(), document(ONE, "host-1", "10.20.0.11", "10.21.0.11"));
    Node before = node("host-1");
    List<Deployer.Line> lines =
        bench.deployer.deploy(new Deployer.Request(false, Set.of("host-1"), Set.of("host-1")));
    assertThat(lines)
        .anySatisfy(line -> {
          assertThat(line.outcome()).isEqualTo("refused");
          assertThat(line.detail()).contains("APP-026").contains("never wiped");
        });
    assertThat(node("host-1")).isEqualTo(before);
  }

  @Test
  void theAgentIsServedAsTheInvitationDescribesIt() throws Exception {
    var invitation =
        new Invitations(bench.joins, URI.create("http://10.20.0.1"), Bench.PUBLIC_KEY).invite();
    HttpResponse<String> agent = send("GET", AgentScript.PATH, new byte[0], null);
    assertThat(agent.statusCode()).isEqualTo(200);
    assertThat(agent.body()).startsWith("#!/bin/sh");
    assertThat(invitation.commands().get(0)).endsWith("http://10.20.0.1" + AgentScript.PATH);
    assertThat(invitation.commands().get(1)).contains(new AgentScript().sha256());
    assertThat(invitation.commands().get(2))
        .contains(invitation.token())
        .endsWith("--join http://10.20.0.1 '" + Bench.PUBLIC_KEY + "'");
  }
}
