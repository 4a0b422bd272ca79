package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionScriptTest {

  private static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-000000000001");
  private static final List<String> HOSTILE =
      List.of(
          "it's",
          "$(touch pwned)",
          "`touch pwned`",
          "a\"b",
          "{{ 7 * 7 }}",
          "{% raw %}",
          "\\",
          "a;b&c|d",
          "é\u202e日本",
          "-n",
          "a  b",
          "*",
          "#",
          "'; touch pwned; '",
          "{# x #}");

  @TempDir private Path dir;

  private static DiskPlan plan(int attempt) {
    Facts facts =
        Machines.of(
            Machines.disk("sda", 20480),
            Machines.disk("sdb", 20480),
            Machines.disk("sdc", 4096, Facts.Media.NVME));
    var request =
        new LayoutRequest(
            NODE,
            attempt,
            facts,
            Set.of(Role.CEPH_OSD),
            List.of(DiskOverride.parse("sdc=cephjournal:all").rule()));
    return Expand.expand(Layouter.layout(request), NODE, attempt, facts);
  }

  @Test
  void theSamePlanGivesTheSameBytesAndAnotherAttemptOtherIds() {
    assertThat(PartitionScript.render(plan(1))).isEqualTo(PartitionScript.render(plan(1)));
    String one = PartitionScript.render(plan(1));
    String two = PartitionScript.render(plan(2));
    for (PlannedDisk disk : plan(1).disks()) {
      assertThat(one).contains(disk.guid().toString());
      assertThat(two).doesNotContain(disk.guid().toString());
      disk.partitions().forEach(p -> assertThat(two).doesNotContain(p.guid().toString()));
    }
  }

  /// RFC 9562 appendix A.4 fixes the algorithm, these values the names: they must never change. The
  /// script runs in the C locale; and Java holds such text in half the room.
  @Test
  void whatIsOursInTheScriptIsPlainAscii() {
    assertThat(PartitionScript.render(plan(1)).chars()).allMatch(c -> c < 0x80);
  }

  @Test
  void theIdsOfANodeAreTheOnesOfTheFirstRelease() {
    PlannedDisk disk = plan(1).disks().getFirst();
    assertThat(disk.guid().version()).isEqualTo(5);
    assertThat(disk.guid()).hasToString("b2fda985-3b81-59f3-977f-285e86b41ac1");
    assertThat(disk.partitions().get(1).fileSystemId()).isEqualTo("0CE8-898D");
  }

  @Test
  void hostileValuesStayData() throws Exception {
    for (String hostile : HOSTILE) {
      PlannedDisk first = plan(1).disks().getFirst();
      var disk =
          new PlannedDisk(
              hostile,
              hostile,
              List.of(hostile, "x" + hostile),
              first.sizeBytes(),
              hostile,
              hostile,
              first.guid(),
              false,
              first.partitions());
      String script =
          PartitionScript.render(
              new DiskPlan(NODE, 1, List.of(disk), List.of(), List.of(), plan(1).osdDb()));
      String plan = script.substring(0, script.indexOf("# ---- What follows"));
      String probe =
          "describe 1\nprintf '%s\\n' \"$ID\" \"$NAME\" \"$MODEL\" \"$SERIAL\"\n"
              + "tell() { printf '%s\\n' \"$1\"; }\nlinks 1 tell\n";
      assertThat(run(plan + probe, "sh"))
          .isEqualTo((hostile + "\n").repeat(5) + "x" + hostile + "\n");
      assertThat(Files.exists(dir.resolve("pwned"))).isFalse();
      assertThat(run(script, "sh", "-n")).isEmpty();
    }
  }

  @Test
  void textThatNoShellCanHoldIsRefused() {
    PlannedDisk first = plan(1).disks().getFirst();
    var disk =
        new PlannedDisk(
            "a\0b", "a", List.of("a"), 1, null, null, first.guid(), false, first.partitions());
    var plan = new DiskPlan(NODE, 1, List.of(disk), List.of(), List.of(), plan(1).osdDb());
    assertThat(catchThrowableOfType(LayoutException.class, () -> PartitionScript.render(plan)))
        .extracting(LayoutException::error)
        .isEqualTo(LayoutError.BAD_VALUE);
  }

  @Test
  void everyValueInTheTemplateIsQuoted() throws IOException {
    String template;
    try (var in = PartitionScript.class.getResourceAsStream("partition.sh.jinja")) {
      template = new String(java.util.Objects.requireNonNull(in).readAllBytes());
    }
    var expression = java.util.regex.Pattern.compile("\\{\\{(.*?)}}").matcher(template);
    int found = 0;
    while (expression.find()) {
      assertThat(expression.group(1)).matches(" [a-z._A-Z]+\\|(shqs?|comment) ");
      found++;
    }
    assertThat(found).isGreaterThan(20);
  }

  @Test
  void theRenderedScriptPassesShellcheck() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/shellcheck")), "shellcheck is not installed");
    assertThat(run(PartitionScript.render(plan(1)), "shellcheck", "-s", "sh")).isEmpty();
  }

  private String run(String script, String... command) throws Exception {
    Path file = Files.writeString(dir.resolve("script.sh"), script);
    var words = new java.util.ArrayList<>(List.of(command));
    words.add(file.toString());
    Process process =
        new ProcessBuilder(words).directory(dir.toFile()).redirectErrorStream(true).start();
    String out =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    process.waitFor();
    return out;
  }
}
