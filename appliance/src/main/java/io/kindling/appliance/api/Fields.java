package io.kindling.appliance.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A map in the order of writing that may hold nulls. Not thread-safe.
final class Fields {
  private final Map<String, @Nullable Object> map = new LinkedHashMap<>();

  Fields put(String key, @Nullable Object value) {
    map.put(key, value);
    return this;
  }

  @SuppressWarnings("NullAway") // readers know that a key may hold null
  Map<String, Object> map() {
    return Collections.unmodifiableMap(map);
  }
}
