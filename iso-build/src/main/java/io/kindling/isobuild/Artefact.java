package io.kindling.isobuild;

import java.util.Locale;

/// What [ImageBuilder] builds.
public enum Artefact {
  LOADERS,
  BOOTSTRAP,
  NODE;

  /// The name in the cache and on the command line.
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
