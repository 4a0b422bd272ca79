package io.kindling.appliance.account;

import io.kindling.appliance.account.CredentialBook.Kind;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.secret.Tokens;
import io.kindling.inventory.store.AccessTable.Credential;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.Cookie;
import io.undertow.util.Headers;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Browsers' sessions. Each login gets a new one; it ends by logging out, after a time without a
/// request, and some hours after the login whatever happens. Thread-safe.
public final class Sessions {
  /// Without a request; an open page asks every few seconds.
  public static final Duration IDLE = Duration.ofHours(1);

  /// From the login.
  public static final Duration LIFETIME = Duration.ofHours(12);

  private static final String PLAIN = "kindling";

  /// Browsers take it only over TLS, from this host, for all paths (RFC 6265bis §4.1.3.2).
  private static final String SECURE = "__Host-kindling";

  private final CredentialBook book;
  private final Accounts accounts;

  public Sessions(CredentialBook book, Accounts accounts) {
    this.book = book;
    this.accounts = accounts;
  }

  /// @param csrf what our own pages send along with changes
  record Session(String account, Access role, String csrf, Credential credential) {}

  /// Opens a session for that account and sets its cookie; the one that the browser had ends.
  public void open(HttpServerExchange exchange, String account) {
    String former = secretOf(exchange);
    Access role =
        accounts
            .roleOf(account)
            .orElseThrow(() -> AccountError.UNKNOWN_ACCOUNT.problem("`" + account + "`"));
    String secret =
        book.issue(Kind.SESSION, "", account, role, LIFETIME, is(former).or(this::isIdle));
    setCookie(exchange, secret, LIFETIME.toSeconds());
  }

  /// The session that the browser's cookie stands for.
  Optional<Session> of(HttpServerExchange exchange) {
    String secret = secretOf(exchange);
    if (secret == null) {
      return Optional.empty();
    }
    return book.find(Kind.SESSION, secret)
        .filter(c -> !isIdle(c))
        .flatMap(c -> {
          String account = c.account() == null ? "" : c.account();
          return accounts
              .roleOf(account)
              .map(role -> new Session(account, role, Tokens.hash("csrf " + secret), c));
        });
  }

  void used(Session session) {
    book.used(session.credential());
  }

  boolean isOpen(Session session) {
    return book.isThere(session.credential());
  }

  /// Ends the browser's session.
  public void close(HttpServerExchange exchange) {
    book.drop(is(secretOf(exchange)));
    setCookie(exchange, "", 0);
  }

  private boolean isIdle(Credential c) {
    return c.kind().equals(Kind.SESSION.name()) && c.used().plus(IDLE).isBefore(book.now());
  }

  private static Predicate<Credential> is(@Nullable String secret) {
    String hash = secret == null ? "" : Tokens.hash(secret);
    return c -> c.kind().equals(Kind.SESSION.name()) && c.hash().equals(hash);
  }

  private static boolean isSecure(HttpServerExchange exchange) {
    return exchange.getRequestScheme().equals("https");
  }

  private static @Nullable String secretOf(HttpServerExchange exchange) {
    Cookie cookie = exchange.getRequestCookie(isSecure(exchange) ? SECURE : PLAIN);
    return cookie == null ? null : cookie.getValue();
  }

  private static void setCookie(HttpServerExchange exchange, String value, long seconds) {
    boolean secure = isSecure(exchange);
    exchange
        .getResponseHeaders()
        .add(
            Headers.SET_COOKIE,
            "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s"
                .formatted(secure ? SECURE : PLAIN, value, seconds, secure ? "; Secure" : ""));
  }
}
