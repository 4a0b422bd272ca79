package io.kindling.appliance.backup;

import java.util.List;

/// What a backup says of itself to who has its passphrase.
///
/// @param made when, ISO 8601
/// @param appliance the version that made it
/// @param cluster the cluster's name, empty where none was applied
/// @param nodes how many nodes it knows
/// @param address the appliance's own on the provisioning network, with prefix length
/// @param leftOut what is made again or brought again, in words, each with how
public record About(
    String made,
    String appliance,
    String cluster,
    int nodes,
    String address,
    List<String> leftOut) {
  public About {
    leftOut = List.copyOf(leftOut);
  }
}
