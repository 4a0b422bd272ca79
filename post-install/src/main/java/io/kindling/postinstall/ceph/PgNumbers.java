package io.kindling.postinstall.ceph;

import java.util.LinkedHashMap;
import java.util.Map;

/// How many placement groups a pool gets: pgcalc (Ceph doc/rados/operations/pgcalc, pgcalc.js). The
/// power of two nearest to target × OSDs × share ÷ copies, the next one up where that is more than
/// a quarter too small, at least OSDs ÷ copies; then halved, the largest pool first, until all
/// pools together put at most [#MOST_PER_OSD] on an OSD. Pure.
public final class PgNumbers {

  /// Placement groups on an OSD that are aimed at.
  public static final int TARGET = 100;

  /// Below Ceph's own limit of 250 (`mon_max_pg_per_osd`), which refuses pools above it.
  public static final int MOST_PER_OSD = 200;

  private PgNumbers() {}

  /// @param shares pool → its share of the data, in percent
  /// @param osds how many OSDs there are
  /// @param copies of each object
  public static Map<String, Integer> of(Map<String, Double> shares, int osds, int copies) {
    if (osds < 1 || copies < 1) {
      throw new IllegalArgumentException(osds + " OSDs, " + copies + " copies");
    }
    var numbers = new LinkedHashMap<String, Integer>();
    shares.forEach((pool, share) -> numbers.put(pool, of(share, osds, copies)));
    while (perOsd(numbers, osds, copies) > MOST_PER_OSD) {
      String largest =
          numbers.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
      int now = numbers.getOrDefault(largest, 1);
      if (now == 1) {
        break; // more pools than an OSD can carry: Ceph refuses, by its own name
      }
      numbers.put(largest, now / 2);
    }
    return numbers;
  }

  private static int of(double share, int osds, int copies) {
    double wanted = Math.max(TARGET * osds * share / 100 / copies, (double) osds / copies);
    int power = 1;
    while (power * 1.5 <= wanted) { // nearest: the middle of 2^k and 2^(k+1) is 1.5 × 2^k
      power *= 2;
    }
    return power < wanted * 0.75 ? power * 2 : power;
  }

  private static double perOsd(Map<String, Integer> numbers, int osds, int copies) {
    return (double) numbers.values().stream().mapToInt(n -> n).sum() * copies / osds;
  }
}
