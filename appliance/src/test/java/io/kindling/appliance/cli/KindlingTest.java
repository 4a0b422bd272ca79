package io.kindling.appliance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

final class KindlingTest {

  private static final String NODE =
      """
      {"id":"0f7f3a52-7d1c-4b0e-9a41-000000000001","name":"node-1","state":"%s","reason":%s,"roles":["ceph-osd"],
       "labels":["a"],"bootMac":"52:54:00:00:00:01","addresses":{"management":"10.20.0.11/24"},
       "disks":[{"name":"sda","id":"wwn-0x5","sizeBytes":17179869184,"media":"HDD","model":"\\u001b[31mred",
         "contents":[],"planned":[{"label":"kindling-os-1","sizeMib":1024}]}],
       "nics":[],"cpu":{"model":"x","sockets":1,"threads":2},"memoryBytes":2147483648,"lastSeen":"2026-11-23T20:59:48Z"}
      """;

  @TempDir Path state;

  @Test
  void everyVerbHasHelp() {
    var commands = new ArrayList<List<String>>();
    collect(
        Kindling.commandLine(
            new Context(
                CommandLineRun.environment(
                    state, new byte[0], new java.io.StringWriter(), new java.io.StringWriter())),
            List.of()),
        List.of(),
        commands);
    assertThat(commands).hasSizeGreaterThan(18);
    for (List<String> command : commands) {
      var arguments = new ArrayList<>(command);
      arguments.add("--help");
      var run = CommandLineRun.of(state, arguments.toArray(String[]::new));
      assertThat(run.status()).as(String.join(" ", arguments)).isZero();
      assertThat(run.out()).contains("Usage: kindling").contains("--state", "--debug");
    }
  }

  private static void collect(CommandLine line, List<String> path, List<List<String>> into) {
    into.add(path);
    line.getSubcommands()
        .forEach((name, sub) -> {
          var longer = new ArrayList<>(path);
          longer.add(name);
          collect(sub, longer, into);
        });
  }

  @Test
  void aCheckWithAFindingFailsAndSaysWhatToDo() throws Exception {
    String row =
        """
        {"check":"osds","subject":"osd.%d","expected":"up","actual":"%s","finding":%s}\
        """;
    String finding =
        """
        {"error":"CHK-006","summary":"A planned OSD is down.","seen":"osd.1: down.","cure":"Start it."}\
        """;
    try (var appliance = new FakeAppliance(state)) {
      appliance.json(
          "POST /api/v1/check",
          "{\"good\":false,\"rows\":[%s,%s]}"
              .formatted(row.formatted(0, "up", "null"), row.formatted(1, "down", finding)));
      var run = CommandLineRun.of(state, "check");
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.out())
          .containsSubsequence("osds", "1 of 2", "CHK-006", "osd.1: down.", "Start it.");
      assertThat(CommandLineRun.of(state, "check", "--all").out())
          .containsSubsequence("osds", "osd.0", "up", "up", "-", "osds", "osd.1", "up", "down");
      var json = CommandLineRun.of(state, "check", "--json");
      assertThat(json.status()).isEqualTo(1);
      assertThat(Operators.parse(json.out()).path("rows").size()).isEqualTo(2);
    }
  }

  @Test
  void aCheckWithoutFindingsSucceeds() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.json("POST /api/v1/check", "{\"good\":true,\"rows\":[]}");
      assertThat(CommandLineRun.of(state, "check").status()).isZero();
    }
  }

  @Test
  void verifiedNetworksAreAMatrixAndFindingsWithTheBadPort() throws Exception {
    String port =
        """
        {"node":"node-%d","nic":"eth1","mac":"52:54:00:00:00:0%d","at":"leaf-1 swp%d",\
        "address":"10.21.0.1%d"}\
        """;
    String seen =
        """
        {"good":false,"at":"2026-11-23T20:59:00Z","ageSeconds":60,"seconds":9,"networks":[\
        {"network":"storage","vlan":101,"mtu":9000,"ports":[%s,%s],"rows":[".s","x."]}],\
        "faults":[{"network":"storage","ports":["p"],"finding":{"error":"NET-007",\
        "summary":"Large frames do not pass.","seen":"node-2 eth1, at leaf-1 swp2",\
        "cure":"Set the MTU."}}]}\
        """
            .formatted(port.formatted(1, 1, 1, 1), port.formatted(2, 2, 2, 2));
    try (var appliance = new FakeAppliance(state)) {
      appliance.json("POST /api/v1/cluster/networks", seen);
      appliance.json(
          "GET /api/v1/cluster/networks", seen.replace("\"good\":false", "\"good\":true"));
      var run = CommandLineRun.of(state, "cluster", "verify");
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.out())
          .containsSubsequence(
              "storage, VLAN 101, MTU 9000",
              "1     node-1  eth1  10.21.0.11  leaf-1 swp1  .  s",
              "2     node-2  eth1  10.21.0.12  leaf-1 swp2  x  .",
              "60 s ago, in 9 s: 1 findings",
              "NET-007 [storage] Large frames",
              "node-2 eth1, at leaf-1 swp2",
              "Set the MTU.");
      assertThat(CommandLineRun.of(state, "cluster", "verify", "--last").status()).isZero();
      var json = CommandLineRun.of(state, "cluster", "verify", "--json");
      assertThat(Operators.parse(json.out()).path("faults").size()).isEqualTo(1);
    }
  }

  @Test
  void anUnknownVerbIsNotUnderstoodAndASimilarOneIsNamed() {
    var run = CommandLineRun.of(state, "nod");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .contains("APP-301", "node", "See: kindling --help")
        .doesNotContain("\tat ");
  }

  @Test
  void anUnknownOptionIsNotUnderstoodAndASimilarOneIsNamed() {
    var run = CommandLineRun.of(state, "deploy", "--resum");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("APP-301", "--resume", "See: kindling deploy --help");
  }

  @Test
  void noVerbAtAllOrAHalfOneIsNotUnderstood() {
    for (String[] arguments : new String[][] {{}, {"node"}, {"cluster"}, {"image"}}) {
      assertThat(CommandLineRun.of(state, arguments).status()).isEqualTo(2);
    }
    assertThat(CommandLineRun.of(state, "node").err()).contains("list", "show", "facts");
  }

  @Test
  void withoutAnApplianceOneLineNamesTheErrorAndOneTheCure() {
    var run = CommandLineRun.of(state, "node", "list");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(2);
    assertThat(run.err()).startsWith("kindling: APP-302: ").contains("kindling serve");
  }

  @Test
  void debugAddsTheStackTrace() {
    assertThat(CommandLineRun.of(state, "status", "--debug").err()).contains("\tat io.kindling");
  }

  @Test
  void aProblemOfTheApplianceKeepsItsIdAndCure() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.answer(
          "GET /api/v1/nodes/x",
          404,
          "application/problem+json",
          "{\"title\":\"No such"
              + " node\",\"detail\":\"x\\u001b[2J\",\"error\":\"APP-004\",\"cure\":\"List"
              + " them.\"}");
      var run = CommandLineRun.of(state, "node", "show", "x");
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.err())
          .isEqualToNormalizingNewlines(
              "kindling: APP-004: No such node: x\\x1b[2J\n          List them.\n");
    }
  }

  @Test
  void nodesAreFoundAndSortedAndAnEmptyFindIsNamed() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      String path = "GET /api/v1/nodes?state=error&label=a%26b&q=swp%207&sort=-memory";
      appliance.json(path, "[" + node("error", "null") + "]");
      appliance.json("GET /api/v1/nodes?q=x", "[]");
      String[] find = {
        "node", "list", "--in-state=error", "--label=a&b", "--find=swp 7", "--sort=-memory"
      };
      assertThat(CommandLineRun.of(state, find).out()).contains("node-1  error");
      assertThat(CommandLineRun.of(state, "node", "list", "--find", "x").err())
          .contains("No node is like that.");
    }
  }

  @Test
  void hardwareInDepthIsShownAndRefusedReportsAreListed() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      String shown = node("ready", "null").strip();
      appliance.json(
          "GET /api/v1/nodes/node-1",
          shown.substring(0, shown.length() - 1)
              + """
              ,"summary":{"hints":["1 DIMM less"],"ailments":[{"failing":true,"text":"sdb: ill"}]},
              "hardware":{"emptyMemorySlots":1,
               "memory":[{"slot":"A1\\u001b","sizeBytes":34359738368,"type":"DDR4"}]}}\
              """);
      assertThat(CommandLineRun.of(state, "node", "show", "node-1").out())
          .contains("odd", "1 DIMM less", "failing", "sdb: ill")
          .contains("Memory: 1 module, 32 GiB, 1 slots empty")
          .contains("SLOT", "A1\\x1b  32 GiB  DDR4");
      appliance.json(
          "GET /api/v1/refused-reports",
          """
          [{"id":"17-0","at":"2026-11-23T21:00:00Z","from":"10.20.0.9","error":"INV-004",\
          "reason":"at offset 7","bytes":2048,"kept":2048}]\
          """);
      appliance.answer(
          "GET /api/v1/refused-reports/17-0", 200, "application/octet-stream", "{\u001b[2J");
      assertThat(CommandLineRun.of(state, "node", "refused").out())
          .contains("17-0  ", "10.20.0.9  INV-004  2 KiB  at offset 7");
      assertThat(CommandLineRun.of(state, "node", "refused", "17-0").out()).contains("{\\x1b[2J");
    }
  }

  @Test
  void nodesAreListedInAlignedColumns() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.json("GET /api/v1/nodes", "[" + node("ready", "null") + "]");
      var run = CommandLineRun.of(state, "node", "list");
      assertThat(run.out())
          .isEqualToNormalizingNewlines(
              """
              NAME    STATE  ROLES     ADDRESS        BOOT MAC           DISKS      SEEN
              node-1  ready  ceph-osd  10.20.0.11/24  52:54:00:00:00:01  1, 16 GiB  12 s ago
              """);
      assertThat(CommandLineRun.of(state, "node", "list", "--json").out())
          .contains("\"name\"", "\\u001B[31mred");
    }
  }

  @Test
  void whatAMachineSentCannotSteerTheTerminal() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.json("GET /api/v1/nodes/node-1", node("ready", "null"));
      appliance.answer("GET /api/v1/logs/node-1", 200, "text/plain", "ok\u001b]0;x\u0007\n");
      appliance.json("GET /api/v1/nodes/node-1/facts", "{\"raw\":\"\u009b2J\"}");
      assertThat(CommandLineRun.of(state, "node", "show", "node-1").out())
          .contains("\\x1b[31mred", "kindling-os-1 1 GiB")
          .doesNotContain("\u001b");
      assertThat(CommandLineRun.of(state, "logs", "node-1").out()).contains("ok\\x1b]0;x\\x07\n");
      assertThat(CommandLineRun.of(state, "node", "facts", "node-1").out())
          .isEqualTo("{\"raw\":\"\\u009b2J\"}\n");
    }
  }

  @Test
  void aNameWithSpecialCharactersIsEncodedInThePath() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      CommandLineRun.of(state, "node", "show", "a b/../c?d");
      assertThat(appliance.requests().getFirst())
          .startsWith("GET /api/v1/nodes/a%20b%2F..%2Fc%3Fd HTTP/1.0");
    }
  }

  @Test
  void labelsAreAddedAndTakenAway() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.json("GET /api/v1/nodes/node-1", node("ready", "null"));
      appliance.json("PATCH /api/v1/nodes/node-1", node("ready", "null"));
      var run = CommandLineRun.of(state, "node", "label", "node-1", "storage", "a-");
      assertThat(run.out()).isEqualToNormalizingNewlines("node-1: storage\n");
      assertThat(appliance.requests().getLast()).endsWith("{\"labels\":[\"storage\"]}");
    }
  }

  @Test
  void applyingAClusterWithProblemsFails() throws Exception {
    Path file = Files.writeString(state.resolve("cluster.yaml"), "name: rack1\n");
    try (var appliance = new FakeAppliance(state)) {
      appliance.json(
          "PUT /api/v1/cluster",
          "{\"nodes\":[{\"node\":\"node-1\",\"outcome\":\"assigned\",\"detail\":\"base\"},{\"node\":\"node-2\",\"outcome\":\"impossible\",\"detail\":\"KSG-003"
              + " no disk\"}]}");
      var run = CommandLineRun.of(state, "cluster", "apply", "-f", file.toString());
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.out())
          .contains("assigned     node-1: base", "impossible   node-2: KSG-003 no disk");
      assertThat(appliance.requests().getFirst())
          .contains("Content-Type: application/yaml")
          .endsWith("name: rack1\n");
    }
  }

  @Test
  void aMissingFileIsNamed() {
    var run = CommandLineRun.of(state, "cluster", "apply", "-f", "/nowhere/c.yaml");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("APP-306", "/nowhere/c.yaml does not exist");
  }

  @Test
  void deployWaitsForTheOutcomeAndPrintsEvents() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      deployment(appliance);
      appliance.json("GET /api/v1/nodes", "[" + node("provisioning", "null") + "]");
      appliance.json("GET /api/v1/nodes", "[" + node("provisioned", "null") + "]");
      var run = CommandLineRun.of(state, "deploy", "--wait");
      assertThat(run.status()).isZero();
      assertThat(run.out()).contains("started    node-1: now", "partition done", "provisioned");
    }
  }

  @Test
  void deployFailsWhereANodeFailed() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      deployment(appliance);
      appliance.json("GET /api/v1/nodes", "[" + node("error", "\"INS-004: swapped disk\"") + "]");
      var run = CommandLineRun.of(state, "deploy", "--wait", "--reinstall", "node-1");
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.out()).contains("INS-004: swapped disk");
      assertThat(run.err()).contains("APP-307", "node-1", "deploy --resume");
      assertThat(appliance.requests().get(2)).endsWith("{\"reinstall\":[\"node-1\"]}");
    }
  }

  private static void deployment(FakeAppliance appliance) {
    appliance
        .json("GET /api/v1/events?after=0&limit=1000", "[{\"sequence\":7,\"text\":\"old\"}]")
        .json("GET /api/v1/events?after=7&limit=1000", "[]")
        .json(
            "POST /api/v1/deploy",
            "{\"nodes\":[{\"node\":\"node-1\",\"outcome\":\"started\",\"detail\":\"now\"}]}")
        .json(
            "GET /api/v1/events?after=7&limit=1000",
            "[{\"sequence\":8,\"at\":\"2026-11-23T21:00:00Z\",\"nodeName\":\"node-1\",\"text\":\"partition"
                + " done\"}]")
        .json("GET /api/v1/events?after=8&limit=1000", "[]");
  }

  @Test
  void eventsFollowFromTheLastOneSeen() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.json(
          "GET /api/v1/events?after=0&limit=1000", "[{\"sequence\":7,\"text\":\"old\"}]");
      appliance.json("GET /api/v1/events?after=7&limit=1000", "[]");
      appliance.raw(
          "GET /api/v1/events",
          "HTTP/1.0 200 X\r\n\r\nid: 8\ndata: {\"sequence\":8,\"text\":\"new\\u001b\"}\n\n");
      var run = CommandLineRun.of(state, "events");
      assertThat(run.status()).isZero();
      assertThat(run.out()).contains("appliance      old");
      run = CommandLineRun.of(state, "events", "-f");
      assertThat(run.out()).contains("appliance      new\\x1b");
      assertThat(run.err()).contains("APP-304", "the stream of events ended");
      assertThat(appliance.requests().getLast()).contains("Last-Event-ID: 7\r\n");
    }
  }

  @Test
  void statusPrintsFiguresReadably() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.json(
          "GET /api/v1/status",
          "{\"version\":\"1\",\"memory\":{\"residentBytes\":104857600},\"nodes\":{\"ready\":2}}");
      assertThat(CommandLineRun.of(state, "status").out())
          .contains("memory resident  100 MiB", "nodes ready      2");
    }
  }

  @Test
  void verbsOfOtherModulesAreAdded() {
    var run = CommandLineRun.of(state, new byte[0], List.of(new Hello()), "hello");
    assertThat(run.status()).isEqualTo(7);
  }

  @Test
  void aFailureWithoutANameIsNamedInternal() {
    var run = CommandLineRun.of(state, "serve", "--config", "/nowhere");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("APP-308", "not in this test", "--debug");
  }

  private static String node(String state, String reason) {
    return NODE.formatted(state, reason);
  }

  @Command(name = "hello", mixinStandardHelpOptions = true)
  static final class Hello implements java.util.concurrent.Callable<Integer> {
    @Override
    public Integer call() {
      return 7;
    }
  }
}
