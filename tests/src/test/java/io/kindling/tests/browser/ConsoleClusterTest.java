package io.kindling.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import io.kindling.tests.browser.Desk.Look;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// The steps to a cluster, used as an operator uses them, from the first role to the order to
/// deploy; whatever they say or do is read again through the API.
@Tag("rack")
final class ConsoleClusterTest extends AtTheDesk {
  private static final int SERVERS = 4;

  ConsoleClusterTest() {
    super("pages");
  }

  private JsonNode design(int number) {
    return desk.api("/api/v1/cluster/design/" + Desk.encoded(Reports.mac(number)));
  }

  private List<String> roles(int number) {
    return design(number).path("roles").valueStream().map(JsonNode::asString).toList();
  }

  private String name(int number) {
    return design(number).path("name").asString();
  }

  private Locator row(int number) {
    return page.locator("tr[data-node='" + design(number).path("id").asString() + "']");
  }

  private Locator drive(String disk) {
    return page.locator("fieldset.drive[data-disk='" + disk + "']");
  }

  private JsonNode disk(int number, String id) {
    return design(number)
        .path("disks")
        .valueStream()
        .filter(d -> d.path("id").asString().equals(id))
        .findFirst()
        .orElseThrow();
  }

  /// The disk with that volume.
  private JsonNode holder(int number, String volume) {
    return design(number)
        .path("disks")
        .valueStream()
        .filter(d -> d.path("volumes").valueStream().anyMatch(v -> is(v, volume)))
        .findFirst()
        .orElseThrow();
  }

  private static boolean is(JsonNode volume, String id) {
    return volume.path("volume").asString().equals(id);
  }

  private static long size(JsonNode disk, String volume) {
    return disk.path("volumes")
        .valueStream()
        .filter(v -> is(v, volume))
        .mapToLong(v -> v.path("sizeMib").asLong())
        .findFirst()
        .orElse(0);
  }

  private void saved() {
    assertThat(page.locator("#outcome p.good")).hasCount(1);
  }

  @Test
  @Order(1)
  void emptyPagesSayWhatToDo() {
    page.navigate("/cluster");
    assertThat(page.locator("#main")).containsText("No cluster yet");
    page.navigate("/cluster/roles");
    assertThat(page.locator("#main")).containsText("No machine has reported yet");
    page.navigate("/cluster/disks");
    assertThat(page.locator("#main")).containsText("No machine has a role yet");
    page.navigate("/cluster/review");
    assertThat(page.locator("#main")).containsText("Nothing is planned yet");
    page.navigate("/deploy");
    assertThat(page.locator("#main")).containsText("Nothing is to be deployed yet");
    page.navigate("/health");
    assertThat(page.locator("#main")).containsText("Nothing was checked yet");
  }

  @Test
  @Order(2)
  void storageSettingsBeginTheCluster() {
    page.navigate("/cluster");
    page.getByLabel("Copies of everything in Ceph").fill("2");
    page.getByLabel("Images").selectOption("file");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Save")).click();
    saved();
    JsonNode storage = desk.api("/api/v1/cluster/design").path("storage");
    assertThat(storage.path("replicas").asInt()).isEqualTo(2);
    assertThat(storage.path("images").asString()).isEqualTo("file");
    page.getByLabel("Copies of everything in Ceph").fill("3");
    page.waitForResponse(
        r -> r.request().method().equals("PATCH"), () -> page.keyboard().press("Enter"));
    page.reload();
    assertThat(page.getByLabel("Copies of everything in Ceph")).hasValue("3");
    assertThat(desk.api("/api/v1/cluster/design").path("storage").path("replicas").asInt())
        .isEqualTo(3);
  }

  @Test
  @Order(3)
  void aRoleIsDraggedOntoANodeAndWhatIsMissingShowsAtOnce() {
    for (int number = 1; number <= SERVERS; number++) {
      desk.report(Reports.well(number));
    }
    page.navigate("/cluster/roles");
    assertThat(page.locator("tr[data-node]")).hasCount(SERVERS);
    page.locator(".rolecard[data-role=ceph-osd]").dragTo(row(1));
    saved();
    assertThat(row(1)).containsText("ceph-osd");
    assertThat(roles(1)).containsExactly("ceph-osd");
    assertThat(page.locator(".note.n-error")).containsText("There are OSDs and no monitor");
    assertThat(desk.api("/api/v1/cluster/design").path("notes").toString())
        .contains("There are OSDs and no monitor");
    // A node onto a role.
    row(2).dragTo(page.locator(".rolecard[data-role=ceph-osd]"));
    saved();
    assertThat(row(2)).containsText("ceph-osd");
    assertThat(roles(2)).containsExactly("ceph-osd");
  }

  @Test
  @Order(4)
  void manyNodesGetARoleByKeyboardAlone() {
    page.navigate("/cluster/roles");
    for (int number : List.of(1, 2, 3)) {
      page.locator("#role-" + design(number).path("id").asString()).focus();
      page.keyboard().press("Space");
    }
    assertThat(page.locator("#roles-count")).hasText("3 nodes selected");
    page.getByLabel("Role", new Page.GetByLabelOptions().setExact(true)).focus();
    page.keyboard().type("ceph-mon");
    page.keyboard().press("Tab");
    page.keyboard().press("Enter");
    saved();
    for (int number : List.of(1, 2)) {
      assertThat(roles(number)).containsExactly("ceph-mon", "ceph-osd");
    }
    assertThat(roles(3)).containsExactly("ceph-mon");
    assertThat(page.locator(".note.n-error")).hasCount(0);
    // The selection outlives the refresh.
    assertThat(page.locator("input.pick:checked")).hasCount(3);
    page.getByLabel("Role", new Page.GetByLabelOptions().setExact(true)).selectOption("ceph-osd");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Add role")).click();
    assertThat(row(3)).containsText("ceph-osd");
    assertThat(roles(3)).containsExactly("ceph-mon", "ceph-osd");
    desk.shoot(page, "roles-selected");
    row(4).getByRole(AriaRole.CHECKBOX).check();
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Remove all")).click();
    page.keyboard().press("Escape");
    assertThat(roles(1)).containsExactly("ceph-mon", "ceph-osd");
  }

  @Test
  @Order(5)
  void aVolumeIsResizedByKeyboardAndByPointer() {
    JsonNode before = holder(1, "mon");
    String id = before.path("id").asString();
    page.navigate("/cluster/disks/" + name(1));
    Locator handle = drive(id).getByRole(AriaRole.SLIDER);
    handle.focus();
    page.keyboard().press("ArrowRight");
    page.keyboard().press("ArrowRight");
    page.locator("#save").press("Enter");
    saved();
    assertThat(size(disk(1, id), "os")).isEqualTo(size(before, "os") + 2048);
    assertThat(size(disk(1, id), "mon")).isLessThan(size(before, "mon"));
    assertThat(page.locator("#save")).isDisabled();
    long now = size(disk(1, id), "os");
    handle.focus(); // no refresh comes while its place is read
    BoundingBox box = handle.boundingBox();
    page.mouse().move(box.x + box.width / 2, box.y + box.height / 2);
    page.mouse().down();
    page.mouse().move(box.x + box.width / 2 + 200, box.y + box.height / 2, steps());
    page.mouse().up();
    String told = handle.getAttribute("aria-valuenow");
    desk.shoot(page, "disks-resized");
    page.locator("#save").click();
    assertThat(page.locator("#save")).isDisabled();
    assertThat(size(disk(1, id), "os")).isGreaterThan(now).isEqualTo(Long.parseLong(told));
  }

  private static com.microsoft.playwright.Mouse.MoveOptions steps() {
    return new com.microsoft.playwright.Mouse.MoveOptions().setSteps(8);
  }

  @Test
  @Order(6)
  void aDriveBecomesAJournalAndSaysWhichOsdsItServesAndMachinesLikeItGetTheSame() {
    List<String> nvme =
        design(1)
            .path("disks")
            .valueStream()
            .filter(d -> d.path("media").asString().equals("nvme"))
            .map(d -> d.path("id").asString())
            .toList();
    page.navigate("/cluster/disks/" + name(1));
    Locator drive = drive(nvme.getFirst());
    drive.locator("[data-volume=ceph] .used").uncheck();
    drive.locator("[data-volume=cephjournal] .used").check();
    page.locator("#save").click();
    saved();
    JsonNode journal = disk(1, nvme.getFirst());
    assertThat(journal.path("serves")).isNotEmpty();
    for (JsonNode served : journal.path("serves")) {
      assertThat(drive).containsText(served.asString());
    }
    assertThat(drive(nvme.getLast()))
        .containsText("journal is on " + journal.path("name").asString());
    assertThat(disk(1, nvme.getLast()).path("journal")).isEqualTo(journal.path("name"));
    assertThat(page.locator("#copy")).containsText(name(2));
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Copy this layout"))
        .click();
    saved();
    for (int number : List.of(2, 3)) {
      assertThat(holder(number, "cephjournal").path("media").asString()).isEqualTo("nvme");
      assertThat(holder(number, "cephjournal").path("serves")).isEqualTo(journal.path("serves"));
    }
    desk.shoot(page, "disks-journal");
  }

  @Test
  @Order(7)
  void whatIsLostIsRedAndADriveCanBeSpared() {
    JsonNode full =
        design(3)
            .path("disks")
            .valueStream()
            .filter(d -> d.path("erased").asBoolean())
            .findFirst()
            .orElseThrow();
    page.navigate("/cluster/disks/" + name(3));
    Locator drive = drive(full.path("id").asString());
    assertThat(drive.locator(".erased")).containsText(full.path("lost").path(0).asString());
    boolean system = size(full, "os") > 0;
    if (system) { // the system must lie somewhere
      Locator other =
          drive(holder(3, "ceph").path("id").asString()).locator("[data-volume=os] .used");
      other.check();
    }
    drive.locator(".keep").check();
    page.locator("#save").click();
    saved();
    assertThat(disk(3, full.path("id").asString()).path("untouched").asBoolean()).isTrue();
    assertThat(drive.locator(".erased")).hasCount(0);
    page.locator("#standard").click();
    assertThat(drive.locator(".erased")).hasCount(1);
    assertThat(disk(3, full.path("id").asString()).path("untouched").asBoolean()).isFalse();
  }

  @Test
  @Order(8)
  void aLayoutThatCannotBeIsRefusedByNameAndNothingChanges() {
    String before = design(2).path("disks").toString();
    page.navigate("/cluster/disks/" + name(2));
    page.locator("[data-volume=os] .used:checked").first().uncheck();
    page.locator("[data-volume=mon] .used:checked").first().uncheck();
    page.locator("#save").click();
    assertThat(page.locator("#outcome p.bad")).containsText("APP-007");
    assertThat(design(2).path("disks").toString()).isEqualTo(before);
    page.locator("#undo").click();
    assertThat(page.locator("[data-volume=os] .used:checked")).hasCount(1);
    assertThat(desk.complaints()).singleElement().asString().contains("409");
  }

  @Test
  @Order(9)
  void ofTwoTabsTheSecondIsToldThatTheFirstWasFaster() {
    Page other = desk.page(Look.LIGHT);
    String id = holder(1, "mon").path("id").asString();
    page.navigate("/cluster/disks/" + name(1));
    other.navigate("/cluster/disks/" + name(1));
    for (Page tab : List.of(page, other)) {
      tab.locator("fieldset.drive[data-disk='" + id + "']").getByRole(AriaRole.SLIDER).focus();
      tab.keyboard().press(tab == page ? "PageUp" : "ArrowLeft");
    }
    page.locator("#save").click();
    saved();
    long won = size(disk(1, id), "os");
    other.locator("#save").click();
    assertThat(other.locator("#outcome p.bad")).containsText("APP-020");
    assertThat(size(disk(1, id), "os")).isEqualTo(won);
    // It shows what is now; the change is made again on that.
    assertThat(other.locator("fieldset.drive[data-disk='" + id + "'] [data-volume=os] .mib"))
        .hasValue(String.valueOf(won));
    other.context().close();
    assertThat(desk.complaints()).singleElement().asString().contains("412");
  }

  @Test
  @Order(10)
  void theAuditShowsWhatWasBeforeAndAfter() {
    page.navigate("/audit");
    JsonNode entry =
        desk.api("/api/v1/audit?limit=100")
            .valueStream()
            .filter(e -> e.path("what").asString().equals("PATCH /api/v1/cluster"))
            .findFirst()
            .orElseThrow();
    assertThat(entry.path("before").asString()).isNotEqualTo(entry.path("after").asString());
    Locator row =
        page.locator("tbody tr")
            .filter(new Locator.FilterOptions().setHasText("PATCH /api/v1/cluster"))
            .first();
    assertThat(row.locator("ins").first()).isVisible();
    assertThat(row.locator("del").first()).isVisible();
    row.getByText("before", new Locator.GetByTextOptions().setExact(true)).click();
    assertThat(row.locator("pre").nth(1)).containsText("nodes:");
  }

  @Test
  @Order(11)
  void theClusterFileIsAppliedAsText() {
    page.navigate("/settings");
    Locator text = page.getByLabel("cluster.yaml", new Page.GetByLabelOptions().setExact(true));
    String file = text.inputValue();
    text.fill(file + "colour: red\n");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Apply")).click();
    assertThat(page.locator("#outcome p.bad")).containsText("unknown key `colour`");
    text.fill(file + "name: rack-seven\n");
    page.locator("#plan").click();
    assertThat(page.locator("#planned")).containsText(name(1));
    assertThat(desk.api("/api/v1/cluster/design").path("name").asString()).isEqualTo("kindling");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Apply")).click();
    saved();
    assertThat(desk.api("/api/v1/cluster/design").path("name").asString()).isEqualTo("rack-seven");
    assertThat(desk.complaints()).singleElement().asString().contains("400");
  }

  @Test
  @Order(12)
  void noPageHasASeriousAccessibilityFaultInAnyLook() {
    var places = new LinkedHashMap<String, String>();
    places.put("cluster", "/cluster");
    places.put("roles", "/cluster/roles");
    places.put("disks", "/cluster/disks");
    places.put("node-disks", "/cluster/disks/" + name(1));
    places.put("review", "/cluster/review");
    places.put("deploy", "/deploy");
    places.put("health", "/health");
    places.put("audit", "/audit");
    places.put("settings", "/settings");
    for (Look look : Look.values()) {
      Page own = desk.page(look);
      String suffix = "-" + look.name().toLowerCase(Locale.ROOT);
      for (Map.Entry<String, String> place : places.entrySet()) {
        own.navigate(place.getValue());
        desk.shoot(own, place.getKey() + suffix);
        assertThat(Desk.accessibilityFaults(own)).as(place.getKey() + suffix).isEmpty();
        Object wider =
            own.evaluate("() => document.documentElement.scrollWidth - window.innerWidth");
        assertThat(((Number) wider).intValue()).as("scrolls sideways: " + place).isLessThan(1);
      }
      own.context().close();
    }
  }

  @Test
  @Order(13)
  void theReviewNamesWhatIsLostAndTheOrderIsFollowed() {
    page.navigate("/cluster/review");
    assertThat(page.locator("tbody tr")).hasCount(3);
    assertThat(page.locator("tbody tr").first()).containsText("install");
    assertThat(page.locator(".lostlist")).containsText(name(3));
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Look now")).click();
    String phases = desk.appliance().client().get("/api/v1/cluster/plan/phases").body();
    assertThat(phases).isNotBlank();
    assertThat(page.locator("#looked")).hasText(phases.strip());
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Deploy")).click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(dialog).containsText("is lost");
    page.keyboard().press("Escape");
    assertThat(desk.names("state=provisioning")).isEmpty();
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Deploy")).click();
    dialog.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Do it")).click();
    assertThat(page).hasURL(Pattern.compile(".*/deploy$"));
    JsonNode deployment = desk.api("/api/v1/deploy");
    assertThat(deployment.path("nodes")).hasSize(3);
    for (JsonNode node : deployment.path("nodes")) {
      assertThat(page.locator("#deployment")).containsText(node.path("name").asString());
    }
    assertThat(page.locator("#deployment")).containsText("check-disks");
    page.locator("#log-search").fill("no such text");
    assertThat(page.locator("#log-count")).containsText("0 of");
    assertThat(page).hasURL(Pattern.compile(".*/deploy[?]log=.+&q=no.such.text"));
    desk.shoot(page, "deploying");
    assertThat(Desk.accessibilityFaults(page)).isEmpty();
  }
}
