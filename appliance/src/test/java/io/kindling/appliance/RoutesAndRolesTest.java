package io.kindling.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.boot.BootTokens;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers.Route;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.testing.Machines;
import io.kindling.appliance.testing.RunningAppliance;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.TestClock;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// Each route × each kind of caller over HTTP, against the appliance as it is wired; what is
/// expected comes from openapi.yaml, and from the table of pages below.
@Timeout(180)
class RoutesAndRolesTest {
  private static final Set<String> METHODS = Set.of("get", "put", "post", "patch", "delete");

  /// The console's pages beside what the table does not know, which is for viewers.
  private static final Set<Route> PAGES =
      Set.of(
          new Route("GET", "/login", Access.ANYBODY),
          new Route("POST", "/login", Access.ANYBODY),
          new Route("POST", "/logout", Access.VIEWER),
          new Route("GET", "/welcome", Access.ANYBODY),
          new Route("POST", "/welcome", Access.ANYBODY),
          new Route("GET", "/accounts", Access.VIEWER),
          new Route("POST", "/accounts/password", Access.VIEWER),
          new Route("POST", "/accounts/users", Access.ADMIN),
          new Route("POST", "/accounts/users/{account}", Access.ADMIN),
          new Route("POST", "/accounts/tokens", Access.ADMIN),
          new Route("POST", "/accounts/tokens/{token}", Access.ADMIN),
          new Route("GET", "/audit", Access.OPERATOR),
          new Route("GET", "/cluster", Access.VIEWER),
          new Route("GET", "/cluster/roles", Access.VIEWER),
          new Route("GET", "/fragments/cluster/roles", Access.VIEWER),
          new Route("GET", "/cluster/disks", Access.VIEWER),
          new Route("GET", "/cluster/disks/{node}", Access.VIEWER),
          new Route("GET", "/fragments/cluster/disks/{node}", Access.VIEWER),
          new Route("GET", "/fragments/cluster/disks", Access.VIEWER),
          new Route("GET", "/cluster/review", Access.VIEWER),
          new Route("GET", "/fragments/cluster/review", Access.VIEWER),
          new Route("GET", "/settings", Access.VIEWER),
          new Route("GET", "/fragments/labels", Access.VIEWER),
          new Route("GET", "/deploy", Access.VIEWER),
          new Route("GET", "/fragments/deploy", Access.VIEWER),
          new Route("GET", "/health", Access.VIEWER),
          new Route("GET", "/fragments/operation", Access.VIEWER),
          new Route("GET", "/metrics", Access.VIEWER),
          new Route("GET", "/static/{hash}/{file}", Access.ANYBODY),
          new Route("GET", "/favicon.ico", Access.ANYBODY));

  @TempDir static Path state;
  private static OpenAppliance open;
  private static RunningAppliance doors;

  /// Who asks → the headers that say so.
  private static final Map<String, String[]> CALLERS = new LinkedHashMap<>();

  private static final Map<String, Access> ROLES = new LinkedHashMap<>();

  @BeforeAll
  static void open() throws Exception {
    var clock = new TestClock();
    open = OpenAppliance.on(state, clock);
    doors = open.doors();
    caller("none", Access.ANYBODY);
    for (Access role : List.of(Access.ADMIN, Access.OPERATOR, Access.VIEWER)) {
      String name = role.label();
      caller(name + "'s session", role, doors.account(name, name).headers());
      caller(name + "'s token", role, doors.token(name, name));
    }
    BootTokens tokens = BootTokens.open(state, clock, new SecureRandom());
    for (int machine : List.of(1, 2)) {
      String token = tokens.issue(HardwareAddress.parse(Machines.mac(machine)).orElseThrow());
      String[] bearer = {"Authorization", "Bearer " + token};
      HttpResponse<String> reported =
          doors.machine("POST", "/agent/v1/report", Machines.text(machine), bearer);
      assertThat(reported.statusCode()).as(reported.body()).isEqualTo(201);
      String name = Json.tree(reported.body()).path("name").asString();
      doors.socket("PATCH", "/api/v1/nodes/" + name, Map.of("name", machine == 1 ? "one" : "two"));
      caller(machine == 1 ? "this node's token" : "another node's token", Access.MACHINE, bearer);
    }
  }

  @AfterAll
  static void close() {
    if (open != null) {
      open.close();
    }
  }

  private static void caller(String name, Access role, String... headers) {
    CALLERS.put(name, headers);
    ROLES.put(name, role);
  }

  @SuppressWarnings("unchecked")
  private static List<Route> described(String yaml) {
    var settings = LoadSettings.builder().setMaxAliasesForCollections(100).build();
    var document = (Map<String, Object>) new Load(settings).loadFromString(yaml);
    var routes = new ArrayList<Route>();
    ((Map<String, Map<String, Object>>) document.get("paths"))
        .forEach((path, operations) ->
            operations.forEach((method, operation) -> {
              if (METHODS.contains(method)) {
                String access =
                    String.valueOf(((Map<String, Object>) operation).get("x-kindling-access"));
                routes.add(
                    new Route(
                        method.toUpperCase(java.util.Locale.ROOT),
                        path,
                        access.equals("anybody")
                            ? Access.ANYBODY
                            : Access.role(access)
                                .orElseThrow(
                                    () -> new AssertionError(path + " expects " + access))));
              }
            }));
    return routes;
  }

  private static List<Route> described() throws Exception {
    HttpResponse<String> answer = doors.get("/api/v1/openapi.yaml");
    assertThat(answer.statusCode()).isEqualTo(200);
    return described(answer.body());
  }

  private static Set<String> texts(Stream<Route> routes) {
    var texts = new TreeSet<String>();
    routes.forEach(r -> texts.add(r.path() + " " + r.method() + " " + r.access()));
    return texts;
  }

  @Test
  void theDescriptionAndTheRouterSayTheSameBothWays() throws Exception {
    var routed = open.appliance().operatorRoutes();
    assertThat(texts(routed.stream().filter(r -> r.path().startsWith("/api/"))))
        .containsExactlyElementsOf(texts(described().stream()));
    assertThat(texts(routed.stream().filter(r -> !r.path().startsWith("/api/"))))
        .containsExactlyElementsOf(texts(PAGES.stream()));
  }

  @TestFactory
  Stream<DynamicTest> everyRouteOfTheApiServesItsRolesAndRefusesTheRest() throws Exception {
    return described().stream()
        .flatMap(route ->
            CALLERS.keySet().stream()
                .map(caller ->
                    DynamicTest.dynamicTest(
                        caller + ": " + route.method() + " " + route.path(),
                        () -> tried(route, caller))));
  }

  private void tried(Route route, String caller) throws Exception {
    String path =
        route
            .path()
            .replace("{node}", "one")
            .replace("{osd}", "9")
            .replaceAll("\\{\\w+}", "no-such");
    // What makes no sense to the route is refused by it: 400, 404, 409 mean that it was reached.
    String body = route.method().equals("GET") ? "" : "{\"no-such\":1}";
    HttpResponse<String> answer = doors.send(route.method(), path, body, CALLERS.get(caller));
    Access role = ROLES.get(caller);
    String said = answer.statusCode() + " " + answer.body();
    if (role == Access.MACHINE) { // a bearer token that is none of ours, whatever the route
      assertThat(said).startsWith("401 ").contains("APP-511");
    } else if (role.covers(route.access())) {
      assertThat(answer.statusCode()).as(said).isNotIn(401, 403, 405, 500);
    } else if (role == Access.ANYBODY) {
      assertThat(said).startsWith("401 ").contains("APP-501");
    } else {
      assertThat(said).startsWith("403 ").contains("APP-502");
    }
  }

  @TestFactory
  Stream<DynamicTest> everyPageServesItsRolesAndSendsOthersToTheLogin() {
    var pages = new ArrayList<>(PAGES);
    for (String page :
        List.of("/", "/networks", "/nodes/one", "/fragments/nodes", "/fragments/events")) {
      pages.add(new Route("GET", page, Access.VIEWER));
    }
    return pages.stream()
        .filter(page -> !page.path().equals("/logout")) // it ends the session that asks
        .flatMap(page ->
            CALLERS.keySet().stream()
                .map(caller ->
                    DynamicTest.dynamicTest(
                        caller + ": " + page.method() + " " + page.path(),
                        () -> shown(page, caller))));
  }

  private void shown(Route page, String caller) throws Exception {
    String path = page.path().replaceAll("\\{\\w+}", "no-such");
    HttpResponse<String> answer =
        page.method().equals("GET")
            ? doors.get(path, CALLERS.get(caller))
            : doors.form(path, Map.of("no", "such"), CALLERS.get(caller));
    Access role = ROLES.get(caller);
    String said = answer.statusCode() + " " + answer.body();
    if (role == Access.MACHINE) {
      assertThat(said).startsWith("401 ").contains("APP-511");
    } else if (role.covers(page.access())) {
      assertThat(answer.statusCode()).as(said).isNotIn(405, 500);
      assertThat(said).doesNotContain("APP-501", "APP-502", "APP-505");
      if (page.access() != Access.ANYBODY) {
        assertThat(said).containsAnyOf("</", "# TYPE kindling_nodes gauge");
      }
    } else if (role == Access.ANYBODY) {
      assertThat(answer.statusCode()).isEqualTo(303);
      assertThat(answer.headers().firstValue("Location").orElse("")).startsWith("/login");
    } else {
      assertThat(said).startsWith("403 ").contains("APP-502");
    }
  }

  @Test
  void aNodesTokensAreWorthSomethingOnTheMachinesListenerAloneAndNoOperatorIsKnownThere()
      throws Exception {
    assertThat(
            doors
                .machine(
                    "POST",
                    "/agent/v1/alive",
                    "{\"boot\":\"%s\"}".formatted(Machines.mac(1)),
                    CALLERS.get("this node's token"))
                .statusCode())
        .isEqualTo(200);
    for (String caller : List.of("admin's token", "admin's session")) {
      for (Route route : described()) {
        String path = route.path().replaceAll("\\{\\w+}", "one");
        assertThat(doors.machine(route.method(), path, "", CALLERS.get(caller)).statusCode())
            .as(route.path())
            .isEqualTo(404);
      }
    }
  }
}
