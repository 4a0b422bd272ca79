package io.kindling.postinstall;

import java.util.List;
import java.util.UUID;

/// Outcomes on stable storage. Thread-safe.
public interface OutcomeStore {

  /// The last outcome of each task of that attempt, in the order they were recorded first.
  List<Outcome> of(UUID node, int attempt);

  /// Keeps the outcome; durable when it returns, before the next step begins.
  void record(Outcome outcome);
}
