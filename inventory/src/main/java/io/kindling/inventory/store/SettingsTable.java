package io.kindling.inventory.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The appliance's own small values (its keys, the cluster's desired state) by name. Thread-safe.
public final class SettingsTable {
  private final Database database;

  public SettingsTable(Database database) {
    this.database = database;
  }

  /// The value of that name.
  public Optional<String> get(String name) {
    return database.read(connection -> {
      try (PreparedStatement select =
          connection.prepareStatement("select content from settings where name = ?")) {
        select.setString(1, name);
        try (ResultSet found = select.executeQuery()) {
          return found.next() ? Optional.of(found.getString(1)) : Optional.empty();
        }
      }
    });
  }

  /// The names of all values.
  public Set<String> names() {
    return database.read(connection -> {
      var names = new TreeSet<String>();
      try (PreparedStatement select = connection.prepareStatement("select name from settings");
          ResultSet found = select.executeQuery()) {
        while (found.next()) {
          names.add(found.getString(1));
        }
      }
      return names;
    });
  }

  /// All values, by name.
  public Map<String, String> all() {
    return database.read(connection -> {
      var all = new TreeMap<String, String>();
      try (PreparedStatement select = connection.prepareStatement("select * from settings");
          ResultSet found = select.executeQuery()) {
        while (found.next()) {
          all.put(found.getString("name"), found.getString("content"));
        }
      }
      return all;
    });
  }

  /// Keeps a value (at most 1,000,000 characters) over the old one; on stable storage when it
  /// returns.
  public void put(String name, String value) {
    database.<@Nullable Object>durably(connection -> {
      try (PreparedStatement update =
          connection.prepareStatement("update settings set content = ? where name = ?")) {
        update.setString(1, value);
        update.setString(2, name);
        if (update.executeUpdate() == 0) {
          try (PreparedStatement insert =
              connection.prepareStatement("insert into settings (content, name) values (?, ?)")) {
            insert.setString(1, value);
            insert.setString(2, name);
            insert.executeUpdate();
          }
        }
      }
      return null;
    });
  }

  /// Drops a value, durably; nothing where there is none.
  public void remove(String name) {
    database.<@Nullable Object>durably(connection -> {
      try (PreparedStatement delete =
          connection.prepareStatement("delete from settings where name = ?")) {
        delete.setString(1, name);
        delete.executeUpdate();
      }
      return null;
    });
  }
}
