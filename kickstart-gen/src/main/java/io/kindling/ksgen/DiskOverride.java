package io.kindling.ksgen;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One `--disk ID=VOLUME:SIZE`, `--disk ID=VOLUME:keep` or `--disk ID=keep`.
///
/// @param volume null where the whole disk is kept
/// @param size null where the volume is kept
public record DiskOverride(String diskId, @Nullable String volume, @Nullable VolumeSize size) {

  private static final String KEEP = "keep";

  /// Reads `ID=VOLUME:SIZE`, SIZE in MiB, `all`, `mirror` or `keep`, or `ID=keep`. An ID may itself
  /// hold `:` and `=`.
  ///
  /// @throws LayoutException KSG-010
  public static DiskOverride parse(String text) {
    if (text.endsWith("=" + KEEP) && text.length() > KEEP.length() + 1) {
      return new DiskOverride(text.substring(0, text.length() - KEEP.length() - 1), null, null);
    }
    int colon = text.lastIndexOf(':');
    int equals = colon < 0 ? -1 : text.lastIndexOf('=', colon);
    if (equals < 1 || equals + 1 == colon) {
      throw new LayoutException(
          LayoutError.BAD_RULE,
          "`"
              + text
              + "` is not ID=VOLUME:SIZE (SIZE in MiB, `all`, `mirror` or `keep`) and not ID=keep");
    }
    String size = text.substring(colon + 1);
    return new DiskOverride(
        text.substring(0, equals),
        text.substring(equals + 1, colon),
        size.equals(KEEP) ? null : VolumeSize.parse(size));
  }

  /// The same as a rule; several overrides of one disk add up.
  public DiskRule rule() {
    DiskRule.Selector disk = DiskRule.Selector.ofId(diskId);
    if (volume == null) {
      return new DiskRule(disk, Map.of(), true, List.of(), 0);
    }
    return size == null
        ? new DiskRule(disk, Map.of(), false, List.of(volume), 0)
        : new DiskRule(disk, Map.of(volume, size), false, List.of(), 0);
  }
}
