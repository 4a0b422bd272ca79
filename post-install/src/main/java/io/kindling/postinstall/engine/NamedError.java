package io.kindling.postinstall.engine;

/// An entry of a catalogue of errors.
public interface NamedError {

  Entry entry();

  /// Stable id, `ENG-001`.
  default String id() {
    return entry().id();
  }

  /// What happened.
  default String summary() {
    return entry().summary();
  }

  /// What to do.
  default String cure() {
    return entry().cure();
  }

  /// What a catalogue says of an error.
  record Entry(String id, String summary, String cure) {}
}
