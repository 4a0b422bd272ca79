package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.FactsParser;
import io.kindling.ksgen.DiskOverride;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.RaidArray;
import io.kindling.ksgen.DiskRule;
import io.kindling.ksgen.Expand;
import io.kindling.ksgen.LayoutRequest;
import io.kindling.ksgen.Layouter;
import io.kindling.ksgen.PartitionScript;
import io.kindling.tests.endtoend.ScriptOnMachine.Bus;
import io.kindling.tests.endtoend.ScriptOnMachine.Drive;
import io.kindling.tests.endtoend.ScriptOnMachine.Result;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Drives of every kind in one boot of the bootstrap image, plans for them, and what must be found
/// on them when the script has run. Each case prepares its own disks; drive UK is in no plan but
/// where said.
abstract class ScriptCases {

  static final Duration LIMIT = Duration.ofMinutes(10);
  static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-0000000000cc");

  static final Drive VA = new Drive("VA", Bus.VIRTIO, 8 << 10, 512);
  static final Drive SB = new Drive("SB", Bus.SCSI, 6 << 10, 512);
  static final Drive SB2 = new Drive("SB2", Bus.SCSI, 6 << 10, 512, "SB");
  static final Drive SD = new Drive("SD", Bus.SCSI, 8 << 10, 4096);
  static final Drive NC = new Drive("NC", Bus.NVME, 6 << 10, 4096);
  static final Drive BG = new Drive("BG", Bus.SCSI, 1_100_000, 512);
  static final Drive UK = new Drive("UK", Bus.SCSI, 1200, 512);
  static final List<Drive> ALL = List.of(VA, SB, SB2, SD, NC, BG, UK);

  static ScriptOnMachine machine;
  static int attempt;

  /// What the disks hold matters to a plan only where something of it is kept.
  static @Nullable Facts reported;

  private long started;
  @Nullable String untouched;

  @BeforeAll
  static void boot() throws Exception {
    machine = ScriptOnMachine.boot("matrix", ALL);
    ok(
        NAMES
            + """
            head -c 64M /dev/urandom >/dev/$UK; modprobe -q -a md_mod raid1 dm_mod bcache; sync
            echo 1 >/sys/block/$SB2/device/delete # the second path comes back in its own case
            """);
  }

  @AfterAll
  static void off() throws Exception {
    if (machine != null) {
      machine.close();
    }
  }

  @BeforeEach
  void begin() throws Exception {
    started = System.nanoTime();
    attempt++;
    ok(NAMES + CLEAN);
    untouched = machine.writes(UK.serial()) + ok(NAMES + "head -c 64M /dev/$UK | cksum");
  }

  @AfterEach
  void tell(TestInfo test) throws Exception {
    System.out.printf(
        "case %s: %.1f s%n",
        test.getTestMethod().orElseThrow().getName(), (System.nanoTime() - started) / 1e9);
    if (untouched != null) {
      assertThat(machine.writes(UK.serial()) + ok(NAMES + "head -c 64M /dev/$UK | cksum"))
          .isEqualTo(untouched);
    }
  }

  static DiskPlan mirrored() {
    return plan(
        Set.of(Role.BASE),
        "VA=os:mirror",
        "SD=os:mirror",
        "SB=keep",
        "NC=keep",
        "BG=keep",
        "UK=keep");
  }

  static void assertArraysAsPlanned(DiskPlan plan) {
    for (RaidArray array : plan.arrays()) {
      String detail = ok("mdadm --detail --export /dev/md/" + array.name());
      assertThat(detail)
          .contains("MD_LEVEL=raid1", "MD_DEVICES=2", "MD_METADATA=" + array.metadata());
      String digits = array.id().toString().replace("-", "");
      assertThat(detail.replace(":", "")).contains("MD_UUID=" + digits);
      String device = ok("readlink -f /dev/md/" + array.name()).strip();
      assertThat(ok("cat /sys/block/" + device.substring(5) + "/md/degraded").strip())
          .isEqualTo("0");
      assertThat(Long.parseLong(ok("blockdev --getsize64 " + device).strip()))
          .isGreaterThanOrEqualTo(array.sizeMib() << 20);
      if (array.fileSystemId() != null) {
        assertThat(ok("blkid -p -s UUID -o value " + device).strip())
            .isEqualTo(array.fileSystemId());
      }
    }
    assertThat(plan.arrays()).hasSize(3);
    for (DiskPlan.VolumeGroup group : plan.groups()) {
      for (DiskPlan.LogicalVolume volume : group.volumes()) {
        assertThat(
                ok("blkid -p -s UUID -o value /dev/" + group.name() + "/" + volume.name()).strip())
            .isEqualTo(String.valueOf(volume.fileSystemId()));
      }
    }
    // Firmware reads a member of the mirrored ESP as FAT; past what the kernel has read before.
    assertThat(
            ok(
                NAMES
                    + """
                    for d in $VA $SD; do
                      dd if=/dev/$(part 2 $d) bs=4k count=1 iflag=direct 2>/dev/null | tail -c +83 | head -c 5
                    done
                    """))
        .isEqualTo("FAT32FAT32");
  }

  /// $VA and so on: kernel names; `part N NAME`: a partition's.
  static final String NAMES =
      """
      set -e
      name() { readlink -f "/dev/$1" | cut -c 6-; }
      part() { case $2 in *[0-9]) echo "${2}p$1" ;; *) echo "$2$1" ;; esac; }
      """
          + String.join(
              "",
              Stream.of(VA, SD, NC, BG, UK)
                  .map(d -> d.serial() + "=$(name " + d.link() + ")\n")
                  .toList())
          // Two paths, one name: udev's link is to either.
          + "SB='' SB2='' WWN="
          + SB.wwn()
          + "\n"
          + "for s in /sys/block/sd*; do case $(cat $s/device/wwid) in *"
          + SB.wwn()
          + ") [ -z \"$SB\" ] && SB=${s##*/} || SB2=${s##*/} ;; esac; done\n";

  /// What an earlier case has left alive; its data may lie there.
  static final String CLEAN =
      """
      set +e
      umount /run/x 2>/dev/null; swapoff -a; vgchange -q -an >/dev/null 2>&1
      for m in $(dmsetup ls 2>/dev/null | cut -f 1); do dmsetup remove "$m" >/dev/null 2>&1; done
      mdadm --stop --scan >/dev/null 2>&1
      for b in /sys/fs/bcache/*-*/stop /sys/block/bcache*/bcache/stop; do [ ! -e "$b" ] || echo 1 >"$b"; done
      for d in $VA $SB $SD $NC $BG; do
        for p in /sys/block/$d/$d*; do [ ! -d "$p" ] || wipefs -q -a "/dev/${p##*/}"; done
        wipefs -q -a "/dev/$d"; partx -d "/dev/$d" >/dev/null 2>&1
      done
      udevadm settle
      true
      """;

  static DiskPlan plan(Set<Role> roles, String... overrides) {
    boolean kept = Stream.of(overrides).anyMatch(o -> o.endsWith(":keep"));
    Facts facts = kept || reported == null ? facts() : reported;
    reported = facts;
    List<DiskRule> rules = new ArrayList<>();
    for (String override : overrides) {
      int equals = override.indexOf('=');
      Drive drive =
          ALL.stream()
              .filter(d -> d.serial().equals(override.substring(0, equals)))
              .findFirst()
              .orElseThrow();
      String id = drive.link().substring(drive.link().lastIndexOf('/') + 1);
      rules.add(DiskOverride.parse(id + override.substring(equals)).rule());
    }
    return Expand.expand(
        Layouter.layout(new LayoutRequest(NODE, attempt, facts, roles, rules)),
        NODE,
        attempt,
        facts);
  }

  /// As the machine's own agent reports them now.
  static Facts facts() {
    String document = ok("udevadm settle; /usr/lib/kindling/kindling-agent.sh --print 2>/dev/null");
    return switch (new FactsParser().parse(document.getBytes(StandardCharsets.UTF_8))) {
      case FactsParser.Parsed parsed -> parsed.facts();
      case FactsParser.Result other -> throw new IllegalStateException(other + "\n" + document);
    };
  }

  static Result script(DiskPlan plan) {
    machine.put("/run/script.sh", PartitionScript.render(plan));
    return machine.run("sh /run/script.sh", LIMIT);
  }

  static void refused(DiskPlan plan, String... oneOf) {
    String sums =
        ok(
            NAMES
                + "for d in $VA $SD $UK; do head -c 4M /dev/$d | cksum; tail -c 4M /dev/$d | cksum;"
                + " done");
    Result result = script(plan);
    assertThat(result.code()).as(result.out()).isEqualTo(10);
    assertThat(Stream.of(oneOf).anyMatch(result.out()::contains)).as(result.out()).isTrue();
    assertThat(result.out()).doesNotContain("KINDLING wiped");
    assertThat(
            ok(
                NAMES
                    + "for d in $VA $SD $UK; do head -c 4M /dev/$d | cksum; tail -c 4M /dev/$d |"
                    + " cksum; done"))
        .isEqualTo(sums);
  }

  static String ok(String script) {
    Result result = machine.run(script, LIMIT);
    assertThat(result.code()).as("%s\n%s", script, result.out()).isZero();
    return result.out();
  }

  /// sfdisk's opinion of every entry, sgdisk's of the table as a whole, blkid's of the contents.
  static void assertAsPlanned(DiskPlan plan) {
    for (PlannedDisk disk : plan.disks()) {
      String device = ok("readlink -f /dev/" + disk.links().getFirst()).strip();
      JsonNode table =
          JsonMapper.shared().readTree(ok("sfdisk -J " + device)).path("partitiontable");
      assertThat(table.path("label").asString()).isEqualTo("gpt");
      assertThat(table.path("id").asString()).isEqualToIgnoringCase(disk.guid().toString());
      int sector = table.path("sectorsize").asInt();
      List<String> found = new ArrayList<>();
      for (JsonNode entry : table.path("partitions")) {
        String node = entry.path("node").asString();
        found.add(
            "%s %d %d %s %s %s"
                .formatted(
                    node.replaceAll("^.*[^0-9]", ""),
                    entry.path("start").asLong() * sector,
                    entry.path("size").asLong() * sector,
                    entry.path("type").asString().toLowerCase(Locale.ROOT),
                    entry.path("uuid").asString().toLowerCase(Locale.ROOT),
                    entry.path("name").asString()));
      }
      assertThat(found)
          .as(device)
          .containsExactlyInAnyOrderElementsOf(
              disk.partitions().stream().map(ScriptCases::entry).toList());
      assertThat(ok("sgdisk -v " + device)).contains("No problems found");
      assertThat(ok("sgdisk -p " + device)).containsIgnoringCase(disk.guid().toString());
      for (PlannedPartition p : disk.partitions()) {
        if (!p.keep() && p.fileSystemId() != null) {
          String node = ok("readlink -f /dev/disk/by-partuuid/" + p.guid()).strip();
          assertThat(ok("blkid -p -s UUID -o value " + node).strip()).isEqualTo(p.fileSystemId());
        }
      }
    }
  }

  static String entry(PlannedPartition p) {
    var kept = p.kept();
    return "%d %d %d %s %s %s"
        .formatted(
            p.number(),
            kept == null ? p.startMib() << 20 : kept.startBytes(),
            kept == null ? p.sizeMib() << 20 : kept.sizeBytes(),
            p.type(),
            p.guid(),
            p.label());
  }
}
