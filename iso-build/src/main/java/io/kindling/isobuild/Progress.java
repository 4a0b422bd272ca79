package io.kindling.isobuild;

/// Hears how far a build is. Called from another thread than the builder's caller, one call at a
/// time per build.
@FunctionalInterface
public interface Progress {

  /// Says nothing.
  Progress SILENT = (artefact, step, steps, what) -> {};

  /// A step begins: `step` of `steps` (from 1), with what it does in words. Not called for what is
  /// in the cache.
  void step(Artefact artefact, int step, int steps, String what);
}
