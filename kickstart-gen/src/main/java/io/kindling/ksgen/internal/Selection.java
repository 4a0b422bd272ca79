package io.kindling.ksgen.internal;

import io.kindling.inventory.facts.Facts.Disk;
import io.kindling.ksgen.DiskRule;
import io.kindling.ksgen.DiskRule.Selector;
import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import io.kindling.ksgen.VolumeSize;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Which disks count, in drive order, and what the rules say of each. Confined to one layout.
final class Selection {

  /// A disk under way.
  static final class Chosen {
    final Disk disk;
    final Map<String, VolumeSize> use = new LinkedHashMap<>();
    final List<Kept> kept = new ArrayList<>();
    boolean ruled;
    boolean keep;
    int spare;

    Chosen(Disk disk) {
      this.disk = disk;
    }

    /// A rule gives all of it away, and not to the system.
    boolean closed() {
      return keep
          || ruled && use.isEmpty()
          || use.containsValue(VolumeSize.ALL) && !use.containsKey("os");
    }

    boolean touched() {
      return !use.isEmpty() || !kept.isEmpty();
    }

    boolean keeps(String volume) {
      return kept.stream().anyMatch(k -> volume.equals(k.volume()));
    }
  }

  private final List<Chosen> all = new ArrayList<>();

  private Selection() {}

  /// Every disk the layout may speak of: the eligible ones, and others that a rule names by ID.
  static List<Chosen> of(List<Disk> disks, List<DiskRule> rules, Policy policy) {
    var ids = new HashSet<String>();
    for (Disk disk : disks) {
      if (!ids.add(disk.id())) {
        throw new LayoutException(
            LayoutError.AMBIGUOUS_DISK, "Two disks have the ID " + disk.id() + ".");
      }
    }
    var selection = new Selection();
    disks.stream()
        .filter(Selection::eligible)
        .sorted(new DriveOrder())
        .map(Chosen::new)
        .forEach(selection.all::add);
    for (DiskRule rule : rules) {
      for (Chosen chosen : selection.find(rule.selector(), disks)) {
        merge(chosen, rule, policy);
      }
    }
    return selection.all;
  }

  /// USB, read-only and dead drives are left out; RAID volumes that claim to be removable are not.
  static boolean eligible(Disk disk) {
    return disk.sizeMib() > 0 && !disk.readOnly() && !disk.bus().equals("usb");
  }

  private List<Chosen> find(Selector selector, List<Disk> disks) {
    String id = selector.id();
    if (id != null) {
      Chosen named = named(id, disks);
      if (!fits(named, selector)) {
        throw new LayoutException(
            LayoutError.RULE_UNMATCHED,
            "Disk " + named.disk.id() + " is not as in " + selector + ".");
      }
      return List.of(named);
    }
    List<Chosen> found = all.stream().filter(c -> !c.ruled).filter(c -> fits(c, selector)).toList();
    Integer count = selector.count();
    if (found.isEmpty() || count != null && found.size() < count) {
      throw new LayoutException(
          LayoutError.RULE_UNMATCHED, selector + " finds " + found.size() + " of the disks left.");
    }
    return count == null ? found : found.subList(0, count);
  }

  private boolean fits(Chosen chosen, Selector selector) {
    Disk disk = chosen.disk;
    return (selector.media() == null || selector.media() == disk.media())
        && (selector.size() == null || selector.size().holds(disk.sizeBytes()))
        && (selector.bus() == null || selector.bus().equals(disk.bus()))
        && (selector.slot() == null || selector.slot().contains(all.indexOf(chosen)));
  }

  /// By ID an operator can also choose a disk that does not count by itself (USB).
  private Chosen named(String name, List<Disk> disks) {
    String link = name.startsWith("/dev/") ? name.substring("/dev/".length()) : name;
    List<Disk> found = disks.stream().filter(d -> d.id().equals(link)).toList();
    if (found.isEmpty()) {
      found = disks.stream().filter(d -> answersTo(d, link)).toList();
    }
    if (found.isEmpty()) {
      throw new LayoutException(
          LayoutError.UNKNOWN_DISK,
          "`" + name + "`; its disks are " + disks.stream().map(Disk::id).limit(50).toList() + ".");
    }
    if (found.size() > 1) {
      throw new LayoutException(
          LayoutError.AMBIGUOUS_DISK, "`" + name + "`: " + found.stream().map(Disk::id).toList());
    }
    Disk disk = found.getFirst();
    for (Chosen chosen : all) {
      if (chosen.disk.equals(disk)) {
        return chosen;
      }
    }
    var chosen = new Chosen(disk);
    all.add(chosen);
    return chosen;
  }

  private static boolean answersTo(Disk disk, String name) {
    return disk.name().equals(name)
        || disk.links().stream().anyMatch(l -> l.equals(name) || lastPart(l).equals(name));
  }

  static String lastPart(String link) {
    return link.substring(link.lastIndexOf('/') + 1);
  }

  private static void merge(Chosen chosen, DiskRule rule, Policy policy) {
    String id = chosen.disk.id();
    boolean leaves = rule.use().isEmpty() && rule.keepVolumes().isEmpty();
    if (chosen.ruled && (chosen.keep || rule.keep() || leaves || !chosen.touched())) {
      throw new LayoutException(
          LayoutError.RULE_CONFLICT, "Disk " + id + " is to be left alone and to be used.");
    }
    if (!leaves && (chosen.disk.readOnly() || chosen.disk.sizeMib() == 0)) {
      throw new LayoutException(
          LayoutError.NO_DISK,
          "Disk " + id + (chosen.disk.readOnly() ? " is read-only." : " has size 0 (dead)."));
    }
    chosen.ruled = true;
    chosen.keep |= rule.keep();
    chosen.spare = Math.max(chosen.spare, rule.spare());
    for (String word : rule.keepVolumes()) {
      for (Kept kept : Kept.find(chosen.disk, word, policy)) {
        if (!chosen.kept.contains(kept)) {
          chosen.kept.add(kept);
        }
      }
    }
    rule.use()
        .forEach((volume, size) -> {
          VolumeSize before = chosen.use.put(volume, Objects.requireNonNull(size));
          if (before != null && !before.equals(size)) {
            throw new LayoutException(
                LayoutError.RULE_CONFLICT,
                "Disk " + id + ": " + volume + " is " + before + " and " + size + ".");
          }
        });
  }
}
