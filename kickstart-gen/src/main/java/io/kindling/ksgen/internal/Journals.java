package io.kindling.ksgen.internal;

/// How OSDs spread over journal devices.
public final class Journals {

  private Journals() {}

  /// As even as can be, the first devices get one more: 5 on 2 is 3 and 2.
  public static int[] spread(int osds, int devices) {
    int[] counts = new int[devices];
    for (int i = 0; i < devices; i++) {
      counts[i] = osds / devices + (i < osds % devices ? 1 : 0);
    }
    return counts;
  }
}
