package io.kindling.postinstall;

import java.util.Map;

/// How an installation ended.
public sealed interface InstallResult {

  /// The installed system answered from its own disk and is as planned.
  ///
  /// @param hostKey its public host key, `type base64`
  /// @param results everything the tasks recorded
  record Installed(String hostKey, Map<String, String> results) implements InstallResult {
    public Installed {
      results = Map.copyOf(results);
    }
  }

  /// It stopped at a task; installing again goes on from there.
  ///
  /// @param error the error's id: `INS-…` ([InstallError]), or the partition script's `KSG-…`
  /// @param reason what happened, in words
  record Failed(String task, String error, String reason) implements InstallResult {}
}
