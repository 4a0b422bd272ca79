package io.kindling.appliance.account;

import io.kindling.appliance.account.CredentialBook.Kind;
import io.kindling.appliance.http.Access;
import io.kindling.inventory.store.AccessTable;
import io.kindling.inventory.store.AccessTable.Account;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The accounts, and the one-time links by which their owners choose a password. Nobody ever knows
/// another's password, and there is no default one. Thread-safe.
public final class Accounts {
  /// How long a link stands.
  public static final Duration LINK = Duration.ofHours(24);

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9._-]{0,31}");

  private final AccessTable table;
  private final CredentialBook book;
  private final Passwords passwords;
  private final Lockout lockout;
  private final Map<String, Account> byName = new ConcurrentSkipListMap<>();

  public Accounts(AccessTable table, CredentialBook book, Passwords passwords, Lockout lockout) {
    this.table = table;
    this.book = book;
    this.passwords = passwords;
    this.lockout = lockout;
    table.accounts().forEach(a -> byName.put(a.name(), a));
  }

  /// @param open whether its owner has yet to choose a password
  public record View(String name, String role, boolean open, Instant created) {}

  /// What a link is for.
  ///
  /// @param account whose password is chosen by it; null where the first administrator is made
  public record Link(@Nullable String account, Access role) {}

  public List<View> all() {
    return byName.values().stream()
        .map(a -> new View(a.name(), role(a).label(), a.password() == null, a.created()))
        .toList();
  }

  /// True while no administrator can log in.
  public boolean needsFirst() {
    return byName.values().stream().noneMatch(Accounts::administers);
  }

  /// The role of that account; empty where there is none.
  Optional<Access> roleOf(String name) {
    return Optional.ofNullable(byName.get(name)).map(Accounts::role);
  }

  /// The account that the password proves. A wrong name takes as long as a wrong password, and both
  /// say the same.
  ///
  /// @throws io.kindling.appliance.http.Problem where it proves nothing, or after too many attempts
  public String prove(String name, String password, String from) {
    lockout.begin(name, from);
    Account account = byName.get(name);
    if (!passwords.matches(account == null ? null : account.password(), password)
        || account == null) {
      throw AccountError.WRONG_PASSWORD.problem("check both");
    }
    lockout.succeeded(name, from);
    return name;
  }

  /// A link that makes the first administrator, or another one; those made before are worth
  /// nothing.
  public String adminLink() {
    return book.issue(
        Kind.LINK,
        "",
        null,
        Access.ADMIN,
        LINK,
        c -> c.kind().equals(Kind.LINK.name()) && c.account() == null);
  }

  /// A link by which the owner of that account chooses a password.
  public String link(String name) {
    Account account = require(name);
    return book.issue(
        Kind.LINK,
        "",
        name,
        role(account),
        LINK,
        c -> c.kind().equals(Kind.LINK.name()) && name.equals(c.account()));
  }

  /// What a link is for, as long as it stands.
  public Link linkOf(String secret) {
    return book.find(Kind.LINK, secret)
        .map(c -> new Link(c.account(), Access.valueOf(c.role())))
        .orElseThrow(() -> AccountError.LINK.problem("it was used, replaced, or is too old"));
  }

  /// Chooses a password by a link, which is used up; all sessions of the account end.
  ///
  /// @param name of the administrator to be made; others have theirs already
  public synchronized String choose(String secret, String name, String password) {
    Link link = linkOf(secret);
    String owner = link.account() == null ? checked(name) : link.account();
    String kept = passwords.kept(password);
    linkOf(secret); // meanwhile it may have expired
    Account before = byName.get(owner);
    keep(
        new Account(
            owner,
            before == null ? link.role().name() : before.role(),
            kept,
            before == null ? book.now() : before.created()),
        book.hashes(c ->
            c.kind().equals(Kind.LINK.name())
                    && (link.account() == null ? c.account() == null : owner.equals(c.account()))
                || c.kind().equals(Kind.SESSION.name()) && owner.equals(c.account())));
    return owner;
  }

  /// Changes the own password; all sessions of the account end.
  public synchronized void change(String name, String old, String fresh, String from) {
    prove(name, old, from);
    Account before = require(name);
    keep(
        new Account(name, before.role(), passwords.kept(fresh), before.created()),
        book.hashes(c -> c.kind().equals(Kind.SESSION.name()) && name.equals(c.account())));
  }

  /// Makes an account without a password; a [#link] lets its owner choose one.
  public synchronized View add(String name, Access role) {
    keep(new Account(checked(name), role.name(), null, book.now()), List.of());
    return new View(name, role.label(), true, require(name).created());
  }

  /// Gives another role, from the next request on.
  public synchronized void setRole(String name, Access role) {
    Account before = require(name);
    if (role != Access.ADMIN) {
      requireOtherAdmin(before);
    }
    keep(new Account(name, role.name(), before.password(), before.created()), List.of());
  }

  /// Removes an account with its sessions and tokens.
  public synchronized void remove(String name) {
    requireOtherAdmin(require(name));
    table.remove(name);
    byName.remove(name);
    book.forget(book.hashes(c -> name.equals(c.account())));
  }

  private void keep(Account account, List<String> dropped) {
    table.put(account, dropped);
    byName.put(account.name(), account);
    book.forget(dropped);
  }

  private String checked(String name) {
    if (!NAME.matcher(name).matches()) {
      throw AccountError.NAME.problem(
          "a name is a lower-case letter and letters, digits, . _ -, at most 32 together");
    }
    if (byName.containsKey(name)) {
      throw AccountError.NAME.problem(name + " is there already");
    }
    return name;
  }

  private Account require(String name) {
    Account account = byName.get(name);
    if (account == null) {
      throw AccountError.UNKNOWN_ACCOUNT.problem("`" + name + "`");
    }
    return account;
  }

  private void requireOtherAdmin(Account leaving) {
    boolean other =
        byName.values().stream().anyMatch(a -> administers(a) && !a.name().equals(leaving.name()));
    if (administers(leaving) && !other) {
      throw AccountError.LAST_ADMIN.problem(leaving.name() + " is the only one");
    }
  }

  private static boolean administers(Account account) {
    return role(account) == Access.ADMIN && account.password() != null;
  }

  private static Access role(Account account) {
    return Access.valueOf(account.role());
  }
}
