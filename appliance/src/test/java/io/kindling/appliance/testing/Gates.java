package io.kindling.appliance.testing;

import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Caller;
import io.kindling.appliance.http.Gate;

/// Gates for tests of what lies behind them.
public final class Gates {
  private Gates() {}

  /// Whoever asks is an administrator.
  public static final Gate OPEN = (exchange, access) -> Caller.atSocket("test");

  /// Whoever asks is an administrator with a browser's session.
  public static final Gate SESSION =
      (exchange, access) -> new Caller("test", "test", Access.ADMIN, "here", "csrf", () -> true);

  /// Whoever asks has that role, whatever the route wants.
  public static Gate as(Access role) {
    return (exchange, access) -> new Caller("test", "", role, "here", "", () -> true);
  }
}
