package io.kindling.isobuild;

/// Which racks an appliance's ISO is for.
public enum Edition {
  /// All that the package mirror holds.
  FULL,
  /// Racks without OpenStack: without the packages that only it needs.
  CEPH
}
