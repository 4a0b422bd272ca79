package io.kindling.inventory.store;

import io.kindling.inventory.Event;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.store.internal.Rows;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Events in the database. The newest [#KEPT] are kept; older ones go when the appliance starts.
///
/// Thread-safe; subscribers are called one event at a time, in the thread that appends.
public final class JdbcEventStore implements EventStore {

  /// About a year of a busy rack.
  public static final int KEPT = 200_000;

  private static final Logger LOG = LoggerFactory.getLogger(JdbcEventStore.class);
  private static final int MAX_TEXT = 4_000;
  private static final int MAX_LIMIT = 10_000;

  private final Database database;
  private final Clock clock;
  private final ReentrantLock appending = new ReentrantLock();
  private final List<Consumer<Event>> subscribers = new CopyOnWriteArrayList<>();
  private long last;

  public JdbcEventStore(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
    this.last =
        database.read(connection -> {
          try (var select = connection.createStatement();
              ResultSet max = select.executeQuery("select max(sequence) from events")) {
            return max.next() ? max.getLong(1) : 0L;
          }
        });
    long oldest = last - KEPT;
    if (oldest > 0) {
      database.<@Nullable Object>soon(connection -> {
        try (PreparedStatement delete =
            connection.prepareStatement("delete from events where sequence <= ?")) {
          delete.setLong(1, oldest);
          delete.executeUpdate();
        }
        return null;
      });
    }
  }

  @Override
  public Event append(@Nullable UUID node, String kind, @Nullable String error, String text) {
    appending.lock();
    try {
      var event =
          new Event(
              last + 1,
              Rows.micros(clock.instant()),
              node,
              Rows.fit(kind, 100),
              error,
              Rows.fit(text, MAX_TEXT));
      database.<@Nullable Object>soon(connection -> {
        try (PreparedStatement insert =
            connection.prepareStatement(
                "insert into events (sequence, at, node, kind, error, text)"
                    + " values (?, ?, ?, ?, ?, ?)")) {
          insert.setLong(1, event.sequence());
          insert.setObject(2, Rows.time(event.at()));
          insert.setObject(3, event.node());
          insert.setString(4, event.kind());
          insert.setString(5, event.error());
          insert.setString(6, event.text());
          insert.executeUpdate();
        }
        return null;
      });
      last = event.sequence();
      for (Consumer<Event> subscriber : subscribers) {
        try {
          subscriber.accept(event);
        } catch (RuntimeException e) {
          LOG.warn("A subscriber failed on event {}", event.sequence(), e);
        }
      }
      return event;
    } finally {
      appending.unlock();
    }
  }

  @Override
  public List<Event> after(long sequence, int limit) {
    return database.read(connection -> {
      try (PreparedStatement select =
          connection.prepareStatement(
              "select * from events where sequence > ? order by sequence limit ?")) {
        select.setLong(1, sequence);
        select.setInt(2, bounded(limit));
        return events(select);
      }
    });
  }

  @Override
  public List<Event> last(int limit) {
    return database
        .read(connection -> {
          try (PreparedStatement select =
              connection.prepareStatement("select * from events order by sequence desc limit ?")) {
            select.setInt(1, bounded(limit));
            return events(select);
          }
        })
        .reversed();
  }

  @Override
  public List<Event> of(UUID node, int limit) {
    return database
        .read(connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "select * from events where node = ? order by sequence desc limit ?")) {
            select.setObject(1, node);
            select.setInt(2, bounded(limit));
            return events(select);
          }
        })
        .reversed();
  }

  @Override
  public AutoCloseable subscribe(Consumer<Event> subscriber) {
    Consumer<Event> own = subscriber::accept; // Subscribed twice, it is closed once each.
    appending.lock();
    try {
      subscribers.add(own);
    } finally {
      appending.unlock();
    }
    return () -> subscribers.remove(own);
  }

  private static int bounded(int limit) {
    return Math.clamp(limit, 0, MAX_LIMIT);
  }

  private static List<Event> events(PreparedStatement select) throws SQLException {
    var events = new ArrayList<Event>();
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        events.add(
            new Event(
                rows.getLong("sequence"),
                Rows.instant(rows, "at"),
                rows.getObject("node", UUID.class),
                rows.getString("kind"),
                rows.getString("error"),
                rows.getString("text")));
      }
    }
    return events;
  }
}
