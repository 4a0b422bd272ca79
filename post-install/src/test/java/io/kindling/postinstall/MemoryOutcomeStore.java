package io.kindling.postinstall;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Outcomes that live as long as the process. Thread-safe.
public final class MemoryOutcomeStore implements OutcomeStore {

  private record Key(UUID node, int attempt, String task) {}

  private final Map<Key, Outcome> outcomes = new LinkedHashMap<>();

  @Override
  public synchronized List<Outcome> of(UUID node, int attempt) {
    return outcomes.values().stream()
        .filter(o -> o.node().equals(node) && o.attempt() == attempt)
        .toList();
  }

  @Override
  public synchronized void record(Outcome outcome) {
    outcomes.put(new Key(outcome.node(), outcome.attempt(), outcome.task()), outcome);
  }
}
