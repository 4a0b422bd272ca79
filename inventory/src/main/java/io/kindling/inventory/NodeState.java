package io.kindling.inventory;

/// Where a node stands in its life. Presence (last seen) is a field beside it, not a state.
public enum NodeState {
  DISCOVERED,
  ASSIGNED,
  PROVISIONING,
  PROVISIONED,
  DEPLOYING,
  READY,
  ERROR,
  WIPING,
  RESCUE,
  QUARANTINED,
  ADOPTABLE,
  REMOVED;

  /// The name in API bodies, logs and cluster files: lower case.
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /// True from `provisioning` on: a report for such a node needs the node's own token.
  public boolean needsOwnToken() {
    return switch (this) {
      case DISCOVERED, ASSIGNED, QUARANTINED, ADOPTABLE, REMOVED -> false;
      case PROVISIONING, PROVISIONED, DEPLOYING, READY, ERROR, WIPING, RESCUE -> true;
    };
  }
}
