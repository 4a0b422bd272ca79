package io.kindling.postinstall.bootstrap;

import io.kindling.postinstall.InstallError;

/// How something that was done in a bootstrap ended.
public sealed interface Ended {

  /// It is done.
  record Done() implements Ended {}

  /// It was refused before anything was changed.
  ///
  /// @param error a stable id
  record Refused(String error, String reason) implements Ended {}

  /// It began and did not come to its end.
  ///
  /// @param error a stable id
  record Failed(String error, String reason) implements Ended {}

  /// The bootstrap does not answer, or the connection broke: to be tried again.
  record Away(InstallError error, String reason) implements Ended {}
}
