package io.kindling.pxe;

import java.net.Inet4Address;
import java.util.Collection;
import java.util.List;

/// Leases on stable storage. Thread-safe.
public interface LeaseStore {

  /// All leases, read once at start.
  List<Lease> all();

  /// Writes these leases (replacing those of the same address) and drops those addresses in one
  /// transaction. When this returns they are on stable storage (RFC 2131 §2.2): only then may an
  /// ACK leave.
  void commit(Collection<Lease> put, Collection<Inet4Address> drop);
}
