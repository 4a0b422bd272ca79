package io.kindling.appliance.http;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import java.util.function.BooleanSupplier;

/// Who asks: attached to each request that was admitted.
///
/// @param name the account, the token or the system's user; empty for nobody
/// @param account whose session or token it is; empty where nobody's
/// @param role what may be done, [Access#ANYBODY] for nobody
/// @param from the address, or the socket
/// @param csrf what proves that a page of ours asks; empty where no browser's cookie spoke
/// @param valid whether it would be admitted still; endless answers look at it
public record Caller(
    String name, String account, Access role, String from, String csrf, BooleanSupplier valid) {

  private static final AttachmentKey<Caller> KEY = AttachmentKey.create(Caller.class);

  /// Nobody that is known.
  public static Caller nobody(String from) {
    return new Caller("", "", Access.ANYBODY, from, "", () -> true);
  }

  /// Whoever may open the socket's file.
  public static Caller atSocket(String user) {
    return new Caller(user, "", Access.ADMIN, "socket", "", () -> true);
  }

  /// Who asks; nobody where that was not looked at.
  public static Caller of(HttpServerExchange exchange) {
    Caller caller = exchange.getAttachment(KEY);
    return caller == null ? nobody("") : caller;
  }

  /// True where it is known who asks.
  public boolean isKnown() {
    return role != Access.ANYBODY;
  }

  public void attach(HttpServerExchange exchange) {
    exchange.putAttachment(KEY, this);
  }
}
