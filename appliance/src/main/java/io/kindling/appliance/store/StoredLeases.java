package io.kindling.appliance.store;

import io.kindling.appliance.net.Addresses;
import io.kindling.inventory.store.LeaseTable;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.Lease;
import io.kindling.pxe.LeaseStore;
import java.net.Inet4Address;
import java.util.Collection;
import java.util.List;

/// Leases in the inventory's table. Thread-safe.
public final class StoredLeases implements LeaseStore {
  private final LeaseTable table;

  public StoredLeases(LeaseTable table) {
    this.table = table;
  }

  @Override
  public List<Lease> all() {
    return table.all().stream()
        .map(row ->
            new Lease(
                new HardwareAddress(row.mac()),
                Addresses.parse(row.address()).orElseThrow(),
                row.expires(),
                row.declined()))
        .toList();
  }

  @Override
  public void commit(Collection<Lease> put, Collection<Inet4Address> drop) {
    table.commit(
        put.stream()
            .map(lease ->
                new LeaseTable.Row(
                    lease.mac().text(),
                    Addresses.text(lease.address()),
                    lease.expires(),
                    lease.declined()))
            .toList(),
        drop.stream().map(Addresses::text).toList());
  }
}
