package io.kindling.appliance.http;

import io.undertow.server.HttpServerExchange;
import java.io.IOException;

/// Decides whether a request may use a route. Thread-safe.
@FunctionalInterface
public interface Gate {

  /// Who asks, where that is allowed.
  ///
  /// @throws Problem where it is not
  /// @throws Elsewhere where a browser is to log in first
  Caller admit(HttpServerExchange exchange, Access access) throws IOException;

  /// The machines' listener: it knows no operator.
  Gate MACHINES =
      (exchange, access) -> {
        if (access.compareTo(Access.MACHINE) > 0) {
          throw new IllegalStateException("a route for operators on the machines' listener");
        }
        return Caller.nobody("");
      };
}
