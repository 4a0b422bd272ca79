package io.kindling.isobuild;

import java.util.List;
import java.util.Locale;

/// What [ImageBuilder] builds.
public enum Artefact {
  LOADERS,
  BOOTSTRAP,
  NODE,
  /// What the appliance's ISO starts, less the appliance.
  SYSTEM;

  /// What machines are given: all but the appliance's own system.
  public static final List<Artefact> FOR_MACHINES = List.of(LOADERS, BOOTSTRAP, NODE);

  /// The name in the cache and on the command line.
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
