package io.kindling.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.boot.BootTokens;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.testing.Machines;
import io.kindling.appliance.testing.RunningAppliance;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.TestClock;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Rescue and wipe through the doors of an appliance as it is wired.
@Timeout(60)
class AsideApiTest {
  private static final String RESCUE = "/api/v1/nodes/one/rescue";
  private static final String WIPE = "/api/v1/nodes/one/wipe";
  private static final String NODE = "/api/v1/nodes/one";

  @TempDir Path state;
  private final TestClock clock = new TestClock();
  private OpenAppliance open;
  private RunningAppliance doors;
  private String[] operator = {};
  private String[] bearer = {};

  @BeforeEach
  void open() throws Exception {
    open = OpenAppliance.on(state, clock);
    doors = open.doors();
    BootTokens tokens = BootTokens.open(state, clock, new SecureRandom());
    bearer =
        new String[] {
          "Authorization",
          "Bearer " + tokens.issue(HardwareAddress.parse(Machines.mac(1)).orElseThrow())
        };
    String name =
        Json.tree(doors.machine("POST", "/agent/v1/report", Machines.text(1), bearer).body())
            .path("name")
            .asString();
    doors.socket("PATCH", "/api/v1/nodes/" + name, Map.of("name", "one"));
    operator = doors.token("operator", "operator");
  }

  @AfterEach
  void close() {
    open.close();
  }

  private JsonNode node() {
    return doors.socket("GET", NODE, Map.of());
  }

  private String stateOf() {
    return node().path("state").asString();
  }

  private String disk(int index) {
    return node().path("disks").path(index).path("id").asString();
  }

  private HttpResponse<String> send(String method, String path, Object body, String... more)
      throws Exception {
    var headers = new ArrayList<>(List.of(operator));
    headers.addAll(List.of(more));
    return doors.send(method, path, Json.text(body), headers.toArray(String[]::new));
  }

  private static void problem(HttpResponse<String> answer, int status, String id) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Json.tree(answer.body()).path("id").asString()).isEqualTo(id);
  }

  @Test
  void anOperatorRescuesANodeAndEndsItAndTheAuditTellsBoth() throws Exception {
    HttpResponse<String> begun = send("POST", RESCUE, Map.of());
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(202);
    assertThat(Json.tree(begun.body()).path("state").asString()).isEqualTo("rescue");
    assertThat(Json.tree(begun.body()).path("text").asString()).isNotEmpty();
    problem(send("POST", RESCUE, Map.of()), 409, "APP-025");
    assertThat(doors.machine("POST", "/agent/v1/report", Machines.text(1), bearer).statusCode())
        .isEqualTo(200);
    // Whoever has no token of a boot is not taken for the machine.
    problem(doors.machine("POST", "/agent/v1/report", Machines.text(1)), 403, "INV-009");
    HttpResponse<String> ended = send("DELETE", RESCUE, Map.of());
    assertThat(ended.statusCode()).as(ended.body()).isEqualTo(200);
    assertThat(stateOf()).isEqualTo("discovered");
    problem(send("DELETE", RESCUE, Map.of()), 409, "APP-090");
    List<String> audit =
        doors
            .socket("GET", "/api/v1/audit", Map.of())
            .valueStream()
            .map(e -> e.path("who").asString() + " " + e.path("what").asString())
            .toList();
    assertThat(audit)
        .containsSubsequence("token operator DELETE " + RESCUE, "token operator POST " + RESCUE);
    assertThat(audit).filteredOn(line -> line.contains("/rescue")).hasSize(2); // no refusal
  }

  @Test
  void aWipeWantsDisksAndAYesAndIsTakenBackBeforeItsBoot() throws Exception {
    problem(send("POST", WIPE, Map.of("yes", true)), 409, "APP-093");
    problem(send("POST", WIPE, Map.of("disks", List.of("sdz"), "yes", true)), 409, "APP-093");
    HttpResponse<String> told = send("POST", WIPE, Map.of("disks", List.of(disk(0))));
    problem(told, 409, "APP-094");
    assertThat(told.body()).contains(disk(0));
    problem(send("POST", WIPE, Map.of("disk", disk(0))), 400, "APP-015");
    assertThat(stateOf()).isEqualTo("discovered");
    clock.advance(Duration.ofMinutes(5)); // it has left the bootstrap
    HttpResponse<String> ordered =
        send("POST", WIPE, Map.of("disks", List.of(disk(0)), "yes", true));
    assertThat(ordered.statusCode()).as(ordered.body()).isEqualTo(202);
    assertThat(stateOf()).isEqualTo("wiping");
    assertThat(node().path("reason").asString()).contains(disk(0)).doesNotContain(disk(1));
    problem(send("POST", "/api/v1/nodes/one/power", Map.of("verb", "off")), 409, "APP-413");
    assertThat(send("DELETE", WIPE, Map.of()).statusCode()).isEqualTo(200);
    assertThat(stateOf()).isEqualTo("discovered");
    problem(send("DELETE", WIPE, Map.of()), 409, "APP-090");
  }

  @Test
  void anOrderBuiltOnWhatTheNodeIsNoMoreIsRefused() throws Exception {
    String seen = node().path("version").asString();
    doors.socket("PATCH", NODE, Map.of("addLabels", List.of("rack-7")));
    String[] match = {"If-Match", '"' + seen + '"'};
    problem(send("POST", RESCUE, Map.of(), match), 412, "APP-020");
    problem(
        send("POST", WIPE, Map.of("disks", List.of(disk(0)), "yes", true), match), 412, "APP-020");
    assertThat(stateOf()).isEqualTo("discovered");
    String now = '"' + node().path("version").asString() + '"';
    assertThat(send("POST", RESCUE, Map.of(), "If-Match", now).statusCode()).isEqualTo(202);
    problem(send("DELETE", RESCUE, Map.of(), match), 412, "APP-020");
    assertThat(stateOf()).isEqualTo("rescue");
  }

  @Test
  void anOrderThatIsRepeatedWithItsKeyIsCarriedOutOnce() throws Exception {
    String[] key = {"Idempotency-Key", "k1"};
    HttpResponse<String> first = send("POST", RESCUE, Map.of(), key);
    assertThat(first.statusCode()).isEqualTo(202);
    assertThat(send("POST", RESCUE, Map.of(), key).body()).isEqualTo(first.body());
    problem(send("POST", RESCUE, Map.of("restart", true), key), 422, "APP-022");
    problem(send("POST", WIPE, Map.of("disks", List.of(disk(0))), key), 422, "APP-022");
  }

  @Test
  void aProtectedNodeIsTakenAsideByAnAdministratorWhoSaysSoAlone() throws Exception {
    doors.socket("PATCH", NODE, Map.of("addLabels", List.of("protected")));
    Map<String, Object> rescue = Map.of("confirm", true);
    Map<String, Object> wipe = Map.of("disks", List.of(disk(0)), "yes", true, "confirm", true);
    problem(send("POST", RESCUE, rescue), 409, "APP-513");
    problem(send("POST", WIPE, wipe), 409, "APP-513");
    String[] admin = doors.token("admin", "admin");
    problem(doors.send("POST", RESCUE, "{}", admin), 409, "APP-513");
    problem(
        doors.send("POST", WIPE, Json.text(Map.of("disks", List.of(disk(0)), "yes", true)), admin),
        409,
        "APP-513");
    assertThat(stateOf()).isEqualTo("discovered");
    assertThat(doors.send("POST", RESCUE, Json.text(rescue), admin).statusCode()).isEqualTo(202);
    assertThat(doors.send("DELETE", RESCUE, "{}", admin).statusCode()).isEqualTo(200);
    assertThat(doors.send("POST", WIPE, Json.text(wipe), admin).statusCode()).isEqualTo(202);
  }

  @Test
  void whatIsNoPublicKeyIsLetInNowhere() throws Exception {
    for (String key :
        List.of("", "ssh-ed25519 AAAA", "command=\"id\" ssh-ed25519 " + "A".repeat(68))) {
      problem(send("POST", RESCUE, Map.of("keys", List.of(key))), 400, "APP-015");
    }
    String key = "ssh-ed25519 " + "A".repeat(68) + " ann@example";
    problem(send("POST", RESCUE, Map.of("keys", List.of(key + "\nssh-rsa x"))), 400, "APP-015");
    assertThat(send("POST", RESCUE, Map.of("keys", List.of(key))).statusCode()).isEqualTo(202);
  }
}
