package io.kindling.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.SameSiteAttribute;
import io.kindling.tests.browser.Desk.Look;
import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.ApplianceProcess;
import io.kindling.tests.rack.Commands;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/// The console over TLS by the appliance's own authority, as each role sees it.
@Tag("rack")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ConsoleDoorsTest {
  private static final String YAML =
      """
      name: doors
      networks:
        management: { cidr: 10.20.0.0/24, nodes: 10.20.0.10-10.20.0.99 }
      nodes:
        - { match: { mac: "%s" }, roles: [ceph-mon, ceph-osd] }
        - { match: { mac: "%s" }, roles: [ceph-osd] }
      """;

  private Desk desk;

  @BeforeAll
  void open() {
    desk = Desk.alone("doors", Desk.ADDRESS, state -> {}, ApplianceProcess::ownAuthority);
    for (int number : List.of(1, 2, 3)) {
      desk.report(Reports.well(number));
    }
    String yaml = YAML.formatted(Reports.mac(1), Reports.mac(2));
    ApplianceClient.must(
        desk.appliance().client().send("PUT", "/api/v1/cluster", "application/yaml", yaml));
  }

  @AfterAll
  void close() {
    if (desk != null) {
      desk.close();
    }
  }

  @AfterEach
  void theBrowserHadNothingToComplainOf() {
    assertThat(desk.complaints()).isEmpty();
  }

  private String name(int number) {
    return desk.api("/api/v1/nodes/" + Desk.encoded(Reports.mac(number))).path("name").asString();
  }

  /// Every page of the console, by what its picture is called.
  private Map<String, String> pages() {
    var pages = new LinkedHashMap<String, String>();
    pages.put("nodes", "/");
    pages.put("node", "/nodes/" + name(1));
    pages.put("cluster", "/cluster");
    pages.put("roles", "/cluster/roles");
    pages.put("disks", "/cluster/disks");
    pages.put("node-disks", "/cluster/disks/" + name(1));
    pages.put("networks", "/networks");
    pages.put("review", "/cluster/review");
    pages.put("deploy", "/deploy");
    pages.put("health", "/health");
    pages.put("settings", "/settings");
    pages.put("accounts", "/accounts");
    return pages;
  }

  @Test
  @Order(1)
  void aBrowserThatDoesNotKnowTheAuthorityRefusesAndOneThatDoesComesIn() {
    Page stranger = desk.stranger(Look.LIGHT);
    assertThatThrownBy(() -> stranger.navigate("/login"))
        .isInstanceOf(PlaywrightException.class)
        .hasMessageContaining("ERR_CERT_AUTHORITY_INVALID");
    desk.trustAuthority();

    Page page = desk.page(Look.LIGHT);
    Response answer = page.navigate("/settings");
    assertThat(answer.headerValue("strict-transport-security")).isEqualTo("max-age=31536000");
    assertThat(answer.securityDetails().protocol).startsWith("TLS 1.");
    List<Cookie> cookies = page.context().cookies();
    assertThat(cookies).isNotEmpty();
    for (Cookie cookie : cookies) {
      assertThat(cookie.secure).as(cookie.name).isTrue();
      assertThat(cookie.httpOnly).as(cookie.name).isTrue();
      assertThat(cookie.sameSite).as(cookie.name).isEqualTo(SameSiteAttribute.STRICT);
    }

    // What the page says is what the browser gets.
    String shown =
        Commands.run(
            desk.network()
                .in(
                    "sh",
                    "-c",
                    "openssl s_client -connect localhost:8080 </dev/null 2>/dev/null"
                        + " | openssl x509 -noout -fingerprint -sha256")
                .toArray(String[]::new));
    String fingerprint = shown.strip().split("=")[1];
    assertThat(fingerprint).matches("([0-9A-F]{2}:){31}[0-9A-F]{2}");
    assertThat(page.locator("#main")).containsText(fingerprint);
    page.context().close();
  }

  @Test
  @Order(2)
  void aViewerSeesEverythingAndHasNoButtonThatDoesNothing() {
    for (Look look : List.of(Look.LIGHT, Look.PHONE_DARK)) {
      Page page = look == Look.LIGHT ? desk.as("viewer", look) : again("viewer", look);
      for (Map.Entry<String, String> place : pages().entrySet()) {
        Response answer = page.navigate(place.getValue());
        assertThat(answer.status()).as(place.getKey()).isEqualTo(200);
        desk.shoot(page, "viewer-" + place.getKey() + "-" + look.name().toLowerCase(Locale.ROOT));
        assertThat(page.locator("header.top")).containsText("viewer");
        if (!place.getKey().equals("accounts")) { // the own password is anybody's to change
          Locator main = page.locator("main");
          assertThat(main.locator("button:visible")).hasCount(0);
          assertThat(main.locator("[draggable=true], textarea")).hasCount(0);
          assertThat(main.locator("input[type=checkbox]:enabled, input[type=number]:enabled"))
              .hasCount(0);
        }
        assertThat(Desk.accessibilityFaults(page)).as(place.getKey()).isEmpty();
      }
      page.navigate("/cluster/roles");
      assertThat(page.locator("main")).containsText("You are a viewer");
      assertThat(page.locator("main")).containsText("ceph-mon");
      page.navigate("/nodes/" + name(1));
      assertThat(page.locator("main")).containsText("You are a viewer");
      assertThat(page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Audit")))
          .hasCount(0);

      // Whoever sends the order without a button is refused, by the session and its own proof.
      assertThat(patched(page, name(1))).isEqualTo("403 APP-502");
      assertThat(desk.names("label=tried")).isEmpty();
      Response audit = page.navigate("/audit");
      assertThat(audit.status()).isEqualTo(403);
      assertThat(page.locator("main")).containsText("APP-502");
      assertThat(page.locator("header.top")).containsText("viewer");
      page.context().close();
      assertThat(desk.complaints()).hasSize(2).allMatch(complaint -> complaint.contains("403"));
    }
  }

  /// Logs in with the account that [Desk#as] has made.
  private Page again(String name, Look look) {
    Page page = desk.stranger(look);
    page.navigate("/login");
    page.getByLabel("Name").fill(name);
    page.getByLabel("Password").fill(Desk.PASSWORD);
    page.keyboard().press("Enter");
    assertThat(page).hasURL(Pattern.compile(".*/$"));
    return page;
  }

  private static String patched(Page page, String node) {
    return String.valueOf(
        page.evaluate(
            "node => { const csrf = document.querySelector('meta[name=csrf]'); return"
                + " fetch('/api/v1/nodes/' + node, {method: 'PATCH', headers: {'Content-Type':"
                + " 'application/json', [csrf.dataset.header]: csrf.content}, body:"
                + " JSON.stringify({addLabels: ['tried']})}).then(a => a.json().then(j => a.status"
                + " + ' ' + j.id)); }",
            node));
  }

  @Test
  @Order(3)
  void anOperatorChangesNodesAndIsToldWhatOnlyAnAdministratorMay() {
    Page page = desk.as("operator", Look.LIGHT);
    page.navigate("/nodes/" + name(3));
    page.getByLabel("Label").fill("row-7");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Add").setExact(true))
        .click();
    assertThat(page.locator("#node")).containsText("row-7");
    assertThat(desk.names("label=row-7")).containsExactly(name(3));

    // Protected by an administrator: told by name, and nothing changes.
    desk.change("/api/v1/nodes/" + name(3), "{\"addLabels\":[\"protected\"]}");
    page.reload();
    page.getByLabel("Label").fill("protected");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Remove").setExact(true))
        .click();
    assertThat(page.locator("#outcome p.bad")).containsText("APP-");
    assertThat(page.locator("#outcome p.bad")).containsText("administrator");
    assertThat(desk.names("label=protected")).containsExactly(name(3));

    page.navigate("/accounts");
    assertThat(page.locator("h1")).hasText("Your account");
    assertThat(page.locator("main")).not().containsText("API tokens");
    page.navigate("/audit");
    assertThat(page.locator("tbody")).containsText("operator");
    assertThat(
            desk.api("/api/v1/audit?limit=50")
                .valueStream()
                .filter(e -> e.path("who").asString().equals("operator"))
                .map(e -> e.path("what").asString())
                .toList())
        .anyMatch(what -> what.startsWith("PATCH /api/v1/nodes/"));
    page.context().close();
    assertThat(desk.complaints()).hasSize(1).allMatch(complaint -> complaint.contains("40"));
  }
}
