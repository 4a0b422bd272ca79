package io.kindling.inventory.store;

import io.kindling.inventory.store.internal.Rows;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The table of who changed what. Rows are only added, never changed or dropped. Thread-safe.
public final class AuditTable {
  private static final int MAX_STATE = 100_000;
  private static final int MAX_LIMIT = 1_000;

  private final Database database;

  public AuditTable(Database database) {
    this.database = database;
  }

  /// @param sequence grows by one with each row
  /// @param origin where the change was asked for
  /// @param before what was, null where nothing is to be told
  /// @param after what is, null where nothing is to be told
  public record Row(
      long sequence,
      Instant at,
      String who,
      String origin,
      String what,
      @Nullable String before,
      @Nullable String after) {}

  /// Adds a row with the next number; on stable storage when it returns.
  public Row append(
      Instant at,
      String who,
      String origin,
      String what,
      @Nullable String before,
      @Nullable String after) {
    return database.durably(connection -> {
      long sequence;
      try (PreparedStatement next =
              connection.prepareStatement("select coalesce(max(sequence), 0) + 1 from audit");
          ResultSet found = next.executeQuery()) {
        found.next();
        sequence = found.getLong(1);
      }
      var row =
          new Row(
              sequence,
              Rows.micros(at),
              Rows.fit(who, 100),
              Rows.fit(origin, 100),
              Rows.fit(what, 300),
              before == null ? null : Rows.fit(before, MAX_STATE),
              after == null ? null : Rows.fit(after, MAX_STATE));
      try (PreparedStatement insert =
          connection.prepareStatement(
              "insert into audit (sequence, at, who, origin, what, state_before, state_after)"
                  + " values (?, ?, ?, ?, ?, ?, ?)")) {
        insert.setLong(1, row.sequence());
        insert.setObject(2, Rows.time(row.at()));
        insert.setString(3, row.who());
        insert.setString(4, row.origin());
        insert.setString(5, row.what());
        insert.setString(6, row.before());
        insert.setString(7, row.after());
        insert.executeUpdate();
      }
      return row;
    });
  }

  /// At most `limit` rows before that number, newest first.
  public List<Row> before(long sequence, int limit) {
    return database.read(connection -> {
      try (PreparedStatement select =
          connection.prepareStatement(
              "select * from audit where sequence < ? order by sequence desc limit ?")) {
        select.setLong(1, sequence);
        select.setInt(2, Math.clamp(limit, 0, MAX_LIMIT));
        var page = new ArrayList<Row>();
        try (ResultSet rows = select.executeQuery()) {
          while (rows.next()) {
            page.add(
                new Row(
                    rows.getLong("sequence"),
                    Rows.instant(rows, "at"),
                    rows.getString("who"),
                    rows.getString("origin"),
                    rows.getString("what"),
                    rows.getString("state_before"),
                    rows.getString("state_after")));
          }
        }
        return page;
      }
    });
  }
}
