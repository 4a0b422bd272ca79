package io.kindling.appliance.store;

import io.kindling.inventory.store.OutcomeTable;
import io.kindling.postinstall.Outcome;
import io.kindling.postinstall.OutcomeStore;
import java.util.List;
import java.util.UUID;

/// Outcomes in the inventory's table. Thread-safe.
public final class StoredOutcomes implements OutcomeStore {
  private final OutcomeTable table;

  public StoredOutcomes(OutcomeTable table) {
    this.table = table;
  }

  @Override
  public List<Outcome> of(UUID node, int attempt) {
    return table.of(node, attempt).stream()
        .map(row ->
            new Outcome(
                row.node(),
                row.attempt(),
                row.task(),
                Outcome.Status.valueOf(row.status()),
                row.at(),
                row.detail(),
                row.results()))
        .toList();
  }

  @Override
  public void record(Outcome outcome) {
    table.record(
        new OutcomeTable.Row(
            outcome.node(),
            outcome.attempt(),
            outcome.task(),
            outcome.status().name(),
            outcome.at(),
            outcome.detail(),
            outcome.results()));
  }
}
