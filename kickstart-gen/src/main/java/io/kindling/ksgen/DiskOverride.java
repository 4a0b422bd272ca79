package io.kindling.ksgen;

import java.util.Map;

/// One `--disk ID=VOLUME:SIZE`.
public record DiskOverride(String diskId, String volume, VolumeSize size) {

  /// Reads `ID=VOLUME:SIZE`, SIZE in MiB or `all`. An ID may itself hold `:` and `=`.
  ///
  /// @throws LayoutException KSG-010
  public static DiskOverride parse(String text) {
    int colon = text.lastIndexOf(':');
    int equals = colon < 0 ? -1 : text.lastIndexOf('=', colon);
    if (equals < 1 || equals + 1 == colon) {
      throw new LayoutException(
          LayoutError.BAD_RULE, "`" + text + "` is not ID=VOLUME:SIZE (SIZE in MiB or `all`)");
    }
    return new DiskOverride(
        text.substring(0, equals),
        text.substring(equals + 1, colon),
        VolumeSize.parse(text.substring(colon + 1)));
  }

  /// The same as a rule; several overrides of one disk add up.
  public DiskRule rule() {
    return new DiskRule(DiskRule.Selector.ofId(diskId), Map.of(volume, size), false, 0);
  }
}
