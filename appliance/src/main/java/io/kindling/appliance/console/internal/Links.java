package io.kindling.appliance.console.internal;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;

/// Addresses of pages with what is asked of them. Stateless.
final class Links {

  private Links() {}

  /// That page's address with another value of one parameter.
  ///
  /// @param place the parameter that says how far down the list a page begins: it is dropped
  /// @param value the new one; empty for none
  static String to(
      String path,
      Map<String, ? extends Collection<String>> query,
      String place,
      String key,
      String value) {
    var url = new StringBuilder(path);
    query.forEach((name, values) -> {
      if (!name.equals(key) && !name.equals(place)) {
        values.stream().filter(v -> !v.isEmpty()).forEach(v -> add(url, path, name, v));
      }
    });
    if (!value.isEmpty()) {
      add(url, path, key, value);
    }
    return url.toString();
  }

  private static void add(StringBuilder url, String path, String name, String value) {
    url.append(url.length() == path.length() ? '?' : '&')
        .append(URLEncoder.encode(name, StandardCharsets.UTF_8))
        .append('=')
        .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
  }
}
