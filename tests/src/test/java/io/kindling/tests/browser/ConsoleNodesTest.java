package io.kindling.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import io.kindling.tests.browser.Desk.Look;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// The pages Nodes and Node, used as an operator uses them; whatever they say or do is read again
/// through the API.
@Tag("rack")
final class ConsoleNodesTest extends AtTheDesk {
  private static final int ILL = 4;
  private static final int ODD = 5;

  ConsoleNodesTest() {
    super("desk");
  }

  private Locator rows() {
    return page.locator("table.nodes tbody tr");
  }

  /// The names in the table, from above.
  private List<String> shown() {
    return page.locator("table.nodes .c-name b").allInnerTexts().stream()
        .filter(text -> !text.endsWith(":"))
        .toList();
  }

  private JsonNode node(int number) {
    return desk.api("/api/v1/nodes/" + Desk.encoded(Reports.mac(number)));
  }

  private String name(int number) {
    return node(number).path("name").asString();
  }

  @Test
  @Order(1)
  void anEmptyRackSaysWhatToDoAndTheFirstMachineAnnouncesItself() {
    page.navigate("/");
    assertThat(page.locator("#nodes")).containsText("No machine has reported yet");
    desk.shoot(page, "empty");
    desk.report(Reports.well(1));
    assertThat(page.locator("#news")).containsText("New: " + name(1));
    assertThat(page.locator("#news a")).hasAttribute("href", Pattern.compile("/nodes/.+"));
    assertThat(rows()).hasCount(1);
    assertThat(shown()).isEqualTo(desk.names(""));
  }

  @Test
  @Order(2)
  void theOddOneOfARowOfLikeServersShows() {
    desk.report(Reports.well(2));
    desk.report(Reports.well(3));
    desk.report(Reports.server(ILL));
    desk.report(Reports.withoutOneModule(ODD));
    for (String other :
        List.of("hpe-dl380-gen9", "quanta-m2-jbod", "supermicro-6048r-60", "arm64-taishan-2280")) {
      desk.report(Reports.recorded(other));
    }
    assertThat(rows()).hasCount(9);
    assertThat(shown()).isEqualTo(desk.names(""));
    Locator odd = rows().filter(new Locator.FilterOptions().setHasText(name(ODD)));
    assertThat(odd).containsText("1 DIMM less than its siblings: 11, they have 12");
    assertThat(node(ODD).path("summary").path("hints").path(0).asString())
        .isEqualTo("1 DIMM less than its siblings: 11, they have 12");
    assertThat(node(2).path("summary").path("hints")).isEmpty();
    Locator ill = rows().filter(new Locator.FilterOptions().setHasText(name(ILL)));
    assertThat(ill).containsText("nvme1n1: its own test says that it fails");
    assertThat(ill).containsText("Dell Inc. PowerEdge R640");
    assertThat(ill).containsText("25 Gbit/s");
  }

  @Test
  @Order(3)
  void typingNarrowsTheListAndTheUrlSaysTheSame() {
    page.navigate("/");
    page.keyboard().press("/");
    page.keyboard().type("r640 swp3");
    assertThat(rows()).hasCount(1);
    assertThat(shown()).containsExactly(name(3)).isEqualTo(desk.names("q=r640+swp3"));
    assertThat(page).hasURL(Pattern.compile(".*[?]q=r640\\+swp3$"));
    page.reload();
    assertThat(rows()).hasCount(1);
    assertThat(page.getByRole(AriaRole.SEARCHBOX)).hasValue("r640 swp3");
    page.getByRole(AriaRole.SEARCHBOX).fill("no such thing");
    assertThat(page.locator("#nodes")).containsText("No node is like that");
    assertThat(desk.names("q=no+such+thing")).isEmpty();
    page.getByRole(AriaRole.SEARCHBOX).fill("");
    assertThat(rows()).hasCount(9);
  }

  @Test
  @Order(4)
  void everyColumnSortsBothWaysAsTheApiDoes() {
    for (String key :
        List.of("name", "state", "model", "cpus", "memory", "disks", "nics", "firmware", "seen")) {
      page.navigate("/?sort=-" + key);
      page.locator("#sort-" + key).click();
      assertThat(page).hasURL(Pattern.compile(".*[?]sort=" + key + "$"));
      assertThat(page.locator("th.c-" + key)).hasAttribute("aria-sort", "ascending");
      assertThat(shown()).as(key).isEqualTo(desk.names("sort=" + key));
      page.locator("#sort-" + key).click();
      assertThat(page.locator("th.c-" + key)).hasAttribute("aria-sort", "descending");
      assertThat(shown()).as("-" + key).isEqualTo(desk.names("sort=-" + key));
    }
  }

  @Test
  @Order(4)
  void aRefreshLeavesInThePageWhatItBringsAnew() {
    page.navigate("/");
    Locator second = rows().filter(new Locator.FilterOptions().setHasText(name(2)));
    page.evaluate("() => document.querySelectorAll('#nodes tr').forEach(r => { r.kept = true; })");
    second.locator(".c-name a").first().focus();
    desk.change("/api/v1/nodes/" + node(2).path("id").asString(), "{\"addLabels\":[\"live\"]}");
    assertThat(second.locator(".tag", new Locator.LocatorOptions().setHasText("live"))).isVisible();
    assertThat(
            page.evaluate("() => [...document.querySelectorAll('#nodes tr')].every(r => r.kept)"))
        .isEqualTo(true);
    assertThat(second.locator(".c-name a").first()).isFocused();
    desk.change("/api/v1/nodes/" + node(2).path("id").asString(), "{\"removeLabels\":[\"live\"]}");
    assertThat(second.locator(".tag")).hasCount(0);
  }

  @Test
  @Order(5)
  void statesArePickedAndPagesTurned() {
    page.navigate("/?limit=4");
    List<String> all = new java.util.ArrayList<>(shown());
    assertThat(all).hasSize(4);
    page.locator("#page-next").click();
    assertThat(page.locator("#page-first")).isVisible();
    all.addAll(shown());
    page.locator("#page-next").click();
    assertThat(rows()).hasCount(1);
    all.addAll(shown());
    assertThat(all).isEqualTo(desk.names(""));
    page.navigate("/");
    page.locator("#state-discovered").click();
    assertThat(page).hasURL(Pattern.compile(".*[?]state=discovered$"));
    assertThat(page.locator("#state-discovered")).hasAttribute("aria-current", "true");
    assertThat(shown()).isEqualTo(desk.names("state=discovered"));
  }

  @Test
  @Order(6)
  void selectedNodesGetALabelByKeyboardAloneAndNobodyElse() {
    page.navigate("/?q=r640");
    assertThat(rows()).hasCount(5);
    for (int number : List.of(2, 3)) {
      page.locator("#pick-" + node(number).path("id").asString()).focus();
      page.keyboard().press("Space");
    }
    assertThat(page.locator("#bulk-count")).hasText("2 nodes selected");
    page.getByLabel("Label", new Page.GetByLabelOptions().setExact(true)).focus();
    page.keyboard().type("storage");
    page.keyboard().press("Tab");
    page.keyboard().press("Enter");
    assertThat(page.locator("#outcome p.good")).hasCount(2);
    assertThat(desk.names("label=storage")).containsExactlyInAnyOrder(name(2), name(3));
    // The selection outlives the refresh that shows the label.
    assertThat(rows().filter(new Locator.FilterOptions().setHasText("storage"))).hasCount(2);
    assertThat(page.locator("td input.pick:checked")).hasCount(2);
    desk.shoot(page, "selected");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Remove label")).click();
    assertThat(page.locator("#outcome p.good")).hasCount(2);
    assertThat(desk.names("label=storage")).isEmpty();
  }

  @Test
  @Order(7)
  void powerOffAsksFirstNamesTheMachinesAndCanBeLeft() {
    page.navigate("/?q=r640");
    long events = lastEvent();
    page.locator("#pick-all").check();
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Power off")).click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(dialog).containsText("what was not written to disk is lost");
    assertThat(dialog.getByRole(AriaRole.LISTITEM)).hasCount(5);
    desk.shoot(page, "confirm");
    page.keyboard().press("Escape");
    assertThat(dialog).isHidden();
    assertThat(lastEvent()).isEqualTo(events);
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Select none")).click();
    assertThat(page.locator("#bulk")).isHidden();
  }

  private long lastEvent() {
    JsonNode events = desk.api("/api/v1/events?limit=1000");
    return events.path(events.size() - 1).path("sequence").asLong();
  }

  @Test
  @Order(8)
  void aNodesPageShowsItsHardwareInDepth() {
    page.navigate("/nodes/" + name(ILL));
    assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
        .hasText(name(ILL));
    assertThat(page.locator("#node")).containsText("failing: nvme1n1");
    assertThat(page.locator("#node")).containsText("leaf-7a swp" + ILL);
    for (Locator part : page.locator("details.tree > summary").all()) {
      part.click();
    }
    JsonNode hardware = node(ILL).path("hardware");
    for (JsonNode module : hardware.path("memory")) {
      assertThat(page.getByLabel("Memory", new Page.GetByLabelOptions().setExact(true)))
          .containsText(module.path("serial").asString());
    }
    assertThat(page.getByLabel("Network adapters")).containsText("218.0.219.13");
    assertThat(page.getByLabel("Disks’ health")).containsText("12 reallocated sectors");
    assertThat(page.getByLabel("Board and firmware")).containsText("10.20.4.112");
    assertThat(page.getByLabel("PCI devices")).containsText("TU104GL [Tesla T4]");
    assertThat(hardware.path("bmc").path("address").asString()).isEqualTo("10.20.4.112");
  }

  @Test
  @Order(9)
  void aNodeIsLabelledAndRenamedOnItsPageAndABadNameIsRefused() {
    String before = name(1);
    page.navigate("/nodes/" + before);
    page.locator("#label input").fill("rack-7");
    page.locator("#label button[value=add]").click();
    assertThat(page.locator("#outcome")).containsText(before + ": done");
    assertThat(page.locator("#node header")).containsText("rack-7");
    assertThat(node(1).path("labels").path(0).asString()).isEqualTo("rack-7");
    page.locator("#rename input").fill(name(2));
    page.locator("#rename button").click();
    assertThat(page.locator("#outcome p.bad")).containsText("APP-005");
    assertThat(name(1)).isEqualTo(before);
    page.locator("#rename input").fill("storage-1");
    page.locator("#rename button").click();
    assertThat(page).hasURL(Pattern.compile(".*/nodes/storage-1$"));
    assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
        .hasText("storage-1");
    assertThat(name(1)).isEqualTo("storage-1");
    assertThat(desk.complaints()).singleElement().asString().contains("409");
  }

  @Test
  @Order(10)
  void theWayFromTheListToANodeNeedsNoMouse() {
    page.navigate("/?sort=-memory");
    String first = desk.names("sort=-memory").getFirst();
    page.locator("#node-" + desk.api("/api/v1/nodes/" + first).path("id").asString()).focus();
    page.keyboard().press("Enter");
    assertThat(page).hasURL(Pattern.compile(".*/nodes/.+"));
    assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
        .hasText(first);
    page.keyboard().press("Tab");
    assertThat(page.locator(".skip")).isFocused();
    page.keyboard().press("Enter");
    assertThat(page).hasURL(Pattern.compile(".*#main$"));
  }

  @Test
  @Order(11)
  void whoDoesNotSeeYetThatAnotherRenamedTheNodeDoesNotUndoIt() {
    page.navigate("/nodes/" + name(3));
    page.route("**/fragments/**", Route::abort);
    desk.change("/api/v1/nodes/" + Desk.encoded(Reports.mac(3)), "{\"name\":\"other-3\"}");
    page.locator("#rename input").fill("mine-3");
    page.locator("#rename button").click();
    assertThat(page.locator("#outcome p.bad")).containsText("APP-020");
    assertThat(name(3)).isEqualTo("other-3");
    page.unroute("**/fragments/**");
    assertThat(page.locator("#node h1")).hasText("other-3");
    page.locator("#rename button").click();
    assertThat(page).hasURL(Pattern.compile(".*/nodes/mine-3$"));
    assertThat(name(3)).isEqualTo("mine-3");
    assertThat(desk.complaints())
        .allMatch(text ->
            text.contains("412") || text.contains("ERR_FAILED") || text.startsWith("htmx:"));
  }

  @Test
  @Order(12)
  void aConnectionThatIsLostIsSaidAndTheSessionOutlivesTheAppliance() {
    page.navigate("/");
    assertThat(page.locator("#lost")).isHidden();
    desk.stopAppliance();
    assertThat(page.locator("#lost")).isVisible();
    desk.startAppliance();
    assertThat(page.locator("#lost")).isHidden();
    desk.report(Reports.well(6));
    assertThat(rows()).hasCount(10);
    assertThat(shown()).isEqualTo(desk.names(""));
    desk.complaints(); // The browser's own, of requests that nobody answered.
  }

  @Test
  @Order(13)
  void noPageHasASeriousAccessibilityFaultInAnyLook() {
    for (Look look : Look.values()) {
      Page stranger = desk.stranger(look);
      isWellMade(stranger, look, "welcome", desk.firstLink());
      isWellMade(stranger, look, "login", "/login");
      stranger.context().close();
      Page own = desk.page(look);
      isWellMade(own, look, "nodes", "/");
      isWellMade(own, look, "node", "/nodes/" + name(ILL));
      isWellMade(own, look, "networks", "/networks");
      isWellMade(own, look, "accounts", "/accounts");
      isWellMade(own, look, "audit", "/audit");
      isWellMade(own, look, "no-match", "/?q=nothing");
      isWellMade(own, look, "problem", "/?sort=colour");
      own.context().close();
    }
    assertThat(desk.complaints()).allMatch(text -> text.contains("400"));
  }

  private void isWellMade(Page own, Look look, String what, String path) {
    String name = what + "-" + look.name().toLowerCase(Locale.ROOT);
    own.navigate(path);
    own.locator("details.tree > summary").all().stream().limit(4).forEach(Locator::click);
    desk.shoot(own, name);
    assertThat(Desk.accessibilityFaults(own)).as(name).isEmpty();
    Object wider = own.evaluate("() => document.documentElement.scrollWidth - window.innerWidth");
    assertThat(((Number) wider).intValue()).as("scrolls sideways: " + name).isLessThan(1);
  }

  @Test
  @Order(14)
  void theFirstLinkMadeOneAdministratorAndAWrongPasswordOpensNothing() {
    assertThat(desk.api("/api/v1/accounts").valueStream().map(a -> a.path("role").asString()))
        .containsExactly("admin");
    Page stranger = desk.stranger(Look.LIGHT);
    stranger.navigate("/nodes/" + name(ILL));
    assertThat(stranger).hasURL(Pattern.compile(".*/login[?]next=.*"));
    stranger.getByLabel("Name").fill(Desk.ADMIN);
    stranger.getByLabel("Password").fill("not the password");
    stranger.keyboard().press("Enter");
    assertThat(stranger.getByRole(AriaRole.ALERT)).containsText("APP-503");
    stranger.getByLabel("Password").fill(Desk.PASSWORD);
    stranger.keyboard().press("Enter");
    assertThat(stranger).hasURL(Pattern.compile(".*/nodes/" + name(ILL) + "$"));
    stranger.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Log out")).click();
    assertThat(stranger).hasURL(Pattern.compile(".*/login$"));
    stranger.navigate("/");
    assertThat(stranger).hasURL(Pattern.compile(".*/login$"));
    assertThat(desk.complaints()).allMatch(text -> text.contains("401"));
  }
}
