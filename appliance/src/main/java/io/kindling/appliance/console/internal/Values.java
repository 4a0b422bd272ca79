package io.kindling.appliance.console.internal;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Reads the API's loose maps: what is absent or of another type is empty, never an exception.
public final class Values {

  private Values() {}

  /// The value as text, "" where there is none.
  public static String text(Map<?, ?> map, String key) {
    Object value = map.get(key);
    return value == null ? "" : value.toString();
  }

  public static OptionalLong number(Map<?, ?> map, String key) {
    return map.get(key) instanceof Number number
        ? OptionalLong.of(number.longValue())
        : OptionalLong.empty();
  }

  public static boolean flag(Map<?, ?> map, String key) {
    return Boolean.TRUE.equals(map.get(key));
  }

  /// The map at that key, an empty one where there is none.
  public static Map<String, Object> map(Map<?, ?> map, String key) {
    return asMap(map.get(key));
  }

  public static List<Map<String, Object>> maps(Map<?, ?> map, String key) {
    var found = new ArrayList<Map<String, Object>>();
    if (map.get(key) instanceof Iterable<?> many) {
      for (Object one : many) {
        if (one instanceof Map<?, ?>) {
          found.add(asMap(one));
        }
      }
    }
    return found;
  }

  public static List<String> texts(Map<?, ?> map, String key) {
    var found = new ArrayList<String>();
    if (map.get(key) instanceof Iterable<?> many) {
      for (Object one : many) {
        found.add(String.valueOf(one));
      }
    }
    return found;
  }

  /// The instant at that key: an [Instant], its ISO text, or milliseconds since 1970.
  public static Optional<Instant> instant(Map<?, ?> map, String key) {
    return switch (map.get(key)) {
      case Instant instant -> Optional.of(instant);
      case Number millis -> Optional.of(Instant.ofEpochMilli(millis.longValue()));
      case String text -> {
        try {
          yield Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
          yield Optional.empty(); // Shown as "never"; the page is for people.
        }
      }
      case null, default -> Optional.empty();
    };
  }

  private static Map<String, Object> asMap(@Nullable Object value) {
    var found = new LinkedHashMap<String, Object>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, one) -> {
        if (one != null) {
          found.put(String.valueOf(key), one);
        }
      });
    }
    return found;
  }
}
