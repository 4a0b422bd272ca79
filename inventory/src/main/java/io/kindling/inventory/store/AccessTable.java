package io.kindling.inventory.store;

import io.kindling.inventory.store.internal.Rows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The tables of accounts and of what proves them: sessions, API tokens, one-time links.
/// Thread-safe.
public final class AccessTable {
  private final Database database;

  public AccessTable(Database database) {
    this.database = database;
  }

  /// @param role a word of the caller's
  /// @param password a PHC string, null until its owner has chosen one
  /// @param created kept to the microsecond
  public record Account(String name, String role, @Nullable String password, Instant created) {}

  /// @param hash of the secret, which is not kept
  /// @param kind a word of the caller's
  /// @param name what it is called, empty where it has no name
  /// @param account whose it is, null where nobody's
  /// @param used when it was used last, as far as that was kept
  public record Credential(
      String hash,
      String kind,
      String name,
      @Nullable String account,
      String role,
      Instant created,
      Instant used,
      Instant expires) {}

  /// All accounts, by name.
  public List<Account> accounts() {
    return database.read(connection -> {
      var all = new ArrayList<Account>();
      try (PreparedStatement select =
              connection.prepareStatement("select * from accounts order by name");
          ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          all.add(
              new Account(
                  rows.getString("name"),
                  rows.getString("role"),
                  rows.getString("password"),
                  Rows.instant(rows, "created")));
        }
      }
      return all;
    });
  }

  /// All credentials, oldest first.
  public List<Credential> credentials() {
    return database.read(connection -> {
      var all = new ArrayList<Credential>();
      try (PreparedStatement select =
              connection.prepareStatement("select * from credentials order by created, hash");
          ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          all.add(
              new Credential(
                  rows.getString("hash"),
                  rows.getString("kind"),
                  rows.getString("name"),
                  rows.getString("account"),
                  rows.getString("role"),
                  Rows.instant(rows, "created"),
                  Rows.instant(rows, "used"),
                  Rows.instant(rows, "expires")));
        }
      }
      return all;
    });
  }

  /// Keeps an account over that of the same name and drops some credentials, in one transaction; on
  /// stable storage when it returns.
  public void put(Account account, Collection<String> dropped) {
    database.<@Nullable Object>durably(connection -> {
      delete(connection, "delete from accounts where name = ?", List.of(account.name()));
      try (PreparedStatement insert =
          connection.prepareStatement(
              "insert into accounts (name, role, password, created) values (?, ?, ?, ?)")) {
        insert.setString(1, account.name());
        insert.setString(2, account.role());
        insert.setString(3, account.password());
        insert.setObject(4, Rows.time(account.created()));
        insert.executeUpdate();
      }
      delete(connection, "delete from credentials where hash = ?", dropped);
      return null;
    });
  }

  /// Drops an account with all that proves it; on stable storage when it returns.
  public void remove(String account) {
    database.<@Nullable Object>durably(connection -> {
      delete(connection, "delete from credentials where account = ?", List.of(account));
      delete(connection, "delete from accounts where name = ?", List.of(account));
      return null;
    });
  }

  /// Drops some credentials and keeps one more, in one transaction; on stable storage when it
  /// returns.
  public void exchange(Collection<String> dropped, @Nullable Credential kept) {
    database.<@Nullable Object>durably(connection -> {
      delete(connection, "delete from credentials where hash = ?", dropped);
      if (kept != null) {
        insert(connection, kept);
      }
      return null;
    });
  }

  /// Notes when a credential was used; a power cut may lose that.
  public void used(String hash, Instant at) {
    database.<@Nullable Object>soon(connection -> {
      try (PreparedStatement update =
          connection.prepareStatement("update credentials set used = ? where hash = ?")) {
        update.setObject(1, Rows.time(at));
        update.setString(2, hash);
        update.executeUpdate();
      }
      return null;
    });
  }

  private static void insert(Connection connection, Credential kept) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into credentials (hash, kind, name, account, role, created, used, expires)"
                + " values (?, ?, ?, ?, ?, ?, ?, ?)")) {
      insert.setString(1, kept.hash());
      insert.setString(2, kept.kind());
      insert.setString(3, kept.name());
      insert.setString(4, kept.account());
      insert.setString(5, kept.role());
      insert.setObject(6, Rows.time(kept.created()));
      insert.setObject(7, Rows.time(kept.used()));
      insert.setObject(8, Rows.time(kept.expires()));
      insert.executeUpdate();
    }
  }

  private static void delete(Connection connection, String sql, Collection<String> values)
      throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(sql)) {
      for (String value : values) {
        delete.setString(1, value);
        delete.executeUpdate();
      }
    }
  }
}
