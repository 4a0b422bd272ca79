package io.kindling.ksgen.proof;

import io.kindling.ksgen.proof.Document.Drive;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What cluster.yaml's `disks:` say of a document's drives, read by docs/layout.md alone.
///
/// Only what the page leaves no doubt about is judged: rules by `id`, and the drives that a
/// selector with `keep` certainly holds (those that no earlier rule can have taken).
record Rules(List<Map<String, Object>> entries, Document document) {

  /// A drive that a rule by id gives to volumes.
  ///
  /// @param volumes volume → MiB, null for `all`
  /// @param kept names of partitions that stay: volume, partition name or PARTUUID
  /// @param spare journals beside those of the node's OSDs
  record Wish(Drive drive, Map<String, Long> volumes, List<String> kept, int spare) {}

  /// Whether the system is to lie on two drives.
  boolean mirrored() {
    return entries.stream()
        .anyMatch(e -> e.get("use") instanceof Map<?, ?> use && "mirror".equals(use.get("os")));
  }

  boolean any() {
    return !entries.isEmpty();
  }

  boolean names(Drive drive) {
    return entries.stream()
        .anyMatch(e ->
            (e.get("id") instanceof String id && drive.called(id))
                || (e.containsKey("bus") && !Boolean.TRUE.equals(e.get("keep"))));
  }

  Set<Drive> kept() {
    var kept = new HashSet<Drive>();
    var maybeTaken = new HashSet<Drive>();
    for (Map<String, Object> entry : entries) {
      List<Drive> fit = document.drives().stream().filter(d -> fits(entry, d)).toList();
      if (Boolean.TRUE.equals(entry.get("keep"))) {
        if (entry.containsKey("id")) {
          kept.addAll(fit);
        } else if (!entry.containsKey("count") && !entry.containsKey("slot")) {
          fit.stream().filter(d -> !maybeTaken.contains(d)).forEach(kept::add);
        }
      }
      maybeTaken.addAll(fit);
    }
    return kept;
  }

  List<Wish> wishes() {
    var wishes = new LinkedHashMap<Drive, Map<String, Long>>();
    var kept = new HashMap<Drive, List<String>>();
    var spare = new HashMap<Drive, Integer>();
    for (Map<String, Object> entry : entries) {
      if (!(entry.get("id") instanceof String id) || Boolean.TRUE.equals(entry.get("keep"))) {
        continue;
      }
      for (Drive drive : document.drives()) {
        if (drive.called(id)) {
          Map<String, Long> volumes = wishes.computeIfAbsent(drive, _ -> new LinkedHashMap<>());
          if (entry.get("keep") instanceof List<?> list) {
            list.forEach(k -> kept.computeIfAbsent(drive, _ -> new ArrayList<>()).add((String) k));
          }
          if (entry.get("spare") instanceof Integer slots) {
            spare.merge(drive, slots, Math::max);
          }
          if (entry.get("use") instanceof Map<?, ?> use) {
            use.forEach((volume, size) ->
                volumes.put((String) volume, size instanceof Number n ? n.longValue() : null));
          }
        }
      }
    }
    var list = new ArrayList<Wish>();
    wishes.forEach((drive, volumes) ->
        list.add(
            new Wish(
                drive,
                volumes,
                kept.getOrDefault(drive, List.of()),
                spare.getOrDefault(drive, 0))));
    return list;
  }

  private static boolean fits(Map<String, Object> entry, Drive drive) {
    return (!(entry.get("id") instanceof String id) || drive.called(id))
        && (!(entry.get("media") instanceof String media) || drive.media().equals(media))
        && (!(entry.get("bus") instanceof String bus) || drive.bus().equals(bus));
  }
}
