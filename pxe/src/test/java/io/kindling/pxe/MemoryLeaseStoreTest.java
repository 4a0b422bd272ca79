package io.kindling.pxe;

class MemoryLeaseStoreTest extends LeaseStoreContract {
  @Override
  protected LeaseStore create() {
    return new MemoryLeaseStore();
  }
}
