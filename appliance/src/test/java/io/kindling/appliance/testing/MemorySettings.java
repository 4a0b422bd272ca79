package io.kindling.appliance.testing;

import io.kindling.appliance.deploy.Settings;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Settings in memory. Thread-safe.
public final class MemorySettings implements Settings {
  private final Map<String, String> values = new ConcurrentHashMap<>();

  @Override
  public Optional<String> get(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /// Of all values.
  public Set<String> names() {
    return Set.copyOf(values.keySet());
  }

  @Override
  public void put(String key, String value) {
    values.put(key, value);
  }
}
