package io.kindling.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.kindling.tests.endtoend.ContainerCluster.output;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import io.kindling.tests.browser.Desk.Look;
import io.kindling.tests.endtoend.ContainerCluster;
import io.kindling.tests.endtoend.Scenario;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.ContainerHost;
import io.kindling.tests.rack.NodeShell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Three container hosts become a Ceph cluster in the browser, from the first login to a healthy
/// cluster, stopped and gone on with on the way; what fails afterwards is seen, told and mended.
/// Whatever a page says is read again through the API.
@Tag("full")
final class ConsoleDeploymentTest {
  private static final List<String> NAMES = List.of("host-1", "host-2", "host-3");
  private static final Duration DEPLOYMENT = Duration.ofMinutes(15);
  private static final Duration CHECK = Duration.ofMinutes(5);

  private ContainerCluster cluster;
  private Scenario scenario;
  private Desk desk;
  private Page page;

  @BeforeEach
  void open() throws Exception {
    cluster = ContainerCluster.start("desk");
    scenario = cluster.scenario;
    desk = new Desk(scenario.network, scenario.appliance, scenario.directory, () -> {});
    page = desk.page(Look.LIGHT);
  }

  @AfterEach
  void close() {
    if (desk != null) {
      desk.close();
    }
    cluster.close();
  }

  @Test
  void hostsBecomeAHealthyClusterInTheBrowserAndWhatFailsIsSeenAndMended() {
    hostsJoin();
    rolesAreGiven();
    networksAreVerified();
    deploymentStopsOnRequestAndGoesOn();
    healthIsGood();
    aStoppedOsdIsFoundAndMended();
    aHostGoesIntoMaintenanceAndOutOfIt();
    aHostThatFailsIsToldAndTriedAgain();
    assertThat(desk.complaints()).isEmpty();
  }

  private static LocatorAssertions.ContainsTextOptions within(Duration limit) {
    return new LocatorAssertions.ContainsTextOptions().setTimeout(limit.toMillis());
  }

  private Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
  }

  private Locator headline() {
    return page.locator("#deployment h2").first();
  }

  private Locator outcome() {
    return page.locator("#outcome");
  }

  private List<String> states() {
    return desk.api("/api/v1/nodes")
        .valueStream()
        .map(n -> n.path("name").asString() + " " + n.path("state").asString())
        .sorted()
        .toList();
  }

  private static List<String> all(String state) {
    return NAMES.stream().map(name -> name + " " + state).toList();
  }

  private void say(String what) {
    scenario.terminal.say(what);
  }

  /// The first by the lines that the page shows; the page announces each.
  private void hostsJoin() {
    assertThat(page.locator("#main")).containsText("No machine has reported yet");
    ContainerHost first = cluster.host(1, List.of(6 << 10, 7 << 10));
    first.on();
    page.navigate("/settings");
    button("Make a token").click();
    assertThat(page.locator("#invited")).containsText("--join");
    Commands.Result joined = cluster.join(first, page.locator("#invited").textContent());
    assertThat(joined.ok()).as(joined.output()).isTrue();
    page.navigate("/");
    assertThat(page.locator("table.nodes")).containsText("host-1");
    for (int number : List.of(2, 3)) {
      cluster.joined(number, List.of(6 << 10, 7 << 10));
      assertThat(page.locator("#news")).containsText("host-" + number);
    }
    assertThat(page.locator("table.nodes tbody tr")).hasCount(3);
    assertThat(desk.names("")).containsExactlyInAnyOrderElementsOf(NAMES);
    say("three hosts joined");
  }

  private void rolesAreGiven() {
    page.navigate("/settings");
    page.getByLabel("cluster.yaml", new Page.GetByLabelOptions().setExact(true))
        .fill("name: desk\n" + ContainerCluster.NETWORKS.replace("nodes:\n", "nodes: []\n"));
    button("Apply").click();
    assertThat(page.locator("#outcome p.good")).hasCount(1);
    page.navigate("/cluster");
    page.getByLabel("Objects").selectOption("none");
    button("Save").click();
    assertThat(page.locator("#outcome p.good")).hasCount(1);
    page.navigate("/cluster/roles");
    page.getByLabel("Select all nodes").check();
    for (String role : List.of("ceph-mon", "ceph-osd")) {
      page.getByLabel("Role", new Page.GetByLabelOptions().setExact(true)).selectOption(role);
      button("Add role").click();
      for (String name : NAMES) {
        assertThat(row(name)).containsText(role);
      }
    }
    assertThat(page.locator(".note.n-error")).hasCount(0);
    for (JsonNode node : desk.api("/api/v1/cluster/design").path("nodes")) {
      assertThat(node.path("roles").toString()).contains("ceph-mon", "ceph-osd");
    }
    desk.shoot(page, "deployment-roles");
  }

  private Locator row(String name) {
    return page.locator("tr[data-name='" + name + "']");
  }

  private void networksAreVerified() {
    page.navigate("/networks");
    page.waitForResponse(
        r -> r.request().method().equals("POST") && r.url().endsWith("/cluster/networks"),
        new Page.WaitForResponseOptions().setTimeout(CHECK.toMillis()),
        () -> button("Verify now").click());
    assertThat(page.locator("table.matrix").first()).containsText("host-3");
    JsonNode verified = desk.api("/api/v1/cluster/networks");
    assertThat(page.locator("#main"))
        .containsText(verified.path("good").asBoolean() ? "nothing wrong" : "see below");
    desk.shoot(page, "deployment-networks");
    say("networks verified: " + verified.path("good"));
  }

  private void deploymentStopsOnRequestAndGoesOn() {
    page.navigate("/cluster/review");
    assertThat(page.locator("tbody tr")).hasCount(3);
    button("Deploy").click();
    confirm();
    assertThat(page).hasURL(Pattern.compile(".*/deploy$"));
    assertThat(headline()).hasText("Under way");
    assertThat(page.locator(".task-running").first()).isVisible();

    // The log comes as it is written, and is searched.
    assertThat(page.locator("#log-lines"))
        .containsText(Pattern.compile("changed|item|KINDLING|package"), within(CHECK));
    // By the reader's clock, not as the API tells it.
    assertThat(page.locator("#log-lines"))
        .containsText(Pattern.compile("20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d "));
    assertThat(page.locator("#log-lines"))
        .not()
        .containsText(Pattern.compile("\\dT\\d\\d:\\d\\d:\\d\\d"));
    page.locator("#log-search").fill("no such text");
    assertThat(page.locator("#log-count")).containsText(Pattern.compile("0 of [1-9]"));
    page.locator("#log-search").fill("");
    desk.shoot(page, "deployment-running");

    button("Stop here").click();
    confirm();
    assertThat(headline()).containsText("Stopped on request", within(CHECK));
    assertThat(states()).isEqualTo(all("error"));
    for (JsonNode node : desk.api("/api/v1/nodes")) {
      assertThat(node.path("reason").asString()).startsWith("ENG-007");
    }
    assertThat(desk.api("/api/v1/deploy").path("running").asBoolean()).isFalse();
    desk.shoot(page, "deployment-stopped");
    say("stopped on request");

    page.locator("#resume").click();
    assertThat(headline()).hasText("Under way");
    assertThat(page.locator("#main"))
        .containsText(
            Pattern.compile("about \\d+ (s|min) left, by what like steps took"), within(CHECK));
    assertThat(headline()).containsText("Deployed", within(DEPLOYMENT));
    assertThat(states()).isEqualTo(all("ready"));
    assertThat(desk.api("/api/v1/deploy").path("percent").asInt()).isEqualTo(100);
    assertThat(output(scenario.shell("host-1"), "sudo ceph health")).isEqualTo("HEALTH_OK");
    desk.shoot(page, "deployment-done");
    say("deployed");
  }

  private void confirm() {
    page.getByRole(AriaRole.DIALOG)
        .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Do it"))
        .click();
  }

  private List<String> check() {
    page.navigate("/health");
    page.waitForResponse(
        r -> r.request().method().equals("POST") && r.url().endsWith("/check"),
        new Page.WaitForResponseOptions().setTimeout(CHECK.toMillis()),
        () -> button("Check now").click());
    var findings = new ArrayList<String>();
    for (JsonNode found : desk.api("/api/v1/check").path("rows")) {
      if (found.path("finding").isObject()) {
        findings.add(
            found.path("finding").path("error").asString()
                + " "
                + found.path("subject").asString());
      }
    }
    assertThat(page.locator("h2").first())
        .containsText(findings.isEmpty() ? "As planned" : "Not as planned");
    return findings;
  }

  private void healthIsGood() {
    assertThat(check()).isEmpty();
    assertThat(page.locator("#main"))
        .containsText("HEALTH_OK; 3 of 3 monitors in quorum; 6 of 6 OSDs");
    desk.shoot(page, "health-good");
    assertThat(Desk.accessibilityFaults(page)).isEmpty();
  }

  private void aStoppedOsdIsFoundAndMended() {
    NodeShell two = scenario.shell("host-2");
    String osd = output(two, "sudo ls /var/lib/ceph/osd | head -n 1").replace("ceph-", "");
    output(two, "sudo systemctl stop ceph-osd@" + osd);
    output(scenario.shell("host-1"), "sudo ceph osd down osd." + osd);
    List<String> findings = check();
    assertThat(findings).contains("CHK-006 osd." + osd, "CHK-003 OSD_DOWN");
    assertThat(page.locator(".failures"))
        .containsText(Pattern.compile("CHK-006[\\s\\S]*osd\\." + osd));
    assertThat(page.locator("#main")).containsText("5 of 6 OSDs");
    assertThat(page.locator("td.erased").first()).isVisible();
    desk.shoot(page, "health-osd-down");
    assertThat(Desk.accessibilityFaults(page)).isEmpty();
    Page phone = desk.page(Look.PHONE_DARK);
    phone.navigate("/health");
    assertThat(phone.locator(".failures")).containsText("osd." + osd);
    desk.shoot(phone, "health-osd-down-phone");
    assertThat(Desk.accessibilityFaults(phone)).isEmpty();
    phone.context().close();
    page.navigate("/deploy");
    page.locator("#start").click();
    assertThat(headline()).hasText("Under way");
    assertThat(headline()).containsText("Deployed", within(DEPLOYMENT));
    assertThat(check()).isEmpty();
    say("a stopped OSD was found and mended");
  }

  private void aHostGoesIntoMaintenanceAndOutOfIt() {
    page.navigate("/nodes/host-2");
    assertThat(page.locator("#rescue, #wipe")).hasCount(0); // it has its own system
    button("Enter maintenance").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(dialog).containsText("ceph osd set-group noout host-2", within(CHECK));
    desk.shoot(page, "maintenance-asked");
    assertThat(Desk.accessibilityFaults(page)).isEmpty();
    page.keyboard().press("Escape");
    assertThat(dialog).isHidden();
    assertThat(flags()).doesNotContain("noout");
    maintain("Enter maintenance", "enter");
    assertThat(flags()).contains("noout");
    desk.shoot(page, "health-maintenance");
    assertThat(Desk.accessibilityFaults(page)).isEmpty();
    page.navigate("/nodes/host-2");
    maintain("End maintenance", "exit");
    assertThat(flags()).doesNotContain("noout");
    say("a host went into maintenance and out of it");
  }

  private void maintain(String button, String step) {
    button(button).click();
    assertThat(page.getByRole(AriaRole.DIALOG)).isVisible(visibleWithin(CHECK));
    confirm();
    assertThat(outcome()).containsText("begun", within(CHECK));
    page.navigate("/health");
    assertThat(page.locator("#operation .state")).hasText("done", textWithin(CHECK));
    JsonNode operation = desk.api("/api/v1/operation");
    assertThat(operation.path("state").asString()).as(step).isEqualTo("done");
    assertThat(operation.path("title").asString()).contains("host-2");
  }

  private static LocatorAssertions.IsVisibleOptions visibleWithin(Duration limit) {
    return new LocatorAssertions.IsVisibleOptions().setTimeout(limit.toMillis());
  }

  private static LocatorAssertions.HasTextOptions textWithin(Duration limit) {
    return new LocatorAssertions.HasTextOptions().setTimeout(limit.toMillis());
  }

  private String flags() {
    return output(scenario.shell("host-1"), "sudo ceph health detail");
  }

  /// Another host key than the one it joined with.
  private void aHostThatFailsIsToldAndTriedAgain() {
    NodeShell three = scenario.shell("host-3");
    output(
        three,
        "cd /etc/ssh && sudo mkdir kept && sudo mv ssh_host_ed25519_key* kept/ && sudo ssh-keygen"
            + " -q -t ed25519 -N '' -f ssh_host_ed25519_key && sudo systemctl restart ssh");
    page.navigate("/deploy");
    page.locator("#start").click();
    Locator failed = page.locator(".failures");
    assertThat(failed).containsText("host-3", within(DEPLOYMENT));
    JsonNode node = desk.api("/api/v1/nodes/host-3");
    assertThat(node.path("state").asString()).isEqualTo("error");
    assertThat(failed).containsText(node.path("reason").asString().split(" ")[0]);
    assertThat(failed).containsText("Look for a second machine with that address");
    desk.shoot(page, "deployment-failed");
    assertThat(Desk.accessibilityFaults(page)).isEmpty();

    // Three copies want three hosts: it cannot be left out.
    page.locator("#skip-" + node.path("id").asString()).click();
    confirm();
    assertThat(outcome()).containsText("APP-069");
    assertThat(desk.api("/api/v1/nodes/host-3").path("stage").asString()).startsWith("ceph");

    assertThat(headline()).containsText("Stopped", within(DEPLOYMENT));
    output(
        three, "cd /etc/ssh && sudo mv kept/* . && sudo rmdir kept && sudo systemctl restart ssh");
    page.locator("#retry-" + node.path("id").asString()).click();
    assertThat(headline()).containsText("Deployed", within(DEPLOYMENT));
    assertThat(states()).isEqualTo(all("ready"));
    say("a host that failed was tried again");
  }
}
