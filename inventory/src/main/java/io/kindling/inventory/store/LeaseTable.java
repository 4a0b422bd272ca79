package io.kindling.inventory.store;

import io.kindling.inventory.InventoryError;
import io.kindling.inventory.StoreException;
import io.kindling.inventory.store.internal.RedoLog;
import io.kindling.inventory.store.internal.Rows;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// The table of DHCP leases. What is committed goes to a log that is synced at once, and from there
/// to the table whenever the log is nearly full and at the next start: a sync of the log writes one
/// block, one of the table's pages a dozen. Thread-safe.
public final class LeaseTable implements AutoCloseable {
  /// The log's files are this with `.0` and `.1`.
  public static final String LOG = "leases.log";

  /// Of each of the log's two files: some 70,000 leases.
  private static final int LOG_SIZE = 4 << 20;

  private static final int ROWS_AT_ONCE = 1000;

  private final Database database;
  private final Executor background;
  private final RedoLog log;
  private final int nearlyFull;

  /// By address: what the log's current file says; empty where the address was dropped.
  private Map<String, Optional<Row>> ahead = new HashMap<>();

  private boolean storing;
  private @Nullable StoreException broken;

  /// @param background writes to the table while commits go on
  /// @throws StoreException where the log cannot be read or written
  public LeaseTable(Database database, Executor background) {
    this(database, background, LOG_SIZE);
  }

  LeaseTable(Database database, Executor background, int logSize) {
    this.database = database;
    this.background = background;
    this.nearlyFull = logSize / 4 * 3;
    try {
      log = RedoLog.open(database.directory(), LOG, logSize);
    } catch (IOException e) {
      throw failure("opening", e);
    }
    log.found().forEach(record -> LeaseRecord.read(record, ahead));
    write(ahead);
    ahead = new HashMap<>();
  }

  /// @param mac lower case with colons
  /// @param address dotted quad; one row each
  /// @param expires kept to the microsecond
  public record Row(String mac, String address, Instant expires, boolean declined) {
    public Row {
      expires = expires.truncatedTo(ChronoUnit.MICROS);
    }
  }

  /// All rows, by address as text.
  public List<Row> all() {
    Map<String, Row> all = new TreeMap<>();
    synchronized (this) {
      awaitStored();
      for (Row row : stored()) {
        all.put(row.address(), row);
      }
      ahead.forEach((address, row) -> {
        if (row.isPresent()) {
          all.put(address, row.get());
        } else {
          all.remove(address);
        }
      });
    }
    return List.copyOf(all.values());
  }

  private List<Row> stored() {
    return database.read(connection -> {
      var all = new ArrayList<Row>();
      try (PreparedStatement select = connection.prepareStatement("select * from leases");
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

  /// Drops the rows of some addresses, then writes rows over those of the same address, all or
  /// none; on stable storage when it returns.
  public synchronized void commit(Collection<Row> put, Collection<String> drop) {
    if (put.isEmpty() && drop.isEmpty()) {
      return;
    }
    byte[] record = LeaseRecord.of(put, drop);
    if (!log.hasRoom(record.length)) {
      awaitStored(); // leases come in faster than the table takes them
      refuseWhereBroken();
      turn();
    }
    refuseWhereBroken();
    try {
      log.append(record);
    } catch (IOException e) {
      broken = failure("writing", e); // Nobody knows what is on the disk.
      throw broken;
    }
    LeaseRecord.apply(put, drop, ahead);
    if (!storing && log.used() > nearlyFull) {
      turn();
    }
  }

  /// Brings to the table what the log alone holds, so that a copy of the database has every lease
  /// committed before. Commits go on meanwhile.
  public synchronized void settle() {
    awaitStored();
    refuseWhereBroken();
    turn();
    awaitStored();
    refuseWhereBroken();
  }

  /// From here on the other file is written, and this one's content goes to the table.
  private void turn() {
    storing = true;
    Map<String, Optional<Row>> rows = ahead;
    ahead = new HashMap<>();
    log.turn();
    try {
      background.execute(() -> store(rows));
    } catch (RejectedExecutionException e) {
      // The appliance ends; the next start finds all of it in the log. Nothing may turn any more.
      broken = new StoreException("the appliance ends", e);
    }
  }

  private void store(Map<String, Optional<Row>> rows) {
    StoreException failed = null;
    try {
      write(rows);
    } catch (StoreException e) {
      failed = e; // the log has it still, as long as nothing turns
    }
    synchronized (this) {
      storing = false;
      broken = failed == null ? broken : failed;
      notifyAll();
    }
  }

  private synchronized void awaitStored() {
    boolean interrupted = false;
    while (storing && broken == null) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void refuseWhereBroken() {
    if (broken != null) {
      throw new StoreException(
          InventoryError.STORE_BROKEN.id() + " " + InventoryError.STORE_BROKEN.summary(), broken);
    }
  }

  private static StoreException failure(String doing, IOException e) {
    return new StoreException(
        InventoryError.STORE_BROKEN.id() + " " + doing + " the log of leases: " + e, e);
  }

  /// Each row is right by itself, so others may write to the database in between.
  private void write(Map<String, Optional<Row>> rows) {
    List<Map.Entry<String, Optional<Row>>> all = List.copyOf(rows.entrySet());
    for (int from = 0; from < all.size(); from += ROWS_AT_ONCE) {
      var some = all.subList(from, Math.min(from + ROWS_AT_ONCE, all.size()));
      database.<@Nullable Object>durably(connection -> {
        drop(
            connection,
            some.stream().filter(row -> row.getValue().isEmpty()).map(Map.Entry::getKey).toList());
        put(connection, some.stream().map(Map.Entry::getValue).flatMap(Optional::stream).toList());
        return null;
      });
    }
  }

  /// What is in the log only stays there until the next start.
  @Override
  public synchronized void close() {
    awaitStored();
    try {
      log.close();
    } catch (IOException e) {
      throw failure("closing", e);
    }
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
