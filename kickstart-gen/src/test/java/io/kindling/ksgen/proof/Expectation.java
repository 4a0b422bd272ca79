package io.kindling.ksgen.proof;

import io.kindling.ksgen.proof.Document.Drive;
import io.kindling.ksgen.proof.ScriptPlan.Disk;
import io.kindling.ksgen.proof.ScriptPlan.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// A case of `recorded/expected.txt`; the file's head explains its lines.
record Expectation(
    String file,
    String what,
    Set<String> roles,
    List<Map<String, Object>> rules,
    List<String> lines) {

  static List<Expectation> read(String text) {
    var cases = new ArrayList<Expectation>();
    for (String line : text.lines().toList()) {
      if (line.startsWith("== ")) {
        String[] head = line.substring(3).split(": ", 2);
        cases.add(
            new Expectation(
                head[0], head[1], new TreeSet<>(), new ArrayList<>(), new ArrayList<>()));
      } else if (line.startsWith("roles ")) {
        cases.getLast().roles.addAll(List.of(line.substring(6).split(" ")));
      } else if (line.startsWith("rule ")) {
        Map<String, Object> rule = new LinkedHashMap<>();
        Trial.JSON
            .readValue(line.substring(5), Map.class)
            .forEach((k, v) -> rule.put((String) k, v));
        cases.getLast().rules.add(rule);
      } else if (!line.isBlank() && !line.startsWith("#")) {
        cases.getLast().lines.add(line);
      }
    }
    return cases;
  }

  /// What differs, in words; empty where all is as written.
  List<String> differences(Document document, Trial.Outcome outcome) {
    return switch (outcome) {
      case Trial.Refused refused -> refusal(document, refused);
      case Trial.LaidOut laid -> layout(document, ScriptPlan.of(laid.script()));
    };
  }

  private List<String> refusal(Document document, Trial.Refused refused) {
    String[] words = lines.getFirst().split(" ");
    if (!words[0].equals("refused")) {
      return List.of("refused: " + refused.id() + " " + refused.detail());
    }
    Drive drive = drive(document, words[2]);
    boolean named =
        refused.detail().contains(drive.name())
            || drive.links().stream().anyMatch(l -> refused.detail().contains(last(l)));
    boolean amount = words.length < 4 || refused.detail().contains(" " + words[3] + " MiB short");
    return (words[1].equals("*") || refused.id().equals(words[1])) && named && amount
        ? List.of()
        : List.of("refused otherwise: " + refused.id() + " " + refused.detail());
  }

  private static String last(String link) {
    return link.substring(link.lastIndexOf('/') + 1);
  }

  private List<String> layout(Document document, ScriptPlan plan) {
    var differences = new ArrayList<String>();
    var byDrive = new HashMap<Drive, Disk>();
    for (Disk disk : plan.disks()) {
      document.drives().stream()
          .filter(d -> d.paths().contains(disk.about().text("NAME")))
          .findFirst()
          .ifPresentOrElse(
              d -> byDrive.put(d, disk), () -> differences.add(disk.id() + " is no drive"));
    }
    var told = new HashSet<Drive>();
    for (String line : lines) {
      String[] words = line.split(" ");
      if (words[0].equals("untouched")) {
        for (String range : Arrays.asList(words).subList(1, words.length)) {
          for (String name : range(range)) {
            document.drives().stream()
                .filter(d -> d.paths().contains(name))
                .forEach(d -> {
                  told.add(d);
                  if (byDrive.containsKey(d)) {
                    differences.add(name + " is touched");
                  }
                });
          }
        }
        continue;
      }
      for (String name : range(words[1])) {
        Drive drive = drive(document, name);
        told.add(drive);
        Disk disk = byDrive.get(drive);
        if (disk == null) {
          differences.add(name + " is not in the plan");
        } else {
          String found = describe(disk, words);
          if (!found.isEmpty()) {
            differences.add(name + " is to be `" + line + "` and is " + found);
          }
        }
      }
    }
    document.drives().stream()
        .filter(d -> !told.contains(d))
        .forEach(d -> differences.add(d.name() + " is not in the expectation"));
    return differences;
  }

  private static Drive drive(Document document, String name) {
    return document.drives().stream()
        .filter(d -> d.paths().contains(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no drive " + name));
  }

  /// Empty where the disk is as the line says, else what it is.
  private static String describe(Disk disk, String[] words) {
    long mib = disk.about().number("BYTES") >> 20;
    List<Row> osds = of(disk, Judge.OSD);
    List<Row> journals = of(disk, Judge.JOURNAL);
    long spare = journals.stream().filter(p -> p.text("LABEL").contains("-cephspare-")).count();
    List<Row> volumes = of(disk, Judge.LVM);
    boolean system = !of(disk, Judge.ESP).isEmpty() && !of(disk, Judge.LINUX).isEmpty();
    long end =
        disk.partitions().stream()
            .mapToLong(p -> p.number("START-MIB") + p.number("SIZE-MIB"))
            .max()
            .orElse(0);
    boolean right =
        switch (words[0]) {
          case "system" ->
              system
                  && osds.isEmpty()
                  && journals.isEmpty()
                  && end == mib - 1
                  && (words[2].equals("all")
                      || (volumes.size() == 1
                          && volumes.getFirst().text("SIZE-MIB").equals(words[2])));
          case "osd" ->
              !system
                  && disk.partitions().size() == 2
                  && osds.size() == 1
                  && osds.getFirst().text("SIZE-MIB").equals(words[2])
                  && end == mib - 1;
          case "journals" ->
              !system
                  && words[2].equals(
                      spare == 0 ? "" + journals.size() : journals.size() - spare + "+" + spare)
                  && disk.partitions().size() == journals.size() + 1
                  && (words.length < 4 || journals.getFirst().text("SIZE-MIB").equals(words[3]));
          case "mirror" ->
              of(disk, Judge.ESP).size() + of(disk, Judge.RAID).size() == 3
                  && osds.isEmpty()
                  && journals.isEmpty()
                  && of(disk, Judge.RAID).stream()
                      .anyMatch(p -> p.text("SIZE-MIB").equals(words[2]));
          case "kept" ->
              disk.kept().size() == Integer.parseInt(words[2])
                  && disk.partitions().stream().allMatch(p -> p.text("TYPE").equals(Judge.BIOS));
          case "shared" -> system && osds.size() == 1 && volumes.size() == 1 && end == mib - 1;
          default -> throw new AssertionError("unknown word " + words[0]);
        };
    if (right) {
      return "";
    }
    return disk.partitions().stream().map(p -> p.text("LABEL") + " " + p.text("SIZE-MIB")).toList()
        + " to "
        + end
        + " of "
        + mib;
  }

  private static List<Row> of(Disk disk, String type) {
    return disk.partitions().stream().filter(p -> p.text("TYPE").equals(type)).toList();
  }

  /// `sda`, `sdc-sdbj`, `sdb-sdgv/2`, `nvme0n1-nvme7n1`.
  static List<String> range(String words) {
    int dash = words.indexOf('-');
    if (dash < 0) {
      return List.of(words);
    }
    int slash = words.indexOf('/');
    int step = slash < 0 ? 1 : Integer.parseInt(words.substring(slash + 1));
    String first = words.substring(0, dash);
    String last = words.substring(dash + 1, slash < 0 ? words.length() : slash);
    var names = new ArrayList<String>();
    if (first.startsWith("nvme")) {
      int from = Integer.parseInt(first.substring(4, first.indexOf('n', 1)));
      int to = Integer.parseInt(last.substring(4, last.indexOf('n', 1)));
      for (int i = from; i <= to; i += step) {
        names.add("nvme" + i + "n1");
      }
    } else {
      String kind = first.substring(0, 2);
      for (int i = index(first); i <= index(last); i += step) {
        names.add(kind + letters(i));
      }
    }
    return names;
  }

  private static int index(String name) {
    int index = 0;
    for (char c : name.substring(2).toCharArray()) {
      index = index * 26 + (c - 'a' + 1);
    }
    return index - 1;
  }

  private static String letters(int index) {
    String last = String.valueOf((char) ('a' + index % 26));
    return index < 26 ? last : letters(index / 26 - 1) + last;
  }
}
