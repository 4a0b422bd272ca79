package io.kindling.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.http.Form;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.testing.Machines;
import io.kindling.appliance.testing.RunningAppliance;
import io.kindling.appliance.testing.RunningAppliance.Session;
import io.kindling.appliance.testing.Wire;
import io.kindling.pxe.TestClock;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// What is tried against the operators' doors, and refused.
@Timeout(120)
class DoorsTest {
  private static final String PASSWORD = RunningAppliance.PASSWORD;
  private static final String CLUSTER =
      "nodes:\n- match: {mac: \"52:54:00:00:00:01\"}\n  name: one\n  roles: [base]\n";

  @TempDir Path state;
  private final TestClock clock = new TestClock();
  private OpenAppliance open;
  private RunningAppliance doors;

  @BeforeEach
  void open() {
    open = OpenAppliance.on(state, clock);
    doors = open.doors();
  }

  @AfterEach
  void close() {
    open.close();
  }

  private static void problem(HttpResponse<String> answer, int status, String id) {
    assertThat(answer.statusCode() + " " + answer.body()).startsWith(status + " ").contains(id);
  }

  private void report(int machine) throws Exception {
    assertThat(doors.machine("POST", "/agent/v1/report", Machines.text(machine)).statusCode())
        .isEqualTo(201);
  }

  private String audit() {
    return doors.socket("GET", "/api/v1/audit?limit=1000", Map.of()).toString();
  }

  @Test
  void withoutAnAccountTheConsoleSaysHowToMakeTheFirstAndTheLinkMakesItOnce() throws Exception {
    assertThat(doors.get("/").headers().firstValue("Location")).contains("/login");
    assertThat(doors.get("/login").body()).contains("kindling account admin-link");
    JsonNode made = doors.socket("POST", "/api/v1/admin-links", Map.of());
    assertThat(made.path("url").asString()).startsWith("http://127.0.0.1:8080/welcome?link=");
    String path = made.path("path").asString();
    String link = path.substring(path.indexOf('=') + 1);
    assertThat(doors.get(path).body()).contains("Make an administrator");
    var fields = Map.of("link", link, "name", "ann", "password", PASSWORD, "again", PASSWORD);
    var typo = Map.of("link", link, "name", "ann", "password", PASSWORD, "again", PASSWORD + "x");
    problem(doors.form("/welcome", typo), 400, "APP-507");
    Session ann = doors.session(doors.form("/welcome", fields));
    assertThat(doors.get("/", ann.headers()).body()).contains("Log out", "ann, admin");
    problem(doors.form("/welcome", fields), 403, "APP-506");
    problem(doors.get(path), 403, "APP-506");
    assertThat(audit()).contains("chose a password").doesNotContain(link, PASSWORD);
  }

  @Test
  void aLoginSetsACookieThatScriptsAndOtherSitesCannotUse() throws Exception {
    doors.account("ann", "admin");
    HttpResponse<String> answer =
        doors.form("/login", Map.of("name", "ann", "password", PASSWORD, "next", "/audit"));
    assertThat(answer.headers().firstValue("Location")).contains("/audit");
    assertThat(answer.headers().firstValue("Set-Cookie").orElse(""))
        .contains("; Path=/", "; HttpOnly", "; SameSite=Strict", "; Max-Age=43200");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"//evil.example", "/\\evil.example", "https://evil.example", "", "/a\\b", "x"})
  void aLoginLeadsToNoOtherHost(String next) throws Exception {
    doors.account("ann", "admin");
    assertThat(
            doors
                .form("/login", Map.of("name", "ann", "password", PASSWORD, "next", next))
                .headers()
                .firstValue("Location"))
        .contains("/");
  }

  @Test
  void aSessionsCookieAloneChangesNothing() throws Exception {
    Session ann = doors.account("ann", "admin");
    Session eve = doors.account("eve", "viewer");
    String path = "/api/v1/join-tokens";
    problem(doors.send("POST", path, "{}", ann.cookieAlone()), 403, "APP-505");
    problem(
        doors.send("POST", path, "{}", new Session(ann.cookie(), eve.csrf()).headers()),
        403,
        "APP-505");
    problem(
        doors.send("POST", path, "{}", new Session(ann.cookie(), "").headers()), 403, "APP-505");
    var form = Map.of("name", "mallory", "role", "admin");
    problem(doors.form("/accounts/users", form, ann.cookieAlone()), 403, "APP-505");
    assertThat(doors.socket("GET", "/api/v1/accounts", Map.of()).toString())
        .doesNotContain("mallory");
    assertThat(doors.send("POST", path, "{}", ann.headers()).statusCode()).isEqualTo(201);
    var whole = Map.of("name", "bob", "role", "viewer", "csrf", ann.csrf());
    assertThat(doors.form("/accounts/users", whole, ann.cookieAlone()).body())
        .contains("/welcome?link=");
    // A page of another origin, with the token even.
    String[] foreign = {
      "Cookie", "kindling=" + ann.cookie(), "X-CSRF-Token", ann.csrf(), "Origin", "http://evil"
    };
    problem(doors.send("POST", path, "{}", foreign), 403, "APP-016");
    var login = Map.of("name", "eve", "password", PASSWORD);
    problem(doors.form("/login", login, "Origin", "http://evil"), 403, "APP-016");
  }

  @Test
  void aSessionThatSomebodyElseChoseOrHadBeforeTheLoginIsWorthNothing() throws Exception {
    doors.account("ann", "admin");
    var login = Map.of("name", "ann", "password", PASSWORD);
    String planted = "A".repeat(43);
    HttpResponse<String> answer = doors.form("/login", login, "Cookie", "kindling=" + planted);
    assertThat(RunningAppliance.cookie(answer)).isNotEqualTo(planted);
    problem(doors.get("/api/v1/status", "Cookie", "kindling=" + planted), 401, "APP-501");
    Session before = doors.session(answer);
    Session after = doors.session(doors.form("/login", login, before.cookieAlone()));
    assertThat(after.cookie()).isNotEqualTo(before.cookie());
    assertThat(after.csrf()).isNotEqualTo(before.csrf());
    problem(doors.get("/api/v1/status", before.cookieAlone()), 401, "APP-501");
    assertThat(doors.get("/api/v1/status", after.cookieAlone()).statusCode()).isEqualTo(200);
  }

  @Test
  void aSessionEndsByLoggingOutByIdlenessAndByAgeWhateverHappens() throws Exception {
    Session out = doors.account("ann", "admin");
    assertThat(doors.form("/logout", Map.of("csrf", out.csrf()), out.cookieAlone()).statusCode())
        .isEqualTo(303);
    problem(doors.get("/api/v1/status", out.cookieAlone()), 401, "APP-501");
    Session idle = doors.login("ann");
    clock.advance(Duration.ofMinutes(61));
    problem(doors.get("/api/v1/status", idle.cookieAlone()), 401, "APP-501");
    Session old = doors.login("ann");
    for (int i = 0; i < 14; i++) {
      assertThat(doors.get("/api/v1/status", old.cookieAlone()).statusCode()).isEqualTo(200);
      clock.advance(Duration.ofMinutes(50));
    }
    clock.advance(Duration.ofMinutes(20));
    problem(doors.get("/api/v1/status", old.cookieAlone()), 401, "APP-501");
  }

  @Test
  void aNewPasswordEndsTheSessionsAndAnotherRoleCountsAtOnce() throws Exception {
    doors.account("ann", "admin");
    Session bob = doors.account("bob", "operator");
    Session other = doors.login("bob");
    doors.socket("PATCH", "/api/v1/accounts/bob", Map.of("role", "viewer"));
    problem(doors.send("POST", "/api/v1/join-tokens", "{}", bob.headers()), 403, "APP-502");
    String fresh = "another password altogether";
    String body = Json.text(Map.of("old", PASSWORD, "new", fresh));
    problem(
        doors.send(
            "PUT",
            "/api/v1/account/password",
            Json.text(Map.of("old", "no", "new", fresh)),
            bob.headers()),
        401,
        "APP-503");
    assertThat(doors.send("PUT", "/api/v1/account/password", body, bob.headers()).statusCode())
        .isEqualTo(204);
    problem(doors.get("/api/v1/status", bob.cookieAlone()), 401, "APP-501");
    problem(doors.get("/api/v1/status", other.cookieAlone()), 401, "APP-501");
    problem(doors.form("/login", Map.of("name", "bob", "password", PASSWORD)), 401, "APP-503");
    doors.session(doors.form("/login", Map.of("name", "bob", "password", fresh)));
    doors.socket("DELETE", "/api/v1/accounts/bob", Map.of());
    problem(doors.form("/login", Map.of("name", "bob", "password", fresh)), 401, "APP-503");
    assertThat(audit()).contains("changed the own password").doesNotContain(PASSWORD, fresh);
  }

  @Test
  void aTokenThatExpiredOrWasRevokedOrIsCutIsRefused() throws Exception {
    String[] token = doors.token("ci", "operator");
    assertThat(doors.get("/api/v1/status", token).statusCode()).isEqualTo(200);
    for (String bad :
        List.of(
            token[1].substring(0, token[1].length() - 1),
            token[1] + "x",
            token[1].replace("Bearer ", "Basic "),
            "Bearer ",
            "Bearer kindling_")) {
      problem(doors.get("/api/v1/status", "Authorization", bad), 401, "APP-511");
    }
    doors.socket("DELETE", "/api/v1/tokens/ci", Map.of());
    problem(doors.get("/api/v1/status", token), 401, "APP-511");
    String[] later = doors.token("ci", "operator");
    clock.advance(Duration.ofDays(30));
    problem(doors.get("/api/v1/status", later), 401, "APP-511");
    assertThat(audit()).contains("/api/v1/tokens/ci").doesNotContain(token[1], later[1]);
  }

  @Test
  void aBadTokenIsNotMendedByAGoodCookie() throws Exception {
    Session ann = doors.account("ann", "admin");
    problem(
        doors.get(
            "/api/v1/status",
            "Cookie",
            "kindling=" + ann.cookie(),
            "Authorization",
            "Bearer kindling_x"),
        401,
        "APP-511");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/static/../api/v1/status",
        "/static/%2e%2e/%2e%2e/api/v1/status",
        "/static/..%2f..%2fkindling.mv.db/x",
        "/static/a/..%5c..%5cpasswd",
        "//api/v1/status",
        "/./api/v1/status",
        "/api/v1/status/",
        "/API/v1/status",
        "/api/v1/status;x=1",
        "/api/v1/openapi.yaml/../status",
        "/login/../api/v1/status",
        "/login/..%2fapi%2fv1%2fstatus",
        "/api/v1/nodes/..%2f..%2f..%2fetc%2fpasswd/facts",
        "/fragments/nodes",
        "/nodes/..%2f..%2fetc%2fpasswd",
      })
  void noDetourLeadsPastTheGuard(String path) throws Exception {
    try (Wire wire = new Wire(doors.port())) {
      wire.head("GET " + path + " HTTP/1.1", "Connection: close");
      String answer = wire.all();
      assertThat(answer).containsPattern("^HTTP/1.1 (303|400|401|404) ");
      assertThat(answer).doesNotContain("uptimeSeconds", "root:");
    }
  }

  @Test
  void aLoginThatIsTooLargeIsRefusedUnread() throws Exception {
    String large = "name=ann&password=" + "x".repeat(Form.LIMIT);
    problem(
        doors.send("POST", "/login", large, "Content-Type", "application/x-www-form-urlencoded"),
        413,
        "APP-013");
    try (Wire wire = new Wire(doors.port())) {
      wire.head(
          "POST /login HTTP/1.1",
          "Connection: close",
          "Content-Type: application/x-www-form-urlencoded",
          "Transfer-Encoding: chunked");
      String chunk = "%x\r\n%s\r\n0\r\n\r\n".formatted(large.length(), large);
      wire.bytes(chunk.getBytes(StandardCharsets.US_ASCII));
      assertThat(wire.all()).startsWith("HTTP/1.1 413").contains("APP-013");
    }
    String longer = "name=ann&password=" + "x".repeat(5000);
    problem(
        doors.send("POST", "/login", longer, "Content-Type", "application/x-www-form-urlencoded"),
        401,
        "APP-503");
  }

  @Test
  void requestsThatTrickleKeepNobodyElseWaiting() throws Exception {
    String[] token = doors.token("ci", "operator");
    var slow = new ArrayList<Wire>();
    try {
      for (int i = 0; i < 100; i++) {
        slow.add(new Wire(doors.port()).bytes(ascii("GET /api/v1/status HTTP/1.1\r\nHo")));
        Wire body = new Wire(doors.port());
        slow.add(body);
        body.head(
            "POST /api/v1/cluster/plan HTTP/1.1",
            token[0] + ": " + token[1],
            "Content-Type: application/yaml",
            "Content-Length: 1000");
        body.bytes(ascii("name: sl"));
      }
      assertThat(doors.get("/api/v1/status", token).statusCode()).isEqualTo(200);
      assertThat(doors.get("/login").statusCode()).isEqualTo(200);
      for (Wire wire : slow) {
        wire.bytes(ascii("o")); // none of them was cut off to make room
      }
    } finally {
      for (Wire wire : slow) {
        wire.close();
      }
    }
    assertThat(doors.get("/api/v1/status", token).statusCode()).isEqualTo(200);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void guessingIsLockedOutAndSaysHowLong() throws Exception {
    doors.account("ann", "admin");
    for (int i = 0; i < 5; i++) {
      problem(doors.form("/login", Map.of("name", "ann", "password", "guess")), 401, "APP-503");
    }
    var right = Map.of("name", "ann", "password", PASSWORD);
    problem(doors.form("/login", right), 429, "APP-504");
    assertThat(doors.form("/login", right).body()).contains("try again in ");
    clock.advance(Duration.ofSeconds(16));
    doors.session(doors.form("/login", right));
  }

  @Test
  void aProtectedNodeIsTouchedByAnAdministratorWhoConfirmsAlone() throws Exception {
    report(1);
    doors.account("ann", "admin");
    String[] admin = doors.token("admin", "admin");
    String[] operator = doors.token("operator", "operator");
    assertThat(doors.send("PUT", "/api/v1/cluster", CLUSTER, operator).statusCode()).isEqualTo(200);
    String node = "/api/v1/nodes/one";
    String on = "{\"addLabels\":[\"protected\"]}";
    String off = "{\"removeLabels\":[\"protected\"]}";
    assertThat(doors.send("PATCH", node, on, operator).statusCode()).isEqualTo(200);
    problem(doors.send("PATCH", node, off, operator), 409, "APP-513");
    problem(doors.send("PATCH", node, "{\"labels\":[]}", operator), 409, "APP-513");
    String power = node + "/power";
    problem(doors.send("POST", power, "{\"verb\":\"off\"}", operator), 409, "APP-513");
    problem(
        doors.send("POST", power, "{\"verb\":\"cycle\",\"confirm\":true}", operator),
        409,
        "APP-513");
    problem(doors.send("POST", power, "{\"verb\":\"off\"}", admin), 409, "APP-513");
    problem(
        doors.send("POST", power, "{\"verb\":\"off\",\"confirm\":true}", admin), 409, "APP-401");
    problem(doors.send("POST", power, "{\"verb\":\"on\"}", operator), 409, "APP-401");
    String deploy = "{\"confirm\":[\"one\"]}";
    assertThat(doors.send("POST", "/api/v1/deploy", deploy, operator).body()).contains("APP-513");
    String again = "{\"reinstall\":[\"one\"]}";
    assertThat(doors.send("POST", "/api/v1/deploy", again, admin).body()).contains("APP-513");
    assertThat(doors.send("POST", "/api/v1/deploy", deploy, admin).body())
        .doesNotContain("APP-513");
    assertThat(doors.send("PATCH", node, off, admin).statusCode()).isEqualTo(200);
  }

  @Test
  void theAuditTellsWhoChangedWhatFromWhereBeforeAndAfterAndNoSecret() throws Exception {
    report(1);
    Session ann = doors.account("ann", "admin");
    String[] token = doors.token("ci", "operator");
    doors.send("PUT", "/api/v1/cluster", CLUSTER, token);
    String changed = CLUSTER.replace("base", "ceph-mon");
    doors.send("PUT", "/api/v1/cluster", changed, token);
    doors.send("PATCH", "/api/v1/nodes/one", "{\"labels\":[\"a\"]}", ann.headers());
    String access =
        "{\"kind\":\"ipmi\",\"address\":\"10.0.0.9\",\"user\":\"root\",\"password\":\"hush-hush\"}";
    assertThat(
            doors.send("PUT", "/api/v1/nodes/one/power/access", access, ann.headers()).statusCode())
        .isEqualTo(200);
    problem(doors.send("PATCH", "/api/v1/nodes/none", "{}", token), 404, "APP-004");
    JsonNode entries = doors.socket("GET", "/api/v1/audit", Map.of());
    JsonNode newest = entries.get(0);
    assertThat(newest.path("what").asString()).isEqualTo("PUT /api/v1/nodes/one/power/access");
    assertThat(newest.path("after").asString()).contains("10.0.0.9", "root");
    JsonNode labelled = entries.get(1);
    assertThat(labelled.path("who").asString()).isEqualTo("ann");
    assertThat(labelled.path("from").asString()).isEqualTo("127.0.0.1");
    assertThat(labelled.path("before").asString()).contains("\"labels\":[]");
    assertThat(labelled.path("after").asString()).contains("\"labels\":[\"a\"]");
    JsonNode applied = entries.get(2);
    assertThat(applied.path("who").asString()).isEqualTo("token ci");
    assertThat(applied.path("before").asString()).isEqualTo(CLUSTER);
    assertThat(applied.path("after").asString()).isEqualTo(changed);
    String all = entries.toString();
    assertThat(all)
        .contains("socket", "/api/v1/tokens")
        .doesNotContain("hush-hush", PASSWORD, token[1], ann.cookie(), ann.csrf(), "nodes/none");
    assertThat(doors.get("/audit", ann.headers()).body())
        .contains("token ci", "PUT /api/v1/cluster");
  }

  @Test
  void theSocketTellsWhichUserSpoke() {
    doors.socket("POST", "/api/v1/join-tokens", Map.of());
    JsonNode entry = doors.socket("GET", "/api/v1/audit", Map.of()).get(0);
    assertThat(entry.path("who").asString()).isEqualTo(System.getProperty("user.name"));
    assertThat(entry.path("from").asString()).isEqualTo("socket");
  }

  @Test
  void theAccountsPageMakesAndShowsATokenOnce() throws Exception {
    Session ann = doors.account("ann", "admin");
    var fields = Map.of("name", "ci", "role", "viewer", "days", "9", "csrf", ann.csrf());
    String page = doors.form("/accounts/tokens", fields, ann.cookieAlone()).body();
    assertThat(page).containsPattern("<code>kindling_[A-Za-z0-9_-]{43}</code>");
    assertThat(doors.get("/accounts", ann.headers()).body())
        .contains("Revoke ci")
        .doesNotContain("kindling_");
    Session bob = doors.account("bob", "viewer");
    assertThat(doors.get("/accounts", bob.headers()).body())
        .contains("Your password")
        .doesNotContain("API tokens", "ann");
  }

  @Test
  void anEventStreamEndsSoonAfterItsSession() throws Exception {
    Session ann = doors.account("ann", "admin");
    try (Wire wire = new Wire(doors.port())) {
      wire.head(
          "GET /api/v1/events HTTP/1.1",
          "Accept: text/event-stream",
          "Cookie: kindling=" + ann.cookie());
      assertThat(wire.until(": stream")).startsWith("HTTP/1.1 200");
      doors.form("/logout", Map.of("csrf", ann.csrf()), ann.cookieAlone());
      report(1); // wakes the stream
      assertThat(wire.all()).doesNotContain("node-discovered");
    }
  }
}
