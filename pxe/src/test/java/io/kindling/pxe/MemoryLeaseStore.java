package io.kindling.pxe;

import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Leases in memory, for tests; can be told to fail. Thread-safe.
public final class MemoryLeaseStore implements LeaseStore {
  private final Map<Inet4Address, Lease> leases = new LinkedHashMap<>();
  private final List<Integer> batches = new ArrayList<>();
  private boolean broken;

  public synchronized void breakDown(boolean now) {
    broken = now;
  }

  /// How many leases each commit so far had.
  public synchronized List<Integer> batches() {
    return List.copyOf(batches);
  }

  @Override
  public synchronized List<Lease> all() {
    return List.copyOf(leases.values());
  }

  @Override
  public synchronized void commit(Collection<Lease> put, Collection<Inet4Address> drop) {
    if (broken) {
      throw new IllegalStateException("the disk is full");
    }
    batches.add(put.size());
    drop.forEach(leases::remove);
    put.forEach(lease -> leases.put(lease.address(), lease));
  }
}
