package io.kindling.postinstall;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/// What became of a task on a node.
///
/// @param detail the reason of a failure in words, with its error id; else empty
/// @param results values later tasks or the appliance need (`hostKey`, `bootId`)
public record Outcome(
    UUID node,
    int attempt,
    String task,
    Status status,
    Instant at,
    String detail,
    Map<String, String> results) {

  public Outcome {
    results = Map.copyOf(results);
  }

  public enum Status {
    STARTED,
    DONE,
    FAILED
  }
}
