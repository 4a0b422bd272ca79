package io.kindling.ksgen.internal;

import io.kindling.inventory.facts.Facts.Disk;
import java.math.BigInteger;
import java.util.Comparator;

/// Drives in the order of their place in the machine: by by-path, those without one after them by
/// ID. The numbers in both count as numbers (`scsi-0:0:2:0` before `scsi-0:0:10:0`); PCI addresses
/// are hexadecimal, and decimal numbers of no leading zero sort the same way read so. Drives of the
/// network have no place in the machine: they come last, for a system on them would not start.
public final class DriveOrder implements Comparator<Disk> {

  @Override
  public int compare(Disk one, Disk other) {
    if (one.bus().equals("iscsi") != other.bus().equals("iscsi")) {
      return one.bus().equals("iscsi") ? 1 : -1;
    }
    String onePath = one.byPath();
    String otherPath = other.byPath();
    if (onePath != null && otherPath != null) {
      int paths = text(onePath, otherPath);
      return paths != 0 ? paths : text(one.id(), other.id());
    }
    if (onePath != null || otherPath != null) {
      return onePath != null ? -1 : 1;
    }
    return text(one.id(), other.id());
  }

  static int text(String one, String other) {
    String[] a = one.split("[^0-9A-Za-z]+", -1);
    String[] b = other.split("[^0-9A-Za-z]+", -1);
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      int c = word(a[i], b[i]);
      if (c != 0) {
        return c;
      }
    }
    return a.length != b.length ? Integer.compare(a.length, b.length) : one.compareTo(other);
  }

  private static int word(String one, String other) {
    boolean oneHex = one.matches("[0-9a-f]+");
    boolean otherHex = other.matches("[0-9a-f]+");
    if (oneHex != otherHex) {
      return oneHex ? -1 : 1;
    }
    if (oneHex) {
      String a = one.replaceFirst("^0+(?=.)", "");
      String b = other.replaceFirst("^0+(?=.)", "");
      return a.length() != b.length() ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
    }
    return natural(one, other);
  }

  /// `nvme2n1` before `nvme10n1`: runs of digits count as numbers.
  private static int natural(String one, String other) {
    String[] a = one.split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)");
    String[] b = other.split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)");
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      int c =
          a[i].matches("\\d+") && b[i].matches("\\d+")
              ? new BigInteger(a[i]).compareTo(new BigInteger(b[i]))
              : a[i].compareTo(b[i]);
      if (c != 0) {
        return c;
      }
    }
    return a.length != b.length ? Integer.compare(a.length, b.length) : one.compareTo(other);
  }
}
