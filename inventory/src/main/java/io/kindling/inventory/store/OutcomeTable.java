package io.kindling.inventory.store;

import io.kindling.inventory.store.internal.Rows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/// The table of what became of each task on each node. Thread-safe.
public final class OutcomeTable {
  private static final TypeReference<Map<String, String>> RESULTS = new TypeReference<>() {};
  private static final int MAX_DETAIL = 10_000;

  private final Database database;
  private final Rows rows = new Rows();

  public OutcomeTable(Database database) {
    this.database = database;
  }

  /// @param status a word of the caller's, at most 20 characters
  /// @param at kept to the microsecond
  public record Row(
      UUID node,
      int attempt,
      String task,
      String status,
      Instant at,
      String detail,
      Map<String, String> results) {
    public Row {
      results = Map.copyOf(results);
    }
  }

  /// The last row of each task of that attempt, in the order in which they were recorded first.
  public List<Row> of(UUID node, int attempt) {
    return database.read(connection -> {
      try (PreparedStatement select =
          connection.prepareStatement(
              "select * from outcomes where node = ? and attempt = ? order by ordinal")) {
        select.setObject(1, node);
        select.setInt(2, attempt);
        var all = new ArrayList<Row>();
        try (ResultSet found = select.executeQuery()) {
          while (found.next()) {
            all.add(
                new Row(
                    node,
                    attempt,
                    found.getString("task"),
                    found.getString("status"),
                    Rows.instant(found, "at"),
                    found.getString("detail"),
                    rows.value(found.getString("results"), RESULTS)));
          }
        }
        return all;
      }
    });
  }

  /// Keeps the row in the place of the task's last; on stable storage when it returns.
  public void record(Row row) {
    database.<@Nullable Object>durably(connection -> {
      try (PreparedStatement update =
          connection.prepareStatement(
              "update outcomes set status = ?, at = ?, detail = ?, results = ?"
                  + " where node = ? and attempt = ? and task = ?")) {
        set(update, row);
        if (update.executeUpdate() == 0) {
          insert(connection, row);
        }
      }
      return null;
    });
  }

  private void insert(Connection connection, Row row) throws SQLException {
    int ordinal;
    try (PreparedStatement next =
        connection.prepareStatement(
            "select coalesce(max(ordinal), 0) + 1 from outcomes where node = ? and attempt = ?")) {
      next.setObject(1, row.node());
      next.setInt(2, row.attempt());
      try (ResultSet found = next.executeQuery()) {
        found.next();
        ordinal = found.getInt(1);
      }
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into outcomes (status, at, detail, results, node, attempt, task, ordinal)"
                + " values (?, ?, ?, ?, ?, ?, ?, ?)")) {
      set(insert, row);
      insert.setInt(8, ordinal);
      insert.executeUpdate();
    }
  }

  private void set(PreparedStatement statement, Row row) throws SQLException {
    statement.setString(1, row.status());
    statement.setObject(2, Rows.time(row.at()));
    statement.setString(3, Rows.fit(row.detail(), MAX_DETAIL));
    statement.setString(4, rows.json(row.results()));
    statement.setObject(5, row.node());
    statement.setInt(6, row.attempt());
    statement.setString(7, row.task());
  }
}
