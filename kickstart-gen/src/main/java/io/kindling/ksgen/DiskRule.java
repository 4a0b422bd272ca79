package io.kindling.ksgen;

import io.kindling.inventory.facts.Facts.Media;
import io.kindling.ksgen.internal.RuleReader;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the operator wants of some disks: an entry of cluster.yaml's `disks:`.
///
/// @param use volume → size, in the order written; empty with `keep`, or to leave a disk untouched
/// @param keep the disks are never touched
/// @param keepVolumes partitions of the disks that are never touched, each by its volume (`ceph`),
///   its partition name or its PARTUUID; all others are removed
/// @param spare journal slots left free on each of these disks
public record DiskRule(
    Selector selector,
    Map<String, VolumeSize> use,
    boolean keep,
    List<String> keepVolumes,
    int spare) {

  /// More slots than a GPT has partitions can never be.
  public static final int MAX_SPARE = 100;

  public DiskRule {
    use = Collections.unmodifiableMap(new LinkedHashMap<>(use));
    keepVolumes = List.copyOf(keepVolumes);
    if (keep && !(use.isEmpty() && keepVolumes.isEmpty())) {
      throw new LayoutException(
          LayoutError.RULE_CONFLICT, selector + ": `keep: true` and all else exclude each other");
    }
    use.forEach((volume, size) -> {
      if (size.equals(VolumeSize.MIRROR) && !volume.equals("os")) {
        throw new LayoutException(
            LayoutError.BAD_RULE, "only `os` can be mirrored, not `" + volume + "`");
      }
    });
    if (spare < 0 || spare > MAX_SPARE) {
      throw new LayoutException(LayoutError.BAD_RULE, "`spare` is 0 to " + MAX_SPARE);
    }
    if (spare > 0 && !use.containsKey("cephjournal")) {
      throw new LayoutException(LayoutError.BAD_RULE, "`spare` goes with `use: {cephjournal: …}`");
    }
  }

  /// A rule that keeps no single volume.
  public DiskRule(Selector selector, Map<String, VolumeSize> use, boolean keep, int spare) {
    this(selector, use, keep, List.of(), spare);
  }

  /// Which disks; all that is given must hold. With no `id` it takes, in drive order, disks that no
  /// rule before it took.
  ///
  /// @param id the CLI's disk ID, a link or its last part, or the kernel name
  /// @param slot places in drive order (by by-path), from 0
  /// @param count how many; with fewer the layout is refused. Null: all
  public record Selector(
      @Nullable String id,
      @Nullable Media media,
      @Nullable SizeRange size,
      @Nullable String bus,
      @Nullable List<Integer> slot,
      @Nullable Integer count) {

    public Selector {
      slot = slot == null ? null : List.copyOf(slot);
      if (count != null && count < 1) {
        throw new LayoutException(LayoutError.BAD_RULE, "`count` is at least 1");
      }
      if (id == null
          && media == null
          && size == null
          && bus == null
          && slot == null
          && count == null) {
        throw new LayoutException(
            LayoutError.BAD_RULE, "a rule needs id, media, size, bus, slot or count");
      }
    }

    public static Selector ofId(String id) {
      return new Selector(id, null, null, null, null, null);
    }

    @Override
    public String toString() {
      var text = new StringBuilder("{");
      append(text, "id", id);
      append(text, "media", media);
      append(text, "size", size);
      append(text, "bus", bus);
      append(text, "slot", slot);
      append(text, "count", count);
      return text.append('}').toString();
    }

    private static void append(StringBuilder to, String key, @Nullable Object value) {
      if (value != null) {
        to.append(to.length() > 1 ? ", " : "").append(key).append(": ").append(value);
      }
    }
  }

  /// Reads an entry of `disks:` as YAML or JSON gives it: maps, lists, strings, numbers, booleans.
  ///
  /// @throws LayoutException KSG-010 on unknown keys and wrong values
  public static DiskRule of(Map<String, ?> entry) {
    return RuleReader.read(entry);
  }
}
