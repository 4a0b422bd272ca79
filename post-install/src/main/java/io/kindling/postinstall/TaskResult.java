package io.kindling.postinstall;

import java.util.Map;

/// How a task ended.
public sealed interface TaskResult {

  /// @param results values for later tasks and for the appliance
  record Done(Map<String, String> results) implements TaskResult {
    public Done {
      results = Map.copyOf(results);
    }
  }

  /// @param error the error's id
  /// @param reason what happened, in words
  record Failed(String error, String reason) implements TaskResult {}

  static Done done() {
    return new Done(Map.of());
  }

  static Failed failed(InstallError error, String seen) {
    return new Failed(
        error.id(),
        (seen.isBlank() ? error.summary() : error.summary() + " Seen: " + seen.strip())
            + " "
            + error.cure());
  }
}
