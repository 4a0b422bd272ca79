package io.kindling.ksgen;

/// How much of a disk a volume gets.
public sealed interface VolumeSize {

  /// Whatever is left; several such volumes on one disk share it equally.
  VolumeSize ALL = new All();

  /// Whatever is left, the same on each disk that has it: one copy on each (RAID1).
  VolumeSize MIRROR = new Mirror();

  record Mirror() implements VolumeSize {
    @Override
    public String toString() {
      return "mirror";
    }
  }

  record All() implements VolumeSize {
    @Override
    public String toString() {
      return "all";
    }
  }

  /// @param mib at least 1
  record Mib(long mib) implements VolumeSize {
    public Mib {
      if (mib < 1 || mib > MAX_MIB) {
        throw new LayoutException(
            LayoutError.BAD_RULE, "a size is 1 to " + MAX_MIB + " MiB, not " + mib);
      }
    }

    @Override
    public String toString() {
      return Long.toString(mib);
    }
  }

  /// 1 EiB: past every drive, far from an overflow.
  long MAX_MIB = 1L << 40;

  /// Reads a number of MiB, `all` or `mirror`.
  static VolumeSize parse(String text) {
    if (text.equals("all")) {
      return ALL;
    }
    if (text.equals("mirror")) {
      return MIRROR;
    }
    if (!text.matches("[0-9]{1,13}")) {
      throw new LayoutException(
          LayoutError.BAD_RULE, "a size is a number of MiB, `all` or `mirror`, not `" + text + "`");
    }
    return new Mib(Long.parseLong(text));
  }
}
