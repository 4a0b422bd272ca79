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

/// The table of DHCP leases. Thread-safe.
public final class LeaseTable {
  private final Database database;

  public LeaseTable(Database database) {
    this.database = database;
  }

  /// @param mac lower case with colons
  /// @param address dotted quad; one row each
  /// @param expires kept to the microsecond
  public record Row(String mac, String address, Instant expires, boolean declined) {}

  /// All rows, by address as text.
  public List<Row> all() {
    return database.read(connection -> {
      var all = new ArrayList<Row>();
      try (PreparedStatement select =
              connection.prepareStatement("select * from leases order by address");
          ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          all.add(
              new Row(
                  rows.getString("mac"),
                  rows.getString("address"),
                  Rows.instant(rows, "expires"),
                  rows.getBoolean("declined")));
        }
      }
      return all;
    });
  }

  /// Drops the rows of some addresses, then writes rows over those of the same address, in one
  /// transaction; on stable storage when it returns.
  public void commit(Collection<Row> put, Collection<String> drop) {
    if (put.isEmpty() && drop.isEmpty()) {
      return;
    }
    database.<@Nullable Object>durably(connection -> {
      drop(connection, drop);
      put(connection, List.copyOf(put));
      return null;
    });
  }

  private static void drop(Connection connection, Collection<String> drop) throws SQLException {
    if (drop.isEmpty()) {
      return;
    }
    try (PreparedStatement delete =
        connection.prepareStatement("delete from leases where address = ?")) {
      for (String address : drop) {
        delete.setString(1, address);
        delete.addBatch();
      }
      delete.executeBatch();
    }
  }

  /// Most leases are renewed, so update first; "insert … on conflict" is not in both dialects.
  private static void put(Connection connection, List<Row> put) throws SQLException {
    try (PreparedStatement update =
            connection.prepareStatement(
                "update leases set mac = ?, expires = ?, declined = ? where address = ?");
        PreparedStatement insert =
            connection.prepareStatement(
                "insert into leases (mac, expires, declined, address) values (?, ?, ?, ?)")) {
      for (Row row : put) {
        set(update, row);
        if (update.executeUpdate() == 0) {
          set(insert, row);
          insert.executeUpdate();
        }
      }
    }
  }

  private static void set(PreparedStatement statement, Row row) throws SQLException {
    statement.setString(1, row.mac());
    statement.setObject(2, Rows.time(row.expires()));
    statement.setBoolean(3, row.declined());
    statement.setString(4, row.address());
  }
}
