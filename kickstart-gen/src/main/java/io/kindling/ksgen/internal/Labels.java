package io.kindling.ksgen.internal;

import io.kindling.ksgen.KsSpaces;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Partition names, `kindling-VOLUME-N`, N counted over the node: no two partitions of a node have
/// one name. At most 36 characters (UEFI 2.10 §5.3.3). Confined to one expansion.
final class Labels {

  private static final int MAX_VOLUME = 20;

  private final Set<String> taken = new HashSet<>();
  private final Map<String, Integer> counts = new HashMap<>();

  /// @param disks what is kept on them keeps its name
  Labels(List<KsSpaces.Disk> disks) {
    for (KsSpaces.Disk disk : disks) {
      for (KsSpaces.Volume volume : disk.volumes()) {
        if (volume.keep()) {
          taken.add(Kept.of(volume).label());
        }
      }
    }
  }

  /// No partition of that volume has been named yet.
  boolean isNew(String volume) {
    return !counts.containsKey(word(volume));
  }

  String next(String volume) {
    String word = word(volume);
    String label;
    do {
      label = "kindling-" + word + "-" + counts.merge(word, 1, Integer::sum);
    } while (!taken.add(label));
    return label;
  }

  /// A volume's name as part of a partition's or an array's: `[a-z0-9-]`.
  static String word(String volume) {
    String plain = volume.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String name = plain.replaceAll("^-|-$", "");
    return name.isEmpty() ? "data" : name.substring(0, Math.min(MAX_VOLUME, name.length()));
  }
}
