package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Facts.Media;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Seeded machines × roles × overrides, judged from the script's own lines.
class GeneratedLayoutsTest {

  private static final int MACHINES = 3000;
  private static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-000000000001");

  @Test
  void everyMachineIsLaidOutSoundlyOrRefusedByName() {
    var refused = new EnumMap<LayoutError, Integer>(LayoutError.class);
    int laidOut = 0;
    for (int seed = 0; seed < MACHINES; seed++) {
      var random = new SplittableRandom(seed);
      Facts facts = machine(random);
      Set<Role> roles =
          random.nextInt(4) == 0 ? Set.of(Role.BASE) : Set.of(Role.BASE, Role.CEPH_OSD);
      List<DiskRule> rules;
      String script;
      KsSpaces spaces;
      try {
        rules = rules(random, facts, roles);
        spaces = Layouter.layout(new LayoutRequest(NODE, 1, facts, roles, rules));
      } catch (LayoutException e) {
        assertThat(e.error().id()).startsWith("KSG-0");
        if (e.error() == LayoutError.DISK_TOO_SMALL) {
          assertThat(e.detail()).matches("(?s)Disk .* is [1-9][0-9]* MiB short: .*");
        }
        refused.merge(e.error(), 1, Integer::sum);
        continue;
      }
      String context = "seed " + seed;
      script = PartitionScript.render(Expand.expand(spaces, NODE, 1, facts));
      List<ScriptChecker.Disk> disks;
      try {
        disks = ScriptChecker.check(script);
      } catch (AssertionError e) {
        throw new AssertionError(context + ": " + e.getMessage(), e);
      }
      untouchedStayAway(facts, rules, roles, disks, context);
      assertThat(KsSpaces.parse(spaces.toJson())).as(context).isEqualTo(spaces);
      if (seed % 20 == 0) {
        KsSpaces again = Layouter.layout(new LayoutRequest(NODE, 1, facts, roles, rules));
        assertThat(PartitionScript.render(Expand.expand(again, NODE, 1, facts))).isEqualTo(script);
      }
      laidOut++;
    }
    assertThat(laidOut).as("refused: %s", refused).isGreaterThan(MACHINES / 3);
    assertThat(refused.keySet()).contains(LayoutError.DISK_TOO_SMALL, LayoutError.NO_DISK);
  }

  private static void untouchedStayAway(
      Facts facts,
      List<DiskRule> rules,
      Set<Role> roles,
      List<ScriptChecker.Disk> disks,
      String context) {
    var named = new HashSet<String>();
    var kept = new HashSet<String>();
    for (DiskRule rule : rules) {
      (rule.keep() ? kept : named).add(String.valueOf(rule.selector().id()));
    }
    for (ScriptChecker.Disk disk : disks) {
      Facts.Disk fact =
          facts.disks().stream().filter(d -> d.id().equals(disk.id())).findFirst().orElseThrow();
      assertThat(kept).as(context).doesNotContain(disk.id());
      assertThat(fact.sizeBytes()).as(context).isEqualTo(disk.bytes()).isPositive();
      assertThat(fact.readOnly()).as(context).isFalse();
      assertThat(fact.bus().equals("usb") && !named.contains(disk.id())).as(context).isFalse();
      if (!roles.contains(Role.CEPH_OSD)) {
        assertThat(disk.has(ScriptChecker.LVM)).as("%s: base takes one disk", context).isTrue();
      }
    }
  }

  private static Facts machine(SplittableRandom random) {
    var disks = new ArrayList<Facts.Disk>();
    int count = random.nextInt(10) == 0 ? random.nextInt(40, 120) : random.nextInt(0, 14);
    for (int i = 0; i < count; i++) {
      Media media = Media.values()[random.nextInt(3)];
      String name = (media == Media.NVME ? "nvme" + i + "n1" : "sd" + i);
      long bytes =
          switch (random.nextInt(12)) {
            case 0 -> random.nextInt(40) == 0 ? 0 : random.nextLong(1L << 30);
            case 1 -> random.nextLong(8L << 30, 12L << 30);
            case 2 -> random.nextLong(16L << 40, 40L << 40) / 4096 * 4096;
            default -> random.nextLong(20L << 30, 4L << 40) / 512 * 512;
          };
      if (random.nextInt(4) > 0) {
        bytes = Math.max(bytes, 30L << 30);
      }
      disks.add(
          Machines.disk(
              name,
              bytes,
              media,
              random.nextInt(15) == 0 ? "usb" : media == Media.NVME ? "nvme" : "sas",
              random.nextInt(10) == 0,
              random.nextInt(30) == 0,
              random.nextInt(5) == 0 ? null : "0:0:" + random.nextInt(300) + ":" + i));
    }
    return Machines.of(random.nextLong(0, 300_000), disks);
  }

  private static List<DiskRule> rules(SplittableRandom random, Facts facts, Set<Role> roles) {
    var rules = new ArrayList<DiskRule>();
    if (facts.disks().isEmpty() || random.nextInt(3) == 0) {
      return rules;
    }
    int count = random.nextInt(4);
    var names = new HashSet<String>();
    for (int i = 0; i < count; i++) {
      String id = facts.disks().get(random.nextInt(facts.disks().size())).id();
      if (!names.add(id)) {
        continue;
      }
      VolumeSize size =
          random.nextBoolean() ? VolumeSize.ALL : new VolumeSize.Mib(random.nextLong(1, 60_000));
      var selector = DiskRule.Selector.ofId(id);
      boolean osd = roles.contains(Role.CEPH_OSD);
      rules.add(
          switch (random.nextInt(osd ? 6 : 2)) {
            case 0 -> new DiskRule(selector, Map.of(), true, 0);
            case 1 -> new DiskRule(selector, Map.of("os", size), false, 0);
            case 2 -> new DiskRule(selector, Map.of("ceph", size), false, 0);
            case 3 -> new DiskRule(selector, Map.of("ceph", VolumeSize.ALL, "os", size), false, 0);
            default ->
                new DiskRule(selector, Map.of("cephjournal", size), false, random.nextInt(4));
          });
    }
    if (random.nextBoolean() && roles.contains(Role.CEPH_OSD)) {
      rules.add(
          new DiskRule(
              new DiskRule.Selector(null, Media.NVME, null, null, null, 1 + random.nextInt(2)),
              Map.of("cephjournal", VolumeSize.ALL),
              false,
              random.nextInt(3)));
    }
    return rules;
  }
}
