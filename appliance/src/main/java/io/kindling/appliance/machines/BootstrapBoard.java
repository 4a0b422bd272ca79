package io.kindling.appliance.machines;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// Where each node's bootstrap spoke from last: in memory only, known again ten seconds after a
/// start. Thread-safe.
public final class BootstrapBoard {
  private final Map<UUID, String> addresses = new ConcurrentHashMap<>();

  public void spokeFrom(UUID node, String address) {
    addresses.put(node, address);
  }

  public Optional<String> addressOf(UUID node) {
    return Optional.ofNullable(addresses.get(node));
  }
}
