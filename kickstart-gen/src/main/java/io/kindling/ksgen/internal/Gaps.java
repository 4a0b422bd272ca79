package io.kindling.ksgen.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/// The free room of a disk, whole MiB, between what is kept on it. First fit. Confined to one
/// layout.
final class Gaps {

  /// MiB from `start` up to but not including `end`.
  record Range(long start, long end) {
    long size() {
      return end - start;
    }
  }

  private final List<Range> free = new ArrayList<>();

  /// @param room where partitions may lie at all
  /// @param kept what is taken, in any order; neighbours may share a MiB
  Gaps(Range room, List<Range> kept) {
    long from = room.start();
    for (Range one : kept.stream().sorted(Comparator.comparingLong(Range::start)).toList()) {
      add(from, Math.min(one.start(), room.end()));
      from = Math.max(from, one.end());
    }
    add(from, room.end());
  }

  private void add(long start, long end) {
    if (end > start) {
      free.add(new Range(start, end));
    }
  }

  /// Takes so much of the first gap that has it; empty where none has.
  OptionalLong take(long size) {
    for (int i = 0; i < free.size(); i++) {
      Range gap = free.get(i);
      if (gap.size() >= size) {
        free.set(i, new Range(gap.start() + size, gap.end()));
        return OptionalLong.of(gap.start());
      }
    }
    return OptionalLong.empty();
  }

  long largest() {
    return free.stream().mapToLong(Range::size).max().orElse(0);
  }
}
