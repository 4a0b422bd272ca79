package io.kindling.appliance.account;

import io.kindling.appliance.account.CredentialBook.Kind;
import io.kindling.appliance.http.Access;
import io.kindling.inventory.store.AccessTable.Credential;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Tokens for programs: a name, a role, an end. Thread-safe.
///
/// A token never does more than the account that made it may do now, and goes with it; one made at
/// the socket belongs to no account.
public final class ApiTokens {
  /// Longer ones are forgotten and never renewed.
  public static final Duration LONGEST = Duration.ofDays(366);

  /// What every token begins with, so that scanners for lost secrets know it.
  public static final String PREFIX = "kindling_";

  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}");

  private final CredentialBook book;
  private final Accounts accounts;

  public ApiTokens(CredentialBook book, Accounts accounts) {
    this.book = book;
    this.accounts = accounts;
  }

  /// @param account who made it, null at the socket
  /// @param used the last use, to the minute; the time of making where there was none
  public record View(
      String name,
      String role,
      @Nullable String account,
      Instant created,
      Instant used,
      Instant expires) {}

  public List<View> all() {
    return book.all(Kind.TOKEN).stream()
        .map(c ->
            new View(
                c.name(),
                Access.valueOf(c.role()).label(),
                c.account(),
                c.created(),
                c.used(),
                c.expires()))
        .toList();
  }

  /// Makes a token; this is the only time that it is told.
  ///
  /// @param account who makes it, empty at the socket
  public String add(String name, Access role, Duration lifetime, String account) {
    if (!NAME.matcher(name).matches()) {
      throw AccountError.NAME.problem("a token's name is letters, digits, . _ -, at most 64");
    }
    if (lifetime.isNegative() || lifetime.isZero() || lifetime.compareTo(LONGEST) > 0) {
      throw AccountError.NAME.problem(
          "a token lives from one day to " + LONGEST.toDays() + " days");
    }
    synchronized (this) {
      if (book.all(Kind.TOKEN).stream().anyMatch(c -> c.name().equals(name))) {
        throw AccountError.NAME.problem("there is a token " + name + " already");
      }
      return PREFIX
          + book.issue(
              Kind.TOKEN, name, account.isEmpty() ? null : account, role, lifetime, c -> false);
    }
  }

  /// Revokes a token, from the next request on.
  public void revoke(String name) {
    if (book.drop(c -> c.kind().equals(Kind.TOKEN.name()) && c.name().equals(name)) == 0) {
      throw AccountError.UNKNOWN_ACCOUNT.problem("there is no token `" + name + "`");
    }
  }

  /// @param role what it may do now
  record Token(Access role, Credential credential) {}

  Optional<Token> find(String bearer) {
    if (!bearer.startsWith(PREFIX)) {
      return Optional.empty();
    }
    return book.find(Kind.TOKEN, bearer.substring(PREFIX.length()))
        .flatMap(c -> {
          Access own = Access.valueOf(c.role());
          if (c.account() == null) {
            return Optional.of(new Token(own, c));
          }
          return accounts
              .roleOf(c.account())
              .map(owner -> new Token(owner.covers(own) ? own : owner, c));
        });
  }

  void used(Token token) {
    book.used(token.credential());
  }

  boolean isGood(Token token) {
    return book.isThere(token.credential());
  }
}
