package io.kindling.inventory;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What was decided for a node, frozen at `assigned`; a change makes a new attempt.
///
/// @param attempt counts installations ordered, from 1; part of every disk and partition GUID
/// @param roles what the node is to do
/// @param addresses network name → address with prefix length (`10.20.0.10/24`)
/// @param ksSpaces the disks' allocation, JSON (the ks_spaces contract)
/// @param onDisk true once the node's own disk holds a system that can boot: from then on its boot
///   answer is its own disk
/// @param hostKey the installed system's public SSH host key (`type base64`), known from the
///   install
/// @param espSerial the FAT serial of its EFI system partition (`ABCD-EF01`)
public record Assignment(
    int attempt,
    Set<Role> roles,
    Map<String, String> addresses,
    String ksSpaces,
    boolean onDisk,
    @Nullable String hostKey,
    @Nullable String espSerial) {

  public Assignment {
    roles = Set.copyOf(roles);
    addresses = Map.copyOf(addresses);
  }

  /// The same with one thing less to do; [Role#BASE] where nothing is left.
  public Assignment without(Role role) {
    var rest = new HashSet<>(roles);
    rest.remove(role);
    if (rest.isEmpty()) {
      rest.add(Role.BASE);
    }
    return new Assignment(attempt, rest, addresses, ksSpaces, onDisk, hostKey, espSerial);
  }

  public Assignment installed(String hostKey) {
    return new Assignment(attempt, roles, addresses, ksSpaces, true, hostKey, espSerial);
  }
}
