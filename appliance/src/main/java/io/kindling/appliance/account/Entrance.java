package io.kindling.appliance.account;

import io.kindling.inventory.store.AccessTable;
import io.kindling.inventory.store.AuditTable;
import io.kindling.inventory.store.Database;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;

/// Everything that decides who comes in, over one database.
public record Entrance(
    Accounts accounts, Sessions sessions, ApiTokens tokens, Audit audit, Guard guard) {

  /// 38 MiB for passwords, at most.
  private static final int PASSWORDS_AT_ONCE = 2;

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  public static Entrance of(Database database, Clock clock, SecureRandom random) {
    var table = new AccessTable(database);
    var book = new CredentialBook(table, clock, random);
    var passwords = new Passwords(random, PASSWORDS_AT_ONCE, PATIENCE);
    var accounts = new Accounts(table, book, passwords, new Lockout(clock));
    var sessions = new Sessions(book, accounts);
    var tokens = new ApiTokens(book, accounts);
    var audit = new Audit(new AuditTable(database), clock);
    return new Entrance(
        accounts, sessions, tokens, audit, new Guard(accounts, sessions, tokens, audit));
  }
}
