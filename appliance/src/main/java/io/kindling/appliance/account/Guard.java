package io.kindling.appliance.account;

import io.kindling.appliance.account.ApiTokens.Token;
import io.kindling.appliance.account.Sessions.Session;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Caller;
import io.kindling.appliance.http.Elsewhere;
import io.kindling.appliance.http.Form;
import io.kindling.appliance.http.Gate;
import io.kindling.appliance.http.Problem;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one place that decides who may do what on the operators' listener and socket: finds out who
/// asks, compares the role with the route's, wants the page's token for changes by a browser's
/// session, and has changes kept in the audit. Thread-safe.
public final class Guard implements Gate {
  /// The page's token as a header; in forms it is the field `csrf`.
  public static final String CSRF_HEADER = "X-CSRF-Token";

  /// Where browsers log in.
  public static final String LOGIN = "/login";

  private static final Logger logger = LoggerFactory.getLogger(Guard.class);
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");
  private static final String BEARER = "Bearer ";
  private static final HttpString HX_REDIRECT = new HttpString("HX-Redirect");

  private final Accounts accounts;
  private final Sessions sessions;
  private final ApiTokens tokens;
  private final Audit audit;

  public Guard(Accounts accounts, Sessions sessions, ApiTokens tokens, Audit audit) {
    this.accounts = accounts;
    this.sessions = sessions;
    this.tokens = tokens;
    this.audit = audit;
  }

  @Override
  public Caller admit(HttpServerExchange exchange, Access access) throws IOException {
    if (access == Access.MACHINE) {
      throw new IllegalStateException("a route for machines on the operators' listener");
    }
    Caller caller = whoAsks(exchange);
    if (access == Access.ANYBODY) {
      return caller;
    }
    if (!caller.isKnown()) {
      throw login(exchange);
    }
    if (!caller.role().covers(access)) {
      caller.attach(exchange); // the page that says no says to whom
      logger.warn(
          "{} {} may not {} {}",
          AccountError.FORBIDDEN.id(),
          caller.name(),
          exchange.getRequestMethod(),
          exchange.getRequestPath());
      throw AccountError.FORBIDDEN.problem(
          "%s is %s, this needs %s"
              .formatted(caller.name(), caller.role().label(), access.label()));
    }
    if (!SAFE.contains(exchange.getRequestMethod().toString())) {
      if (!caller.csrf().isEmpty()) {
        requireOwnPage(exchange, caller);
      }
      if (access != Access.VIEWER) {
        audit.watch(exchange, caller);
      }
    }
    return caller;
  }

  /// A bearer token comes before a cookie: pages of other origins can send the one, not the other.
  private Caller whoAsks(HttpServerExchange exchange) {
    Caller attached = Caller.of(exchange);
    if (attached.isKnown()) {
      return attached; // by the socket
    }
    String from = exchange.getSourceAddress().getAddress().getHostAddress();
    String authorization = exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION);
    if (authorization != null) {
      return bearer(exchange, authorization, from);
    }
    Optional<Session> session = sessions.of(exchange);
    if (session.isEmpty()) {
      return Caller.nobody(from);
    }
    Session open = session.get();
    sessions.used(open);
    return new Caller(
        open.account(),
        open.account(),
        open.role(),
        from,
        open.csrf(),
        () -> sessions.isOpen(open));
  }

  private Caller bearer(HttpServerExchange exchange, String authorization, String from) {
    Optional<Token> token =
        authorization.startsWith(BEARER)
            ? tokens.find(authorization.substring(BEARER.length()).strip())
            : Optional.empty();
    if (token.isEmpty()) {
      exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, "Bearer");
      throw AccountError.BAD_TOKEN.problem("from " + from);
    }
    Token good = token.get();
    tokens.used(good);
    String account = good.credential().account();
    return new Caller(
        "token " + good.credential().name(),
        account == null ? "" : account,
        good.role(),
        from,
        "",
        () -> tokens.isGood(good));
  }

  private RuntimeException login(HttpServerExchange exchange) {
    String path = exchange.getRequestPath();
    boolean page = !path.startsWith("/api/");
    String accept = exchange.getRequestHeaders().getFirst(Headers.ACCEPT);
    if (page && exchange.getRequestHeaders().contains("HX-Request")) {
      exchange.getResponseHeaders().put(HX_REDIRECT, LOGIN);
    } else if (page && (accept == null || accept.contains("text/html"))) {
      boolean get = SAFE.contains(exchange.getRequestMethod().toString());
      return new Elsewhere(
          LOGIN
              + (get && path.length() > 1
                  ? "?next=" + URLEncoder.encode(path, StandardCharsets.UTF_8)
                  : ""));
    }
    exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, "Bearer");
    return AccountError.NOT_LOGGED_IN.problem(
        accounts.needsFirst() ? "there is no administrator yet" : "this needs an account");
  }

  /// The session's cookie alone is not enough for a change: browsers send it by themselves.
  private static void requireOwnPage(HttpServerExchange exchange, Caller caller)
      throws IOException {
    String header = exchange.getRequestHeaders().getFirst(CSRF_HEADER);
    String sent =
        header != null ? header : Form.isIn(exchange) ? Form.of(exchange).get("csrf") : "";
    if (!MessageDigest.isEqual(
        sent.getBytes(StandardCharsets.UTF_8), caller.csrf().getBytes(StandardCharsets.UTF_8))) {
      Problem problem = AccountError.CSRF.problem("by the session of " + caller.name());
      logger.warn("{} {}", AccountError.CSRF.id(), problem.getMessage());
      throw problem;
    }
  }
}
