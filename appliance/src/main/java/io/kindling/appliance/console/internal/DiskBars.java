package io.kindling.appliance.console.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A disk as two bars: what is on it and what it gets. Pure.
///
/// A bar is 1000 units wide. A part too small to be seen still gets [#LEAST] units, taken from the
/// larger ones, so that a BIOS boot partition of 1 MiB shows.
final class DiskBars {

  static final long WIDTH = 1000;
  static final long LEAST = 8;
  private static final int MAX_PARTS = 64;

  /// What a part of a disk is shown as; the word is a CSS class.
  private static final Map<String, String> USES =
      Map.of(
          "bios_boot", "boot",
          "esp", "boot",
          "esp_member", "boot",
          "file_system", "system",
          "swap", "swap",
          "physical_volume", "lvm",
          "raid_member", "lvm",
          "ceph_osd", "osd",
          "ceph_journal", "journal",
          "other", "other");

  private static final String OSD_TYPE = "4fbd7e29-9d25-41b8-afd0-062c0ceff05d";
  private static final String JOURNAL_TYPE = "45b0969e-9b03-4f30-b4c6-b4b80ceff106";

  private DiskBars() {}

  /// The disk for the templates.
  static Map<String, Object> of(Map<String, Object> disk) {
    long size = Values.number(disk, "sizeBytes").orElse(0);
    var view = new LinkedHashMap<String, Object>();
    String id = Values.text(disk, "id");
    view.put("id", id);
    view.put("name", Values.text(disk, "name"));
    view.put("capacity", Words.size(size));
    view.put("media", Values.text(disk, "media").toLowerCase(Locale.ROOT));
    view.put("model", Values.text(disk, "model"));
    view.put("serial", Values.text(disk, "serial"));
    view.put("bus", Values.text(disk, "bus"));
    view.put("readOnly", Values.flag(disk, "readOnly") || size == 0);
    List<Map<String, Object>> present = present(disk);
    List<Map<String, Object>> planned = planned(disk);
    view.put("present", place(present, size));
    view.put("planned", place(planned, size));
    view.put("presentText", present.isEmpty() ? "empty" : summary(present));
    view.put("plannedText", planned.isEmpty() ? "not used" : summary(planned));
    return view;
  }

  private static List<Map<String, Object>> present(Map<String, Object> disk) {
    var parts = new ArrayList<Map<String, Object>>();
    for (Map<String, Object> content : Values.maps(disk, "contents")) {
      String type = Values.text(content, "type").toLowerCase(Locale.ROOT);
      if (!type.isEmpty() && !type.equals("part")) {
        continue; // Volumes lie inside partitions: the bar shows each byte once.
      }
      String label = Values.text(content, "partitionLabel");
      String fileSystem = Values.text(content, "fileSystem");
      String name = label.isEmpty() ? Values.text(content, "name") : label;
      parts.add(
          part(
              name,
              presentUse(Values.text(content, "partitionType"), fileSystem, label),
              Values.number(content, "sizeBytes").orElse(0),
              fileSystem));
    }
    String fileSystem = Values.text(disk, "fileSystem");
    if (parts.isEmpty() && !fileSystem.isEmpty()) {
      parts.add(part(fileSystem, "system", Values.number(disk, "sizeBytes").orElse(0), fileSystem));
    }
    return limit(parts);
  }

  private static List<Map<String, Object>> planned(Map<String, Object> disk) {
    var parts = new ArrayList<Map<String, Object>>();
    for (Map<String, Object> partition : Values.maps(disk, "planned")) {
      String use = Values.text(partition, "use").toLowerCase(Locale.ROOT).replace('-', '_');
      parts.add(
          part(
              Values.text(partition, "label"),
              USES.getOrDefault(use, "other"),
              Values.number(partition, "sizeMib").orElse(0) << 20,
              use.replace('_', ' ')
                  + (Boolean.TRUE.equals(partition.get("kept")) ? " · kept" : "")));
    }
    return limit(parts);
  }

  private static String presentUse(String type, String fileSystem, String label) {
    String guid = type.toLowerCase(Locale.ROOT);
    if (guid.equals(OSD_TYPE)) {
      return "osd";
    }
    if (guid.equals(JOURNAL_TYPE)) {
      return "journal";
    }
    if (fileSystem.equals("LVM2_member")) {
      return "lvm";
    }
    if (fileSystem.equals("swap")) {
      return "swap";
    }
    if (fileSystem.equals("vfat") || label.contains("boot") && fileSystem.isEmpty()) {
      return "boot";
    }
    return fileSystem.isEmpty() ? "other" : "system";
  }

  private static Map<String, Object> part(String name, String kind, long bytes, String detail) {
    var part = new LinkedHashMap<String, Object>();
    part.put("name", name);
    part.put("kind", kind);
    part.put("bytes", bytes);
    part.put("capacity", Words.size(bytes));
    part.put("detail", detail);
    part.put("title", name + " · " + Words.size(bytes) + (detail.isEmpty() ? "" : " · " + detail));
    return part;
  }

  private static List<Map<String, Object>> limit(List<Map<String, Object>> parts) {
    return parts.size() > MAX_PARTS ? parts.subList(0, MAX_PARTS) : parts;
  }

  /// Gives each part its place in the bar.
  private static List<Map<String, Object>> place(List<Map<String, Object>> parts, long size) {
    long total = Math.max(size, parts.stream().mapToLong(DiskBars::bytes).sum());
    if (parts.isEmpty() || total <= 0) {
      return List.of();
    }
    long least = Math.min(LEAST, WIDTH / parts.size());
    long[] width = new long[parts.size()];
    long sum = 0;
    for (int i = 0; i < width.length; i++) {
      double share = (double) bytes(parts.get(i)) / total;
      width[i] = Math.max(least, Math.round(share * WIDTH));
      sum += width[i];
    }
    while (sum > WIDTH) {
      int largest = 0;
      for (int i = 1; i < width.length; i++) {
        largest = width[i] > width[largest] ? i : largest;
      }
      long cut = Math.min(sum - WIDTH, Math.max(1, width[largest] - least));
      width[largest] -= cut;
      sum -= cut;
    }
    var placed = new ArrayList<Map<String, Object>>();
    long x = 0;
    for (int i = 0; i < width.length; i++) {
      var part = new LinkedHashMap<>(parts.get(i));
      part.put("x", x);
      part.put("w", width[i]);
      placed.add(part);
      x += width[i];
    }
    return placed;
  }

  private static long bytes(Map<String, Object> part) {
    return Values.number(part, "bytes").orElse(0);
  }

  /// `boot 1 MiB, root 18 GiB`, at most six.
  private static String summary(List<Map<String, Object>> parts) {
    var words = new ArrayList<String>();
    for (Map<String, Object> part : parts) {
      if (words.size() == 6) {
        words.add((parts.size() - 6) + " more");
        break;
      }
      words.add(withoutPrefix(String.valueOf(part.get("name"))) + " " + part.get("capacity"));
    }
    return String.join(", ", words);
  }

  /// `os-2` of `kindling-os-2`.
  private static String withoutPrefix(String label) {
    return label.startsWith("kindling-") ? label.substring("kindling-".length()) : label;
  }
}
