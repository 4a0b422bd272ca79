package io.kindling.ksgen.internal;

import io.kindling.inventory.facts.Facts.Content;
import io.kindling.inventory.facts.Facts.Disk;
import io.kindling.ksgen.DiskPlan.Extent;
import io.kindling.ksgen.KsSpaces.Type;
import io.kindling.ksgen.KsSpaces.Volume;
import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A partition that stays exactly as it is.
///
/// @param volume what it is in our volume table, null where it is none of it
/// @param label its partition name, empty where it has none
record Kept(
    int number, UUID guid, UUID type, String label, Extent extent, @Nullable String volume) {

  private static final long MIB = 1L << 20;
  private static final Pattern GUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  /// All MiB that it touches.
  Gaps.Range hull() {
    long end = extent.startBytes() + extent.sizeBytes();
    return new Gaps.Range(extent.startBytes() / MIB, (end + MIB - 1) / MIB);
  }

  /// The partitions of the disk that a word of `keep:` means.
  ///
  /// @throws LayoutException KSG-020 where there is none, KSG-021 where the facts do not tell
  ///   enough
  static List<Kept> find(Disk disk, String word, Policy policy) {
    List<Content> found =
        disk.contents().stream()
            .filter(c -> c.type().equals("part") && means(word, c, policy))
            .toList();
    if (found.isEmpty()) {
      throw new LayoutException(
          LayoutError.KEEP_UNMATCHED,
          "Disk %s (%s) has no partition `%s`.".formatted(disk.id(), disk.name(), word));
    }
    return found.stream().map(c -> of(disk, c, policy)).toList();
  }

  private static boolean means(String word, Content partition, Policy policy) {
    return word.equalsIgnoreCase(partition.partitionUuid())
        || word.equals(partition.partitionLabel())
        || word.equals(volumeOf(partition, policy));
  }

  private static @Nullable String volumeOf(Content partition, Policy policy) {
    String type = lower(partition.partitionType());
    for (Policy.VolumeRow row : policy.volumes()) {
      if (row.partitionGuid() != null && row.partitionGuid().equals(type)) {
        return row.id();
      }
      String label = partition.partitionLabel();
      if (label != null && label.matches("kindling-" + Pattern.quote(row.id()) + "-[0-9]+")) {
        return row.id();
      }
    }
    return null;
  }

  static Kept of(Disk disk, Content partition, Policy policy) {
    if (!"gpt".equals(disk.tableType()) || guid(disk.tableUuid()) == null) {
      throw unknown(disk, partition, "its table is " + disk.tableType() + ", not a readable GPT");
    }
    UUID guid = guid(partition.partitionUuid());
    UUID type = guid(partition.partitionType());
    Integer number = partition.number();
    Long start = partition.startBytes();
    if (guid == null || type == null || number == null || start == null) {
      throw unknown(disk, partition, "its number, start, type or PARTUUID is not told");
    }
    if (number < 1 || number > Expansion.MAX_PARTITIONS) {
      throw unknown(disk, partition, "it has the number " + number);
    }
    return new Kept(
        number,
        guid,
        type,
        partition.partitionLabel() == null ? "" : partition.partitionLabel(),
        new Extent(start, partition.sizeBytes()),
        volumeOf(partition, policy));
  }

  private static LayoutException unknown(Disk disk, Content partition, String why) {
    return new LayoutException(
        LayoutError.KEEP_UNKNOWN,
        "Disk %s (%s), partition %s: %s.".formatted(disk.id(), disk.name(), partition.name(), why));
  }

  static @Nullable UUID guid(@Nullable String text) {
    return text != null && GUID.matcher(text).matches() ? UUID.fromString(text) : null;
  }

  private static @Nullable String lower(@Nullable String text) {
    return text == null ? null : text.toLowerCase(Locale.ROOT);
  }

  /// As a volume of ks_spaces: our own keys hold exactly where it lies.
  Volume toVolume(Policy policy) {
    Policy.VolumeRow row = volume == null ? null : policy.volume(volume).orElse(null);
    boolean group = row != null && row.isGroup() && type.equals(GptTypes.LVM);
    var own = new LinkedHashMap<String, @Nullable Object>();
    own.put("number", number);
    own.put("partuuid", guid.toString());
    own.put("type", type.toString());
    own.put("label", label);
    own.put("start", asRead(extent.startBytes()));
    own.put("bytes", asRead(extent.sizeBytes()));
    return new Volume(
        group ? Type.PV : Type.PARTITION,
        hull().size(),
        group ? null : row != null ? row.id() : "kept",
        "none",
        group ? null : "none",
        group ? null : type.toString(),
        group ? Objects.requireNonNull(row).id() : null,
        group ? (Long) policy.disk().lvmMetaMib() : null,
        true,
        own,
        Map.of());
  }

  /// @throws LayoutException KSG-017 where our own keys are not there or not as written
  static Kept of(Volume volume) {
    Map<String, @Nullable Object> own = volume.kindling();
    UUID guid = own.get("partuuid") instanceof String text ? guid(text) : null;
    UUID type = own.get("type") instanceof String text ? guid(text) : null;
    long start = whole(own.get("start"));
    long bytes = whole(own.get("bytes"));
    if (guid == null
        || type == null
        || !(own.get("number") instanceof Integer number)
        || !(own.get("label") instanceof String label)
        || number < 1
        || number > Expansion.MAX_PARTITIONS
        || start < 0
        || bytes < 1) {
      throw new LayoutException(
          LayoutError.BAD_VALUE,
          "A volume with `keep` says under `kindling` its number, partuuid, type, label, start and"
              + " bytes.");
    }
    return new Kept(
        number,
        guid,
        type,
        label,
        new Extent(start, bytes),
        volume.vg() != null ? volume.vg() : volume.name());
  }

  /// -1 for what is no whole number, or larger than any disk.
  private static long whole(@Nullable Object value) {
    return value instanceof Integer || value instanceof Long
        ? Math.min(((Number) value).longValue(), 1L << 62)
        : -1;
  }

  /// As the JSON reader gives it back.
  private static Number asRead(long number) {
    return number == (int) number ? (Number) (int) number : (Number) number;
  }

  /// The partition is on the disk as it was.
  ///
  /// @throws LayoutException KSG-022
  void check(Disk disk) {
    for (Content content : disk.contents()) {
      if (guid.equals(guid(content.partitionUuid())) && content.type().equals("part")) {
        if (Objects.equals(content.startBytes(), extent.startBytes())
            && content.sizeBytes() == extent.sizeBytes()
            && Objects.equals(content.number(), number)
            && type.equals(guid(content.partitionType()))) {
          return;
        }
        throw changed(disk, "is another now");
      }
    }
    throw changed(disk, "is gone");
  }

  private LayoutException changed(Disk disk, String how) {
    return new LayoutException(
        LayoutError.KEEP_CHANGED,
        "Disk %s (%s): partition %d (%s, PARTUUID %s) %s."
            .formatted(disk.id(), disk.name(), number, label, guid, how));
  }
}
