package io.kindling.postinstall.engine;

/// An entry of a catalogue of errors.
public interface NamedError {

  /// Stable id, `ENG-001`.
  String id();

  /// What happened.
  String summary();

  /// What to do.
  String cure();
}
