package io.kindling.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import io.kindling.tests.browser.Desk.Look;
import io.kindling.tests.endtoend.KindlingCli;
import io.kindling.tests.rack.Commands;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What is done to one machine and with the appliance's state: rescue, wipe, adoption, how BMCs are
/// reached, a backup. Whatever a page says is read again through the API.
@Tag("rack")
final class ConsoleMachineTest extends AtTheDesk {
  private static final String KEY = "ssh-ed25519 " + "A".repeat(68) + " ada";
  private static final String SECRET = "s3cret of the BMC";
  private static final String PASSPHRASE = "a passphrase of some words";

  ConsoleMachineTest() {
    super("machine");
  }

  private JsonNode node(int number) {
    return desk.api("/api/v1/nodes/" + Desk.encoded(Reports.mac(number)));
  }

  private String name(int number) {
    return node(number).path("name").asString();
  }

  private String state(int number) {
    return node(number).path("state").asString();
  }

  private void show(int number) {
    page.navigate("/nodes/" + name(number));
  }

  private Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
  }

  private Locator dialog() {
    return page.getByRole(AriaRole.DIALOG);
  }

  private void answer(String name) {
    dialog().getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name)).click();
  }

  private Locator headState() {
    return page.locator("#node header .state");
  }

  @Test
  @Order(1)
  void aMachineIsRescuedByKeyboardAndTheRescueIsEnded() {
    desk.report(Reports.well(1));
    show(1);
    page.locator("#rescue-box summary").focus();
    page.keyboard().press("Enter");
    page.keyboard().press("Tab");
    page.keyboard().type(KEY);
    page.keyboard().press("Tab");
    page.keyboard().press("Tab");
    page.keyboard().press("Enter");
    assertThat(dialog()).containsText("nothing on its disks is touched");
    assertThat(dialog().getByRole(AriaRole.LISTITEM)).containsText(name(1));
    page.keyboard().press("Escape");
    assertThat(state(1)).isEqualTo("discovered");
    button("Rescue …").click();
    answer("Do it");
    assertThat(page.locator("#outcome p.good")).containsText("stays there");
    assertThat(headState()).hasText("rescue");
    assertThat(state(1)).isEqualTo("rescue");
    for (Look look : Look.values()) {
      isWellMade(look, "rescue", "/nodes/" + name(1));
    }
    page.locator("#end-rescue").click();
    assertThat(headState()).hasText("discovered");
    assertThat(state(1)).isEqualTo("discovered");
    assertThat(page.locator("#end-rescue")).hasCount(0);
    assertThat(audited()).contains("DELETE rescue", "POST rescue");
  }

  /// What was changed on nodes, the newest first.
  private List<String> audited() {
    return desk.api("/api/v1/audit?limit=20")
        .valueStream()
        .map(e -> e.path("what").asString())
        .filter(what -> what.contains("/nodes/"))
        .map(what -> what.replaceFirst("/api/v1/nodes/[^/]*/?", ""))
        .toList();
  }

  @Test
  @Order(2)
  void onlyChosenDisksAreWipedAndWhatIsLostIsNamedFirst() {
    desk.report(Reports.well(2));
    show(2);
    page.locator("#wipe-box summary").click();
    button("Wipe …").click();
    assertThat(page.locator("#outcome p.bad")).containsText("Choose the disks");
    JsonNode disks = node(2).path("disks");
    String one = disks.path(0).path("id").asString();
    String other = disks.path(1).path("id").asString();
    page.locator("#wipe input[value='" + one + "']").check();
    button("Wipe …").click();
    assertThat(dialog()).containsText("lost for good");
    assertThat(dialog().getByRole(AriaRole.LISTITEM)).hasCount(1);
    assertThat(dialog()).containsText(one);
    desk.shoot(page, "wipe-asked");
    answer("Leave it");
    assertThat(state(2)).isEqualTo("discovered");
    button("Wipe …").click();
    answer("Do it");
    assertThat(headState()).hasText("wiping");
    assertThat(page.locator("#node")).containsText(one);
    assertThat(state(2)).isEqualTo("wiping");
    assertThat(node(2).path("reason").asString()).contains(one).doesNotContain(other);
    for (Look look : Look.values()) {
      isWellMade(look, "wiping", "/nodes/" + name(2));
    }
    page.locator("#end-wipe").click();
    assertThat(headState()).hasText("discovered");
    assertThat(page.locator("#outcome p.good").last()).containsText("nothing was wiped");
    assertThat(state(2)).isEqualTo("discovered");
  }

  @Test
  @Order(3)
  void aProtectedMachineWantsASecondWordOfAnAdministrator() {
    desk.change("/api/v1/nodes/" + name(2), "{\"addLabels\":[\"protected\"]}");
    show(2);
    page.locator("#rescue-box summary").click();
    button("Rescue …").click();
    answer("Do it");
    assertThat(dialog()).containsText("All the same?");
    answer("Leave it");
    assertThat(page.locator("#outcome p.bad")).containsText("APP-513");
    assertThat(state(2)).isEqualTo("discovered");
    button("Rescue …").click();
    answer("Do it");
    assertThat(dialog()).containsText("All the same?");
    answer("Do it");
    assertThat(headState()).hasText("rescue");
    page.locator("#end-rescue").click();
    assertThat(headState()).hasText("discovered");
    assertThat(desk.complaints()).hasSize(2).allMatch(text -> text.contains("409"));
  }

  @Test
  @Order(4)
  void whoDoesNotSeeYetWhatTheMachineIsNowOrdersNothing() {
    show(1);
    page.route("**/fragments/**", Route::abort);
    desk.change("/api/v1/nodes/" + name(1), "{\"addLabels\":[\"moved\"]}");
    page.locator("#rescue-box summary").click();
    button("Rescue …").click();
    answer("Do it");
    assertThat(page.locator("#outcome p.bad")).containsText("APP-020");
    assertThat(state(1)).isEqualTo("discovered");
    page.unroute("**/fragments/**");
    assertThat(desk.complaints()).allMatch(text -> text.contains("412") || isOfARefresh(text));
  }

  /// Where refreshes are cut off.
  private static boolean isOfARefresh(String complaint) {
    return complaint.contains("ERR_FAILED") || complaint.startsWith("htmx:");
  }

  @Test
  @Order(5)
  void aRescueEndsWhateverElseHasChangedAndItsButtonOutlivesRefreshes() {
    show(1);
    page.locator("#rescue-box summary").click();
    button("Rescue …").click();
    answer("Do it");
    assertThat(headState()).hasText("rescue");
    page.locator("#end-rescue").evaluate("button => button.marked = true");
    desk.change("/api/v1/nodes/" + name(1), "{\"addLabels\":[\"seen\"]}");
    assertThat(page.locator("#node header .tag", new Page.LocatorOptions().setHasText("seen")))
        .hasCount(1);
    assertThat(page.locator("#end-rescue").evaluate("button => button.marked")).isEqualTo(true);
    page.route("**/fragments/**", Route::abort);
    desk.change("/api/v1/nodes/" + name(1), "{\"addLabels\":[\"unseen\"]}");
    page.locator("#end-rescue").click();
    assertThat(page.locator("#outcome p.good").last()).containsText("discovered again");
    assertThat(state(1)).isEqualTo("discovered");
    page.unroute("**/fragments/**");
    assertThat(desk.complaints()).allMatch(ConsoleMachineTest::isOfARefresh);
  }

  @Test
  @Order(6)
  void aMachineOfAnotherApplianceIsAdoptedFromItsPageAndFromTheList() {
    desk.report(
        Reports.well(3)
            .replaceFirst("\"partlabel\": (null|\"[^\"]*\")", "\"partlabel\": \"kindling-os-1\""));
    assertThat(state(3)).isEqualTo("adoptable");
    show(3);
    page.locator("#adopt textarea").fill("no key at all");
    button("Adopt").click();
    assertThat(page.locator("#outcome p.bad")).containsText("APP-015");
    assertThat(page.locator("#adopt textarea")).hasValue(""); // a key stays nowhere
    button("Adopt").click();
    assertThat(page.locator("#outcome p.good")).containsText("boots into the bootstrap once");
    assertThat(ordered()).isEqualTo(1);
    for (Look look : Look.values()) {
      isWellMade(look, "adoptable", "/nodes/" + name(3));
    }
    page.navigate("/?state=adoptable");
    page.locator("#pick-all").check();
    button("Adopt").click();
    assertThat(page.locator("#outcome p.good")).containsText("boots into the bootstrap once");
    assertThat(ordered()).isEqualTo(2);
    assertThat(desk.complaints()).hasSize(1).allMatch(text -> text.contains("400"));
  }

  private long ordered() {
    return desk.api("/api/v1/events?limit=1000")
        .valueStream()
        .filter(e -> e.path("kind").asString().equals("adoption-ordered"))
        .count();
  }

  @Test
  @Order(7)
  void howABmcIsReachedIsKeptForANodeAndForALabelAndNoPasswordIsShown() {
    show(1);
    page.locator("#bmc").locator("xpath=..").locator("summary").click();
    page.locator("#bmc [name=kind]").selectOption("redfish");
    assertThat(page.locator("#bmc [name=cipher]")).isHidden();
    page.locator("#bmc [name=user]").fill("admin");
    page.locator("#bmc [name=password]").fill(SECRET);
    page.locator("#bmc [name=address]").fill("127.0.0.1:1");
    button("Keep, and ask it").click();
    assertThat(page.locator("#outcome p.good")).containsText("redfish, user admin, at 127.0.0.1:1");
    assertThat(page.locator("#outcome p.bad")).containsText("APP-4"); // nobody listens there
    assertThat(page.locator("#bmc [name=password]")).hasValue("");
    assertThat(node(1).path("power").path("kind").asString()).isEqualTo("redfish");
    assertThat(page.content()).doesNotContain(SECRET);
    page.locator("#bmc button[value=unset]").click();
    assertThat(page.locator("#outcome p.good")).containsText("forgotten");
    assertThat(node(1).path("power").has("kind")).isFalse();

    page.navigate("/settings");
    page.locator("#bmc").locator("xpath=..").locator("summary").click();
    page.locator("#bmc [name=label]").fill("moved");
    page.locator("#bmc [name=user]").fill("admin");
    page.locator("#bmc [name=password]").fill("short");
    page.locator("#bmc [name=cipher]").selectOption("17");
    page.locator("#bmc button[value=set]").click();
    assertThat(page.locator("#outcome p.good")).containsText("ipmi, user admin");
    assertThat(node(1).path("power").path("from").asString()).isEqualTo("label moved");
    Locator listed = page.locator("#labels tr", hasText("moved"));
    assertThat(listed).containsText("ipmi as admin");
    assertThat(access("moved").path("user").asString()).isEqualTo("admin");
    page.locator("#bmc button[value=show]").click();
    assertThat(page.locator("#outcome p.good")).containsText("from label moved");
    page.locator("#bmc button[value=unset]").click();
    assertThat(page.locator("#outcome p.good")).containsText("forgotten");
    assertThat(listed).containsText("none");
    assertThat(access("moved").isObject()).isFalse();
    assertThat(node(1).path("power").has("kind")).isFalse();
    assertThat(desk.complaints()).isNotEmpty().allMatch(text -> text.contains("50"));
  }

  /// How the BMCs of that label's nodes are reached, as the API lists it.
  private JsonNode access(String label) {
    return desk.api("/api/v1/labels")
        .valueStream()
        .filter(entry -> entry.path("label").asString().equals(label))
        .findFirst()
        .orElseThrow()
        .path("power");
  }

  private static Page.LocatorOptions hasText(String text) {
    return new Page.LocatorOptions().setHasText(text);
  }

  @Test
  @Order(8)
  void aBackupIsDownloadedThatTheCommandLineReads() throws Exception {
    page.navigate("/settings");
    page.locator("#passphrase").fill(PASSPHRASE);
    page.locator("#again").fill(PASSPHRASE + "s");
    button("Make a backup").click();
    assertThat(page.locator("#outcome p.bad")).containsText("differ");
    page.locator("#again").fill(PASSPHRASE);
    Download download = page.waitForDownload(() -> button("Make a backup").click());
    assertThat(download.suggestedFilename()).matches("kindling-.*\\.backup");
    assertThat(page.locator("#outcome p.good")).containsText("done");
    assertThat(page.locator("#passphrase")).hasValue("");
    Path file = Files.createTempFile("kindling-console", ".backup");
    Path words = Files.createTempFile("kindling-console", ".passphrase");
    try {
      download.saveAs(file);
      Files.writeString(words, PASSPHRASE, StandardCharsets.UTF_8);
      Commands.Result read =
          KindlingCli.run(
              "restore", file.toString(), "--check", "--passphrase-file", words.toString());
      assertThat(read.ok()).as(read.output()).isTrue();
      Files.writeString(words, PASSPHRASE + "s", StandardCharsets.UTF_8);
      assertThat(
              KindlingCli.run(
                      "restore", file.toString(), "--check", "--passphrase-file", words.toString())
                  .output())
          .contains("APP-075");
    } finally {
      Files.delete(file);
      Files.delete(words);
    }
    for (Look look : Look.values()) {
      isWellMade(look, "settings", "/settings");
    }
  }

  @Test
  @Order(9)
  void workOnAClusterThatIsNotThereIsRefusedByName() {
    page.navigate("/health");
    assertThat(page.locator("#operation")).containsText("No drive was added");
    page.locator("#replace-osd [name=osd]").fill("3");
    button("Replace its drive").click();
    assertThat(page.locator("#outcome p.bad")).containsText("DAY-");
    for (Look look : Look.values()) {
      isWellMade(look, "health", "/health");
    }
    assertThat(desk.complaints()).allMatch(text -> text.contains("409"));
  }

  @Test
  @Order(10)
  void anOperatorHasNoWordOnBmcsAndBackupsAndAViewerOnNothing() {
    for (String role : List.of("operator", "viewer")) {
      Page own = desk.as(role, Look.LIGHT);
      for (String place : List.of("/nodes/" + name(1), "/settings", "/health")) {
        own.navigate(place);
        assertThat(own.locator("#bmc, #backup")).hasCount(0);
        assertThat(own.locator("#rescue, #wipe, #replace-osd, #adopt, main button:visible"))
            .hasCount(role.equals("viewer") ? 0 : visible(own));
      }
      own.context().close();
    }
  }

  private static int visible(Page own) {
    int count = own.locator("#rescue, #wipe, #replace-osd, #adopt, main button:visible").count();
    assertThat(count).isPositive();
    return count;
  }

  private void isWellMade(Look look, String what, String path) {
    Page own = desk.page(look);
    String name = what + "-" + look.name().toLowerCase(Locale.ROOT).replace('_', '-');
    own.navigate(path);
    own.locator("section > details.tree > summary")
        .all()
        .forEach(s -> {
          if (s.isVisible() && s.evaluate("s => !s.parentElement.open").equals(true)) {
            s.click();
          }
        });
    desk.shoot(own, name);
    assertThat(Desk.accessibilityFaults(own)).as(name).isEmpty();
    Object wider = own.evaluate("() => document.documentElement.scrollWidth - window.innerWidth");
    assertThat(((Number) wider).intValue()).as("scrolls sideways: " + name).isLessThan(1);
    own.context().close();
  }
}
