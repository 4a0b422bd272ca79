package io.kindling.pxe;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// Counts since the start. Thread-safe.
public final class PxeCounters {
  private final Map<PxeCounter, LongAdder> counts = new EnumMap<>(PxeCounter.class);

  public PxeCounters() {
    for (PxeCounter counter : PxeCounter.values()) {
      counts.put(counter, new LongAdder());
    }
  }

  public void add(PxeCounter counter) {
    add(counter, 1);
  }

  public void add(PxeCounter counter, long amount) {
    LongAdder adder = counts.get(counter);
    if (adder != null) {
      adder.add(amount);
    }
  }

  public long get(PxeCounter counter) {
    LongAdder adder = counts.get(counter);
    return adder == null ? 0 : adder.sum();
  }

  public Map<PxeCounter, Long> snapshot() {
    Map<PxeCounter, Long> snapshot = new EnumMap<>(PxeCounter.class);
    counts.forEach((counter, adder) -> snapshot.put(counter, adder.sum()));
    return Map.copyOf(snapshot);
  }
}
