package io.kindling.appliance.http;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// Who may use a route; of operators each includes those before it.
public enum Access {
  /// Whoever reaches the listener.
  ANYBODY,
  /// A machine: the route looks at its token itself.
  MACHINE,
  /// Sees everything, changes nothing but the own password.
  VIEWER,
  /// Does what a rack needs day by day.
  OPERATOR,
  /// Also decides who may come in, and touches what is protected.
  ADMIN;

  /// True where this role may use a route of that access.
  public boolean covers(Access route) {
    return route == ANYBODY || ordinal() >= VIEWER.ordinal() && compareTo(route) >= 0;
  }

  /// As files and the API write it.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The operators' role of that name.
  public static Optional<Access> role(String label) {
    return Arrays.stream(values())
        .filter(a -> a.ordinal() >= VIEWER.ordinal() && a.label().equals(label))
        .findFirst();
  }
}
