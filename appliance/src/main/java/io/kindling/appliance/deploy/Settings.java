package io.kindling.appliance.deploy;

import java.util.Optional;

/// A few values on stable storage. Thread-safe.
public interface Settings {

  Optional<String> get(String key);

  /// Durable when it returns.
  void put(String key, String value);
}
