package io.kindling.inventory;

import java.util.Locale;
import java.util.Optional;

/// What a node is to do. Roles combine.
public enum Role {
  BASE,
  CONTROLLER,
  COMPUTE,
  CEPH_MON,
  CEPH_OSD,
  CEPH_RGW,
  CINDER_LVM;

  /// The name in cluster files and on the command line: `ceph-osd`.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The role of that label, or empty where there is none.
  public static Optional<Role> of(String label) {
    for (Role role : values()) {
      if (role.label().equals(label)) {
        return Optional.of(role);
      }
    }
    return Optional.empty();
  }
}
