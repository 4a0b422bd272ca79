package io.kindling.ksgen.internal;

import io.kindling.inventory.facts.Facts.Disk;
import java.math.BigInteger;
import java.util.Comparator;
import java.util.regex.Pattern;

/// Drives in the order of their place in the machine: by by-path, those without one after them by
/// ID. The numbers in both count as numbers (`scsi-0:0:2:0` before `scsi-0:0:10:0`); PCI addresses
/// are hexadecimal, and decimal numbers of no leading zero sort the same way read so. Drives of the
/// network have no place in the machine: they come last, for a system on them would not start.
public final class DriveOrder implements Comparator<Disk> {
  private static final Pattern BETWEEN = Pattern.compile("[^0-9A-Za-z]+");
  private static final Pattern DIGITS_END = Pattern.compile("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)");

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
    String[] a = BETWEEN.split(one, -1);
    String[] b = BETWEEN.split(other, -1);
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      int c = word(a[i], b[i]);
      if (c != 0) {
        return c;
      }
    }
    return a.length != b.length ? Integer.compare(a.length, b.length) : one.compareTo(other);
  }

  private static int word(String one, String other) {
    boolean oneHex = hexadecimal(one);
    boolean otherHex = hexadecimal(other);
    if (oneHex != otherHex) {
      return oneHex ? -1 : 1;
    }
    if (oneHex) {
      String a = withoutZeros(one);
      String b = withoutZeros(other);
      return a.length() != b.length() ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
    }
    return natural(one, other);
  }

  private static boolean hexadecimal(String word) {
    return !word.isEmpty()
        && word.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
  }

  private static String withoutZeros(String number) {
    int zeros = 0;
    while (zeros < number.length() - 1 && number.charAt(zeros) == '0') {
      zeros++;
    }
    return number.substring(zeros);
  }

  /// `nvme2n1` before `nvme10n1`: runs of digits count as numbers.
  private static int natural(String one, String other) {
    String[] a = DIGITS_END.split(one);
    String[] b = DIGITS_END.split(other);
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      int c =
          number(a[i]) && number(b[i])
              ? new BigInteger(a[i]).compareTo(new BigInteger(b[i]))
              : a[i].compareTo(b[i]);
      if (c != 0) {
        return c;
      }
    }
    return a.length != b.length ? Integer.compare(a.length, b.length) : one.compareTo(other);
  }

  private static boolean number(String word) {
    return !word.isEmpty() && word.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
