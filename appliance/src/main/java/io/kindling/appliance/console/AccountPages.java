package io.kindling.appliance.console;

import io.kindling.appliance.account.AccountError;
import io.kindling.appliance.account.Accounts;
import io.kindling.appliance.account.ApiTokens;
import io.kindling.appliance.account.Audit;
import io.kindling.appliance.account.Guard;
import io.kindling.appliance.account.Sessions;
import io.kindling.appliance.console.internal.AccountViews;
import io.kindling.appliance.console.internal.Pages;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Caller;
import io.kindling.appliance.http.Elsewhere;
import io.kindling.appliance.http.Form;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Problem;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The console's pages to come in and to say who else may: login, a one-time link's password,
/// accounts and tokens, and the audit. Plain forms, no script. Thread-safe.
public final class AccountPages {
  private static final Logger logger = LoggerFactory.getLogger(AccountPages.class);
  private static final int AUDIT_PAGE = 100;

  /// A path of this listener, nothing that a browser could take for another host.
  private static final Pattern LOCAL = Pattern.compile("/(?![/\\\\])[!-~&&[^\\\\]]*");

  private final Accounts accounts;
  private final Sessions sessions;
  private final ApiTokens tokens;
  private final Audit audit;
  private final Pages pages;
  private final InstantSource clock;

  public AccountPages(
      Accounts accounts,
      Sessions sessions,
      ApiTokens tokens,
      Audit audit,
      Pages pages,
      InstantSource clock) {
    this.accounts = accounts;
    this.sessions = sessions;
    this.tokens = tokens;
    this.audit = audit;
    this.pages = pages;
    this.clock = clock;
  }

  /// The page of a one-time link.
  public static String welcome(String link) {
    return "/welcome?link=" + link;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("GET", Guard.LOGIN, Access.ANYBODY, this::login)
        .on("POST", Guard.LOGIN, Access.ANYBODY, this::logIn)
        .on("POST", "/logout", Access.VIEWER, this::logOut)
        .on("GET", "/welcome", Access.ANYBODY, this::welcome)
        .on("POST", "/welcome", Access.ANYBODY, this::choose)
        .on("GET", "/accounts", Access.VIEWER, e -> accounts(e, Map.of()))
        .on("POST", "/accounts/password", Access.VIEWER, e -> onPage(e, this::password))
        .on("POST", "/accounts/users", Access.ADMIN, e -> onPage(e, this::add))
        .on("POST", "/accounts/users/{account}", Access.ADMIN, e -> onPage(e, this::change))
        .on("POST", "/accounts/tokens", Access.ADMIN, e -> onPage(e, this::addToken))
        .on("POST", "/accounts/tokens/{token}", Access.ADMIN, e -> onPage(e, this::revoke))
        .on("GET", "/audit", Access.OPERATOR, this::audit);
  }

  private void login(HttpServerExchange exchange) {
    String next = next(query(exchange, "next"));
    if (Caller.of(exchange).isKnown()) {
      throw new Elsewhere(next);
    }
    login(exchange, next, "", "");
  }

  private void login(HttpServerExchange exchange, String next, String name, String problem) {
    pages.send(
        exchange,
        "login.html",
        Map.of("next", next, "name", name, "problem", problem, "nobody", accounts.needsFirst()));
  }

  private void logIn(HttpServerExchange exchange) throws IOException {
    Form form = Form.of(exchange);
    String name = form.get("name").strip();
    String from = Caller.of(exchange).from();
    String next = next(form.get("next"));
    try {
      enter(exchange, accounts.prove(name, form.get("password"), from), "logged in");
    } catch (Problem problem) {
      // Not the name: people type their password there.
      logger.warn("{} a login from {} failed: {}", problem.id(), from, problem.getMessage());
      exchange.setStatusCode(problem.status());
      login(exchange, next, name.length() > 64 ? "" : name, said(problem));
      return;
    }
    throw new Elsewhere(next);
  }

  private void enter(HttpServerExchange exchange, String account, String what) {
    sessions.open(exchange, account);
    audit.append(account, Caller.of(exchange).from(), what);
  }

  private void logOut(HttpServerExchange exchange) {
    Caller caller = Caller.of(exchange);
    sessions.close(exchange);
    audit.append(caller.name(), caller.from(), "logged out");
    throw new Elsewhere(Guard.LOGIN);
  }

  private void welcome(HttpServerExchange exchange) {
    welcome(exchange, query(exchange, "link"), "", "");
  }

  private void welcome(HttpServerExchange exchange, String secret, String name, String problem) {
    try {
      Accounts.Link link = accounts.linkOf(secret);
      String account = link.account();
      pages.send(
          exchange,
          "welcome.html",
          Map.of(
              "link", secret,
              "account", account == null ? "" : account,
              "name", name,
              "role", link.role().label(),
              "problem", problem));
    } catch (Problem used) {
      pages.problem(exchange, used.status(), said(used) + " " + AccountError.LINK.cure());
    }
  }

  private void choose(HttpServerExchange exchange) throws IOException {
    Form form = Form.of(exchange);
    String secret = form.get("link");
    String name = form.get("name").strip();
    try {
      requireSame(form);
      String account = accounts.choose(secret, name, form.get("password"));
      enter(exchange, account, "chose a password by a one-time link");
    } catch (Problem problem) {
      exchange.setStatusCode(problem.status());
      welcome(exchange, secret, name, said(problem));
      return;
    }
    throw new Elsewhere("/");
  }

  private static void requireSame(Form form) {
    if (!form.get("password").equals(form.get("again"))) {
      throw AccountError.PASSWORD.problem("the two are not the same");
    }
  }

  /// What a form brought about, to be shown on the page.
  private interface Change {
    Map<String, Object> of(HttpServerExchange exchange, Form form);
  }

  private void onPage(HttpServerExchange exchange, Change change) throws IOException {
    Form form = Form.of(exchange);
    try {
      accounts(exchange, change.of(exchange, form));
    } catch (Problem problem) {
      exchange.setStatusCode(problem.status());
      accounts(exchange, Map.of("problem", said(problem)));
    }
  }

  private void accounts(HttpServerExchange exchange, Map<String, Object> told) {
    var values = new HashMap<String, Object>(Map.of("problem", "", "done", "", "secret", ""));
    boolean administers = Caller.of(exchange).role().covers(Access.ADMIN);
    values.put("users", administers ? AccountViews.users(accounts.all()) : List.of());
    values.put(
        "tokens", administers ? AccountViews.tokens(tokens.all(), clock.instant()) : List.of());
    values.putAll(told);
    pages.send(exchange, "accounts.html", values);
  }

  private Map<String, Object> password(HttpServerExchange exchange, Form form) {
    Caller caller = Caller.of(exchange);
    requireSame(form);
    accounts.change(caller.account(), form.get("old"), form.get("password"), caller.from());
    audit.append(caller.name(), caller.from(), "changed the own password");
    sessions.open(exchange, caller.account());
    throw new Elsewhere("/accounts"); // the page's token is the new session's then
  }

  private Map<String, Object> add(HttpServerExchange exchange, Form form) {
    Accounts.View made = accounts.add(form.get("name").strip(), role(form));
    Audit.note(exchange, null, made);
    return linked(made.name());
  }

  private Map<String, Object> linked(String account) {
    return Map.of(
        "done",
        "The link by which " + account + " chooses a password, good once, for 24 hours:",
        "secret",
        welcome(accounts.link(account)));
  }

  private Map<String, Object> change(HttpServerExchange exchange, Form form) {
    String name = Handlers.part(exchange, "account");
    switch (form.get("do")) {
      case "link" -> {
        return linked(name);
      }
      case "remove" -> {
        accounts.remove(name);
        Audit.note(exchange, name, null);
        return Map.of("done", name + " is removed, with its sessions and tokens.");
      }
      case "role" -> {
        Access role = role(form);
        accounts.setRole(name, role);
        Audit.note(exchange, null, Map.of("name", name, "role", role.label()));
        return Map.of("done", name + " is " + role.label() + " now.");
      }
      default -> throw AccountError.UNKNOWN_ACCOUNT.problem("nothing to do with " + name);
    }
  }

  private Map<String, Object> addToken(HttpServerExchange exchange, Form form) {
    String days = form.get("days");
    if (!days.matches("[0-9]{1,4}")) {
      throw AccountError.NAME.problem("say how many days it lives");
    }
    String name = form.get("name").strip();
    Access role = role(form);
    String token =
        tokens.add(
            name, role, Duration.ofDays(Integer.parseInt(days)), Caller.of(exchange).account());
    Audit.note(exchange, null, Map.of("name", name, "role", role.label(), "days", days));
    return Map.of("done", "The token " + name + ", shown this once:", "secret", token);
  }

  private Map<String, Object> revoke(HttpServerExchange exchange, Form form) {
    String name = Handlers.part(exchange, "token");
    tokens.revoke(name);
    return Map.of("done", "The token " + name + " is revoked.");
  }

  private static Access role(Form form) {
    return Access.role(form.get("role"))
        .orElseThrow(() -> AccountError.NAME.problem("a role is viewer, operator or admin"));
  }

  private void audit(HttpServerExchange exchange) {
    String before = query(exchange, "before");
    long from = before.matches("[0-9]{1,18}") ? Long.parseLong(before) : Long.MAX_VALUE;
    List<Audit.Entry> entries = audit.before(from, AUDIT_PAGE);
    pages.send(
        exchange,
        "audit.html",
        Map.of(
            "entries",
            AccountViews.entries(entries, clock.instant()),
            "older",
            entries.size() < AUDIT_PAGE ? "" : entries.getLast().sequence()));
  }

  private static String said(Problem problem) {
    return problem.id() + " " + problem.body().title() + ": " + problem.getMessage() + ".";
  }

  private static String next(String told) {
    boolean page = LOCAL.matcher(told).matches() && !told.startsWith(Guard.LOGIN);
    return page ? told : "/";
  }

  private static String query(HttpServerExchange exchange, String name) {
    var values = exchange.getQueryParameters().get(name);
    String value = values == null ? null : values.peekFirst();
    return value == null ? "" : value;
  }
}
