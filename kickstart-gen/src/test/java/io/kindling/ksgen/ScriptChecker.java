package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Judges a rendered script by its own partition lines, knowing nothing of how they came about.
final class ScriptChecker {

  record Partition(
      int number,
      long start,
      long size,
      String type,
      String guid,
      String label,
      String use,
      String vg) {}

  record Disk(String id, long bytes, String guid, List<Partition> partitions) {
    boolean has(String type) {
      return partitions.stream().anyMatch(p -> p.type.equals(type));
    }

    long count(String type) {
      return partitions.stream().filter(p -> p.type.equals(type)).count();
    }
  }

  static final String BIOS = "21686148-6449-6e6f-744e-656564454649";
  static final String ESP = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
  static final String OSD = "4fbd7e29-9d25-41b8-afd0-062c0ceff05d";
  static final String JOURNAL = "45b0969e-9b03-4f30-b4c6-b4b80ceff106";
  static final String LVM = "e6d6d379-f507-44c2-a23c-238f2a3df928";
  static final String LINUX = "0fc63daf-8483-4772-8e79-3d69d8477de4";

  private static final Pattern INDEX = Pattern.compile(" {4}'([0-9]+)'\\)");
  private static final Pattern VALUE = Pattern.compile(" {6}([A-Z]+)='(.*)'");
  private static final Pattern PARTITION =
      Pattern.compile(
          " {6}\"\\$2\" '(\\d+)' '(\\d+)' '(\\d+)' '([^']*)' '([^']*)' '([^']*)' '([^']*)'"
              + " '([^']*)' '([^']*)' '([^']*)' '([^']*)'");

  private ScriptChecker() {}

  static List<Disk> disks(String script) {
    var values = new LinkedHashMap<String, Map<String, String>>();
    var partitions = new HashMap<String, List<Partition>>();
    String index = "";
    for (String line : script.lines().toList()) {
      if (line.startsWith("# ---- What follows")) {
        break;
      }
      Matcher m = INDEX.matcher(line);
      if (m.matches()) {
        index = m.group(1);
        continue;
      }
      m = VALUE.matcher(line);
      if (m.matches()) {
        values.computeIfAbsent(index, _ -> new HashMap<>()).put(m.group(1), m.group(2));
        continue;
      }
      m = PARTITION.matcher(line);
      if (m.matches()) {
        partitions
            .computeIfAbsent(index, _ -> new ArrayList<>())
            .add(
                new Partition(
                    Integer.parseInt(m.group(1)),
                    Long.parseLong(m.group(2)),
                    Long.parseLong(m.group(3)),
                    m.group(4).toLowerCase(Locale.ROOT),
                    m.group(5),
                    m.group(6),
                    m.group(7),
                    m.group(10)));
      }
    }
    var disks = new ArrayList<Disk>();
    values.forEach((i, v) ->
        disks.add(
            new Disk(
                v.getOrDefault("ID", ""),
                Long.parseLong(v.getOrDefault("BYTES", "0")),
                v.getOrDefault("GUID", ""),
                partitions.getOrDefault(i, List.of()))));
    return disks;
  }

  /// What holds for every script, whatever it is for.
  static List<Disk> check(String script) {
    List<Disk> disks = disks(script);
    assertThat(disks).isNotEmpty();
    var guids = new HashSet<String>();
    var labels = new HashSet<String>();
    for (Disk disk : disks) {
      assertThat(guids.add(disk.guid)).isTrue();
      assertThat(disk.partitions).isNotEmpty().hasSizeLessThanOrEqualTo(128);
      long free = 1;
      int number = 1;
      for (Partition p : disk.partitions) {
        assertThat(p.number).isEqualTo(number++);
        assertThat(p.start).as("%s on %s", p, disk.id).isGreaterThanOrEqualTo(free);
        assertThat(p.size).isPositive();
        free = p.start + p.size;
        assertThat(guids.add(p.guid)).isTrue();
        assertThat(labels.add(p.label)).isTrue();
        assertThat(p.label).matches("kindling-[a-z0-9-]+-[0-9]+").hasSizeLessThanOrEqualTo(36);
        if (p.type.equals(OSD)) {
          assertThat(p.size).isGreaterThanOrEqualTo(3072);
        }
        if (p.type.equals(JOURNAL)) {
          assertThat(p.size).isGreaterThanOrEqualTo(512);
        }
        if (p.type.equals(LVM)) {
          assertThat(p.size).isGreaterThanOrEqualTo(4608 + 64);
        }
      }
      // room for the backup GPT: 33 sectors of 512 bytes, 6 of 4096
      assertThat(free << 20).as(disk.id).isLessThanOrEqualTo(disk.bytes - 64 * 1024);
      assertThat(disk.partitions.getFirst().type).isEqualTo(BIOS);
      assertThat(disk.count(BIOS)).isEqualTo(1);
      assertThat(disk.count(ESP)).isEqualTo(disk.has(LVM) ? 1 : 0);
    }
    assertThat(disks.stream().filter(d -> d.has(LVM))).hasSize(1);
    long osds = disks.stream().mapToLong(d -> d.count(OSD)).sum();
    List<Long> journals = disks.stream().map(d -> d.count(JOURNAL)).filter(n -> n > 0).toList();
    if (!journals.isEmpty()) {
      assertThat(journals.stream().mapToLong(Long::longValue).sum()).isEqualTo(osds);
      assertThat(journals.getFirst() - journals.getLast()).isBetween(0L, 1L);
    }
    for (Disk disk : disks) {
      List<Long> sizes =
          disk.partitions.stream()
              .filter(p -> p.type.equals(JOURNAL))
              .map(p -> p.size)
              .distinct()
              .toList();
      assertThat(sizes).hasSizeLessThanOrEqualTo(1);
    }
    return disks;
  }
}
