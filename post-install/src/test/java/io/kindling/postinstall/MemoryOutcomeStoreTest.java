package io.kindling.postinstall;

class MemoryOutcomeStoreTest extends OutcomeStoreContract {

  @Override
  protected OutcomeStore store() {
    return new MemoryOutcomeStore();
  }
}
