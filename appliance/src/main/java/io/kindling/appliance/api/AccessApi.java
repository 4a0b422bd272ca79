package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.account.Accounts;
import io.kindling.appliance.account.ApiTokens;
import io.kindling.appliance.account.Audit;
import io.kindling.appliance.console.AccountPages;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Caller;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;

/// The operators' API for accounts, tokens and the audit. Secrets are told once, to whom they are
/// made for, and never again. Thread-safe.
public final class AccessApi {
  private static final int PAGE = 100;

  private final Accounts accounts;
  private final ApiTokens tokens;
  private final Audit audit;
  private final UnaryOperator<String> url;

  /// @param url a path of the console → its address for a browser
  public AccessApi(Accounts accounts, ApiTokens tokens, Audit audit, UnaryOperator<String> url) {
    this.accounts = accounts;
    this.tokens = tokens;
    this.audit = audit;
    this.url = url;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("GET", "/api/v1/account", Access.VIEWER, this::self)
        .on("PUT", "/api/v1/account/password", Access.VIEWER, this::password)
        .on("POST", "/api/v1/admin-links", Access.ADMIN, this::adminLink)
        .on("GET", "/api/v1/accounts", Access.ADMIN, e -> Json.send(e, 200, accounts.all()))
        .on("POST", "/api/v1/accounts", Access.ADMIN, this::add)
        .on("PATCH", "/api/v1/accounts/{account}", Access.ADMIN, this::change)
        .on("DELETE", "/api/v1/accounts/{account}", Access.ADMIN, this::remove)
        .on("POST", "/api/v1/accounts/{account}/links", Access.ADMIN, this::link)
        .on("GET", "/api/v1/tokens", Access.ADMIN, e -> Json.send(e, 200, tokens.all()))
        .on("POST", "/api/v1/tokens", Access.ADMIN, this::addToken)
        .on("DELETE", "/api/v1/tokens/{token}", Access.ADMIN, this::revoke)
        .on("GET", "/api/v1/audit", Access.OPERATOR, this::audit);
  }

  private record Self(String name, String role, String from) {}

  private void self(HttpServerExchange exchange) {
    Caller caller = Caller.of(exchange);
    Json.send(exchange, 200, new Self(caller.name(), caller.role().label(), caller.from()));
  }

  /// `{"old": …, "new": …}`.
  private void password(HttpServerExchange exchange) throws IOException {
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("old", "new"));
    Caller caller = Caller.of(exchange);
    accounts.change(caller.account(), text(body, "old"), text(body, "new"), caller.from());
    audit.append(caller.name(), caller.from(), "changed the own password");
    exchange.setStatusCode(204);
  }

  /// @param path the console's page with the one-time link
  /// @param url the same for a browser, as far as the appliance knows its own address
  private record Link(String path, String url, long validSeconds) {}

  private Link linked(String secret) {
    String path = AccountPages.welcome(secret);
    return new Link(path, url.apply(path), Accounts.LINK.toSeconds());
  }

  private void adminLink(HttpServerExchange exchange) {
    Json.send(exchange, 201, linked(accounts.adminLink()));
  }

  /// `{"name": …, "role": "viewer|operator|admin"}`.
  private void add(HttpServerExchange exchange) throws IOException {
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("name", "role"));
    Accounts.View made = accounts.add(text(body, "name"), role(body));
    Audit.note(exchange, null, made);
    Json.send(exchange, 201, linked(accounts.link(made.name())));
  }

  /// `{"role": …}`.
  private void change(HttpServerExchange exchange) throws IOException {
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("role"));
    String name = Handlers.part(exchange, "account");
    Object before = view(name);
    accounts.setRole(name, role(body));
    Audit.note(exchange, before, view(name));
    Json.send(exchange, 200, view(name));
  }

  private void remove(HttpServerExchange exchange) {
    String name = Handlers.part(exchange, "account");
    Audit.note(exchange, view(name), null);
    accounts.remove(name);
    exchange.setStatusCode(204);
  }

  private void link(HttpServerExchange exchange) {
    Json.send(exchange, 201, linked(accounts.link(Handlers.part(exchange, "account"))));
  }

  private Object view(String name) {
    return accounts.all().stream()
        .filter(a -> a.name().equals(name))
        .<Object>map(a -> a)
        .findFirst()
        .orElse(Map.of());
  }

  private record NewToken(String name, String role, String token) {}

  /// `{"name": …, "role": …, "days": 90}`.
  private void addToken(HttpServerExchange exchange) throws IOException {
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("name", "role", "days"));
    if (!body.path("days").isIntegralNumber() || !body.path("days").canConvertToInt()) {
      throw new Problem(400, ApplianceError.BAD_REQUEST, "`days` says how long it lives");
    }
    String account = Caller.of(exchange).account();
    String name = text(body, "name");
    Access role = role(body);
    String token = tokens.add(name, role, Duration.ofDays(body.path("days").asInt()), account);
    Audit.note(exchange, null, body);
    Json.send(exchange, 201, new NewToken(name, role.label(), token));
  }

  private void revoke(HttpServerExchange exchange) {
    tokens.revoke(Handlers.part(exchange, "token"));
    exchange.setStatusCode(204);
  }

  /// Newest first; `?before=SEQUENCE` goes on.
  private void audit(HttpServerExchange exchange) {
    long before = Requests.number(exchange, "before", Long.MAX_VALUE);
    Json.send(
        exchange,
        200,
        audit.before(before, (int) Math.min(1000, Requests.number(exchange, "limit", PAGE))));
  }

  private static String text(JsonNode body, String key) {
    JsonNode value = body.path(key);
    if (!value.isString()) {
      throw new Problem(400, ApplianceError.BAD_REQUEST, "`" + key + "` is missing, or no text");
    }
    return value.asString();
  }

  private static Access role(JsonNode body) {
    return Access.role(text(body, "role"))
        .orElseThrow(() ->
            new Problem(400, ApplianceError.BAD_REQUEST, "`role` is viewer, operator or admin"));
  }
}
