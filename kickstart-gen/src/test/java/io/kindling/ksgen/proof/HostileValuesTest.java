package io.kindling.ksgen.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kindling.inventory.Role;
import io.kindling.ksgen.Expand;
import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.LayoutException;
import io.kindling.ksgen.PartitionScript;
import io.kindling.ksgen.proof.ScriptPlan.Disk;
import io.kindling.ksgen.proof.Trial.LaidOut;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Text from machines and operators, in every field that can reach the script, stays data: shells
/// read the same plan from it as [ScriptPlan], nothing of it runs, nothing of it gets lost.
class HostileValuesTest {

  private static final List<String> SHELLS = List.of("dash", "bash", "busybox sh");

  /// Of the texts, in turn, for each field of an allocation: a shell is started for each.
  private static final int TEXTS_EACH = 4;

  @TempDir private Path dir;

  /// A drive for each text, which stands in its model, and other texts in its other fields.
  private static Trial machine() {
    ObjectNode document = Trial.JSON.createObjectNode();
    document.put("version", 1);
    document.putObject("agent").put("version", hostile(3)).put("firmware", "uefi");
    ObjectNode raw = document.putObject("raw");
    ArrayNode devices = raw.putObject("lsblk").putArray("blockdevices");
    ObjectNode udev = raw.putObject("udev");
    for (int i = 0; i < Generator.HOSTILE.size(); i++) {
      String name = "sd" + (char) ('a' + i);
      ObjectNode device = devices.addObject();
      device.put("name", name).put("kname", name).put("type", "disk").put("size", 40L << 30);
      device.put("model", hostile(i)).put("serial", hostile(i + 7)).put("tran", hostile(i + 3));
      device.put("vendor", hostile(i + 5)).put("wwn", hostile(i + 2)).put("label", hostile(i + 4));
      device.put("pttype", hostile(i + 9)).put("fstype", hostile(i + 8));
      ObjectNode part = device.putArray("children").addObject();
      part.put("name", hostile(i + 1)).put("type", hostile(i + 6)).put("size", 1L << 30);
      part.put("partlabel", hostile(i)).put("partuuid", hostile(i + 2));
      part.put("mountpoint", hostile(i + 3)).put("parttype", hostile(i + 4));
      ObjectNode properties = udev.putObject(name);
      properties.put(
          "DEVLINKS",
          "/dev/disk/by-id/ata-Odd\\x20#+.:=@_%%,~%02d ".formatted(i)
              + "/dev/disk/by-path/pci-0000:00:1f.2-ata-%d ".formatted(i + 1)
              + "/dev/disk/by-id/"
              + hostile(i)
              + " /dev/disk/by-id/../../"
              + hostile(i + 1));
      properties.put("ID_MODEL", hostile(i + 1)).put("ID_SERIAL_SHORT", hostile(i + 2));
    }
    // Kernel names that are none.
    for (String text : Generator.HOSTILE) {
      devices.addObject().put("name", text).put("kname", text).put("type", "disk").put("size", 1);
    }
    raw.put("meminfo", "MemTotal: 8000000 kB\n");
    raw.put("dmidecode", "System Information\n\tManufacturer: " + hostile(0) + "\n");
    return new Trial(document, Set.of(Role.CEPH_OSD), List.of());
  }

  private static String hostile(int index) {
    return Generator.HOSTILE.get(index % Generator.HOSTILE.size());
  }

  private static LaidOut laidOut() {
    Trial trial = machine();
    Trial.Outcome outcome = trial.run();
    assertThat(trial.faults(outcome)).isEmpty();
    return (LaidOut) outcome;
  }

  /// Control characters cannot be compared with what sysfs tells: such text is left out as a whole.
  private static String expected(String text) {
    return text.chars().anyMatch(Character::isISOControl) ? "" : text;
  }

  @Test
  void theDrivesTextsStandInThePlanAsTheyAre() {
    List<Disk> disks = ScriptPlan.of(laidOut().script()).disks();
    assertThat(disks).hasSameSizeAs(Generator.HOSTILE);
    for (Disk disk : disks) {
      int i = disk.about().text("NAME").charAt(2) - 'a';
      assertThat(disk.about().text("MODEL")).isEqualTo(expected(hostile(i)));
      assertThat(disk.about().text("SERIAL")).isEqualTo(expected(hostile(i + 7)));
      assertThat(disk.links())
          .contains(
              "disk/by-id/ata-Odd\\x20#+.:=@_%%,~%02d".formatted(i),
              "disk/by-path/pci-0000:00:1f.2-ata-" + (i + 1));
    }
  }

  @Test
  void everyShellReadsTheSamePlan() throws Exception {
    String script = laidOut().script();
    ScriptPlan plan = ScriptPlan.of(script);
    for (String shell : shells()) {
      assertThat(ShellPlan.of(script, shell, dir).sameAs(plan)).as(shell).isTrue();
      Path file = Files.writeString(dir.resolve("whole.sh"), script);
      String[] parse = (shell + " -n " + file).split(" ");
      assertThat(ShellPlan.run(dir, "", parse)).isEmpty();
    }
    assertThat(dir.resolve("pwned")).doesNotExist();
  }

  @Test
  void theScriptPassesShellcheckWhateverItHolds() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/shellcheck")), "shellcheck is not installed");
    Path file = Files.writeString(dir.resolve("whole.sh"), laidOut().script());
    assertThat(
            ShellPlan.result(dir, "", "shellcheck", "-S", "warning", "-s", "sh", file.toString())
                .out())
        .isEmpty();
  }

  @Test
  void theScriptPartitionsTheseDrivesAsPlannedAndRunsNothingOfThem() throws Exception {
    String script = laidOut().script();
    ScriptPlan plan = ScriptPlan.of(script);
    for (String shell : shells()) {
      Path root = Files.createDirectories(dir.resolve(shell.replace(' ', '-')));
      var machine = new FakeMachine(root, script);
      for (Disk disk : plan.disks()) {
        int i = disk.about().text("NAME").charAt(2) - 'a';
        machine.plug(disk, hostile(i), hostile(i + 7));
      }
      ShellPlan.Result done = machine.run(shell, "--until=partitions");
      assertThat(done.code()).as(done.out()).isZero();
      for (Disk disk : plan.disks()) {
        assertThat(machine.table(disk)).as(disk.id()).isEqualTo(FakeMachine.planned(disk));
        assertThat(done.out()).contains(disk.id());
      }
      assertThat(machine.run(shell, "--until=partitions").out()).contains("already as planned");
      try (Stream<Path> files = Files.walk(root)) {
        assertThat(files).noneMatch(f -> f.getFileName().toString().contains("pwned"));
      }
    }
  }

  /// The refusal quotes the text as it is, too.
  @Test
  void aSwappedDriveIsRefusedInItsOwnWords() throws Exception {
    String script = laidOut().script();
    ScriptPlan plan = ScriptPlan.of(script);
    var machine = new FakeMachine(dir, script);
    var expected = new ArrayList<String>();
    for (Disk disk : plan.disks()) {
      machine.plug(disk, disk.about().text("MODEL"), "another");
      String serial = disk.about().text("SERIAL");
      if (!serial.isEmpty()) {
        String plain = serial.replaceAll("[ \\t_]+", " ").strip();
        expected.add("disk " + disk.id() + ": expected serial number " + plain + ", found another");
      }
    }
    ShellPlan.Result refused = machine.run("sh", "--until=partitions");
    assertThat(refused.code()).isEqualTo(10);
    assertThat(refused.out().lines().map(l -> l.replace("KINDLING-ERROR KSG-104 ", "")))
        .allSatisfy(l -> assertThat(l).contains("found another"))
        .hasSameSizeAs(expected);
    assertThat(expected).allSatisfy(e -> assertThat(refused.out()).contains(e));
    for (Disk disk : plan.disks()) {
      assertThat(machine.table(disk)).as("nothing was written").isEmpty();
    }
  }

  /// ks_spaces can come from elsewhere: every text in it, one after the other.
  @Test
  void aHostileAllocationIsRefusedOrStaysData() throws Exception {
    Trial trial = new Trial(machine().document(), Set.of(Role.CEPH_OSD), List.of(journalOn("sdb")));
    var laid = (LaidOut) trial.run();
    JsonNode whole = Trial.JSON.readTree(laid.spaces().toJson());
    var texts = new ArrayList<String>();
    texts(whole, "", texts);
    int held = 0;
    int refused = 0;
    var once = new LinkedHashMap<String, String>();
    for (String pointer : texts) {
      once.putIfAbsent(pointer.replaceFirst("^/[0-9]+", "/" + kind(whole, pointer)), pointer);
    }
    assertThat(once).hasSizeGreaterThan(25);
    int turn = 0;
    for (String pointer : once.values()) {
      for (int i = 0; i < TEXTS_EACH; i++) {
        String text = hostile(turn++);
        JsonNode changed = whole.deepCopy();
        set(changed, pointer, text);
        String script;
        try {
          KsSpaces spaces = KsSpaces.parse(changed.toString());
          script =
              PartitionScript.render(
                  Expand.expand(spaces, Trial.NODE, 1, Trial.facts(trial.bytes())));
        } catch (LayoutException e) {
          refused++;
          continue;
        }
        held++;
        assertThat(ShellPlan.of(script, "sh", dir).sameAs(ScriptPlan.of(script)))
            .as("%s = %s", pointer, text)
            .isTrue();
        assertThat(dir.resolve("pwned")).doesNotExist();
      }
    }
    System.out.printf("hostile allocations: %d held, %d refused%n", held, refused);
    assertThat(held).isPositive();
    assertThat(refused).isPositive();
  }

  @Test
  void hostileRulesAreRefusedByName() {
    Trial trial = machine();
    List<Document.Drive> drives = Document.of(trial.document()).drives();
    for (String text : Generator.HOSTILE) {
      for (Map<String, Object> rule :
          List.<Map<String, Object>>of(
              Map.of("id", text, "use", Map.of("os", "all")),
              Map.of("id", "sda", "use", Map.of(text, "all")),
              Map.of("id", "sda", "use", Map.of("os", text)),
              Map.of("media", text, "use", Map.of("os", "all")),
              Map.of("size", text, "use", Map.of("os", "all")),
              Map.of("bus", text, "count", 2, "keep", true),
              Map.of(text, "sda", "use", Map.of("os", "all")))) {
        Trial.Outcome outcome = new Trial(trial.document(), trial.roles(), List.of(rule)).run();
        // A bus and a link are whatever the machine calls them.
        boolean known = rule.containsKey("bus") || drives.stream().anyMatch(d -> d.called(text));
        assertThat(outcome instanceof LaidOut).as(rule.toString()).isIn(false, known);
      }
    }
  }

  private static Map<String, Object> journalOn(String name) {
    return Map.of("id", name, "use", Map.of("cephjournal", "all"));
  }

  private static List<String> shells() {
    return SHELLS.stream()
        .filter(s -> Files.isExecutable(Path.of("/usr/bin/" + s.split(" ")[0])))
        .toList();
  }

  private static String kind(JsonNode whole, String pointer) {
    JsonNode entry = whole.path(Integer.parseInt(pointer.split("/")[1]));
    int volumes = entry.path("volumes").size();
    return entry.path("type").asString()
        + volumes
        + entry.path("volumes").path(volumes - 1).path("name").asString("");
  }

  private static void texts(JsonNode node, String pointer, List<String> to) {
    if (node.isString()) {
      to.add(pointer);
    }
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        texts(node.get(i), pointer + "/" + i, to);
      }
    }
    node.propertyNames().forEach(name -> texts(node.get(name), pointer + "/" + name, to));
  }

  private static void set(JsonNode whole, String pointer, String text) {
    int last = pointer.lastIndexOf('/');
    JsonNode parent = whole.at(pointer.substring(0, last));
    String key = pointer.substring(last + 1);
    if (parent instanceof ObjectNode object) {
      object.put(key, text);
    } else {
      ((ArrayNode) parent).set(Integer.parseInt(key), Trial.JSON.getNodeFactory().stringNode(text));
    }
  }
}
