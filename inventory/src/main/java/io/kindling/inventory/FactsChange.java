package io.kindling.inventory;

import io.kindling.inventory.facts.Facts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What of a machine's hardware is not as it was, in words.
final class FactsChange {
  private static final int MAX_NAMED = 20;

  private FactsChange() {}

  static List<String> between(@Nullable Facts before, Facts now) {
    var changes = new ArrayList<String>();
    if (before == null) {
      return changes;
    }
    compare("disk", before.disks(), now.disks(), Facts.Disk::id, changes);
    Map<String, Facts.Disk> old = new HashMap<>();
    before.disks().forEach(d -> old.put(d.id(), d));
    for (Facts.Disk disk : now.disks()) {
      Facts.Disk was = old.get(disk.id());
      if (was != null && was.sizeBytes() != disk.sizeBytes() && changes.size() < MAX_NAMED) {
        changes.add(
            "disk %s: %d bytes, was %d".formatted(disk.id(), disk.sizeBytes(), was.sizeBytes()));
      }
    }
    compare("NIC", before.nics(), now.nics(), Facts.Nic::permanentMac, changes);
    if (before.memoryBytes() != now.memoryBytes()) {
      changes.add(
          "memory: %d MiB, was %d".formatted(now.memoryBytes() >> 20, before.memoryBytes() >> 20));
    }
    int modules = now.summary().memoryModules();
    if (before.summary().memoryModules() != modules && modules > 0) {
      changes.add(
          "memory modules: %d, was %d".formatted(modules, before.summary().memoryModules()));
    }
    now.summary().ailments().stream()
        .filter(ailment -> !before.summary().ailments().contains(ailment))
        .limit(MAX_NAMED)
        .forEach(ailment -> changes.add(ailment.text()));
    if (!before.cpu().equals(now.cpu())) {
      changes.add("CPU: %d threads, was %d".formatted(now.cpu().threads(), before.cpu().threads()));
    }
    if (before.agent().firmware() != now.agent().firmware()) {
      changes.add(
          "firmware: %s, was %s".formatted(now.agent().firmware(), before.agent().firmware()));
    }
    return changes;
  }

  private static <T> void compare(
      String what, List<T> before, List<T> now, Function<T, String> id, List<String> changes) {
    var gone = new TreeSet<>(before.stream().map(id).toList());
    var come = new TreeSet<>(now.stream().map(id).toList());
    var stayed = new TreeSet<>(gone);
    stayed.retainAll(come);
    gone.removeAll(stayed);
    come.removeAll(stayed);
    gone.stream().limit(MAX_NAMED).forEach(g -> changes.add(what + " " + g + " is gone"));
    come.stream().limit(MAX_NAMED).forEach(c -> changes.add(what + " " + c + " is new"));
  }
}
