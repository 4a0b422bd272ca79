package io.kindling.inventory.store;

import io.kindling.inventory.InventoryError;
import io.kindling.inventory.StoreException;
import io.kindling.inventory.store.internal.Migrator;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.api.ErrorCode;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.tools.RunScript;
import org.jspecify.annotations.Nullable;

/// The appliance's database: embedded H2 in the state directory, migrated, held by one appliance.
///
/// H2 does not fsync at commit, it does not even write. [#durably(Work)] does what has to be done
/// before anything is announced: commit, then `CHECKPOINT SYNC` (a write and a sync), one for all
/// callers that wait meanwhile; [#soon(Work)] does the same with `CHECKPOINT` (a write). A sync
/// that fails breaks the database for good: after a failed fsync nobody knows what is on the disk,
/// so nothing is acknowledged until a restart has read the file again.
///
/// Writes run one at a time in the caller's thread; reads run beside them. Thread-safe.
public final class Database implements AutoCloseable {

  /// The database is `kindling.mv.db` in the state directory.
  public static final String NAME = "kindling";

  /// Its file.
  public static final String FILE = NAME + ".mv.db";

  /// The schema that this version brings a database to, and the newest that it knows.
  public static final int SCHEMA = Migrator.NEWEST;

  private static final int READERS = 4;

  private final Path dir;
  private final FileLock stateLock;
  private final JdbcDataSource source;
  private final Connection writer;
  private final Connection syncer;
  private final BlockingQueue<Connection> readers = new ArrayBlockingQueue<>(READERS);

  private final ReentrantLock writing = new ReentrantLock();
  private final ReentrantLock syncing = new ReentrantLock();
  private final AtomicLong committed = new AtomicLong();
  private volatile long written;
  private volatile long synced;
  private volatile @Nullable StoreException broken;

  /// What became of opening.
  public sealed interface Opening {}

  public record Opened(Database database) implements Opening {}

  /// Not opened, and nothing changed.
  public record Refused(InventoryError error, String reason) implements Opening {}

  /// Work on the database in one transaction.
  @FunctionalInterface
  public interface Work<T extends @Nullable Object> {
    T on(Connection connection) throws SQLException;
  }

  private Database(Path dir, FileLock stateLock, JdbcDataSource source, Connection writer)
      throws SQLException {
    this.dir = dir;
    this.stateLock = stateLock;
    this.source = source;
    this.writer = writer;
    this.syncer = source.getConnection();
    writer.setAutoCommit(false);
  }

  /// Opens the database in that directory, which is made where it is absent, and brings it to this
  /// version's schema.
  public static Opening open(Path stateDir) {
    Path dir = stateDir.toAbsolutePath().normalize();
    if (dir.toString().indexOf(';') >= 0) {
      return new Refused(InventoryError.STATE_UNUSABLE, dir + " has a semicolon in it");
    }
    FileLock lock;
    try {
      if (!Files.isDirectory(dir)) {
        Files.createDirectories(
            dir,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      lock = lock(dir.resolve("appliance.lock"));
    } catch (IOException e) {
      return new Refused(InventoryError.STATE_UNUSABLE, e.toString());
    }
    if (lock == null) {
      return new Refused(InventoryError.STATE_IN_USE, dir.toString());
    }
    Opening opening = openLocked(dir, lock);
    if (opening instanceof Refused) {
      release(lock);
    }
    return opening;
  }

  private static Opening openLocked(Path dir, FileLock lock) {
    JdbcDataSource source = source(dir);
    Connection connection = null;
    try {
      connection = source.getConnection();
      Files.setPosixFilePermissions(
          dir.resolve(FILE), PosixFilePermissions.fromString("rw-------"));
      switch (new Migrator(connection).migrate()) {
        case Migrator.Done done -> {
          if (done.applied() > 0) {
            sync(connection);
          }
        }
        case Migrator.Newer newer -> {
          connection.close();
          return new Refused(
              InventoryError.STATE_NEWER,
              "schema %d, known is %d".formatted(newer.found(), newer.known()));
        }
        case Migrator.Foreign foreign -> {
          connection.close();
          return new Refused(InventoryError.STATE_FOREIGN, foreign.reason());
        }
      }
      return new Opened(new Database(dir, lock, source, connection));
    } catch (SQLException | IOException e) {
      closeQuietly(connection);
      InventoryError error =
          e instanceof SQLException sql
              ? switch (sql.getErrorCode()) {
                case ErrorCode.DATABASE_ALREADY_OPEN_1 -> InventoryError.STATE_IN_USE;
                case ErrorCode.FILE_CORRUPTED_1, ErrorCode.FILE_VERSION_ERROR_1 ->
                    InventoryError.STATE_DAMAGED;
                default -> InventoryError.STATE_UNUSABLE;
              }
              : InventoryError.STATE_UNUSABLE;
      return new Refused(error, String.valueOf(e.getMessage()));
    }
  }

  private static JdbcDataSource source(Path dir) {
    JdbcDataSource source = new JdbcDataSource();
    // PostgreSQL's names and types, so that one SQL serves both. With WRITE_DELAY=0 a commit is
    // with
    // the kernel when it returns: a killed appliance loses nothing, whatever waits for a sync.
    source.setURL(
        "jdbc:h2:file:"
            + dir.toAbsolutePath().normalize().resolve(NAME)
            + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"
            + ";DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;CACHE_SIZE=8192");
    return source;
  }

  /// Where its files are, for what is kept beside them.
  Path directory() {
    return dir;
  }

  /// Runs the work in a transaction; when this returns, its effects are on stable storage.
  ///
  /// An exception of the work rolls it back and comes out as it is; storage trouble comes out as
  /// [StoreException].
  public <T extends @Nullable Object> T durably(Work<T> work) {
    Committed<T> done = commit(work);
    if (synced < done.ticket()) {
      checkpoint(done.ticket(), true);
    }
    return done.result();
  }

  /// Runs the work in a transaction; its effects survive the appliance's end when this returns, and
  /// a power cut after the next [#durably(Work)] by anybody.
  public <T extends @Nullable Object> T soon(Work<T> work) {
    Committed<T> done = commit(work);
    if (written < done.ticket()) {
      checkpoint(done.ticket(), false);
    }
    return done.result();
  }

  /// Runs the work, which only reads, beside the writers.
  public <T extends @Nullable Object> T read(Work<T> work) {
    try {
      Connection reader = readers.poll();
      if (reader == null) {
        reader = source.getConnection();
      }
      try {
        return work.on(reader);
      } finally {
        if (!readers.offer(reader)) {
          reader.close();
        }
      }
    } catch (SQLException e) {
      throw failure("reading", e);
    }
  }

  /// Writes all that is committed into a new file, for [#unpack(InputStream, Path)]. Writers wait
  /// meanwhile, readers do not.
  ///
  /// As SQL (H2's SCRIPT): H2's own online copy of the file (BACKUP) was found to lack what had
  /// been committed and synced seconds before.
  public void copy(Path file) {
    writing.lock();
    try (Connection connection = source.getConnection()) {
      refuseWhereBroken();
      String quoted = "'" + file.toString().replace("'", "''") + "'";
      try (Statement statement = connection.createStatement()) {
        statement.execute("SCRIPT NOPASSWORDS NOSETTINGS TO " + quoted + " CHARSET 'UTF-8'");
      }
    } catch (SQLException e) {
      throw failure("copying", e);
    } finally {
      writing.unlock();
    }
  }

  /// Makes a database of what [#copy(Path)] wrote, in a state directory that has none.
  ///
  /// @throws IOException where that is not such a copy, or cannot be written
  public static void unpack(InputStream copy, Path dir) throws IOException {
    Path file = dir.resolve(FILE);
    if (Files.exists(file) || file.toString().indexOf(';') >= 0) {
      throw new IOException(file + " exists, or has a semicolon in it");
    }
    try (Connection connection = source(dir).getConnection()) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      RunScript.execute(connection, new InputStreamReader(copy, StandardCharsets.UTF_8));
      sync(connection);
    } catch (SQLException e) {
      throw new IOException("the database's copy cannot be read: " + e.getMessage(), e);
    }
  }

  private record Committed<T extends @Nullable Object>(T result, long ticket) {}

  private <T extends @Nullable Object> Committed<T> commit(Work<T> work) {
    writing.lock();
    try {
      refuseWhereBroken();
      boolean done = false;
      try {
        T result = work.on(writer);
        try {
          writer.commit();
        } catch (SQLException e) {
          broken = failure("committing", e); // Nobody knows whether it is in or not.
          throw e;
        }
        done = true;
        return new Committed<>(result, committed.incrementAndGet());
      } finally {
        if (!done) {
          rollBack();
        }
      }
    } catch (SQLException e) {
      throw failure("writing", e);
    } finally {
      writing.unlock();
    }
  }

  /// Leader and followers: who gets the lock first writes for all who have committed until then;
  /// the others find their ticket covered when the lock comes to them.
  private void checkpoint(long ticket, boolean sync) {
    syncing.lock();
    try {
      refuseWhereBroken();
      if ((sync ? synced : written) >= ticket) {
        return;
      }
      long covers = committed.get();
      try {
        if (sync) {
          sync(syncer);
          synced = covers;
        } else {
          execute(syncer, "CHECKPOINT");
        }
        written = covers;
      } catch (SQLException e) {
        StoreException failure = failure("syncing", e);
        broken = failure;
        throw failure;
      }
    } finally {
      syncing.unlock();
    }
  }

  private static void sync(Connection connection) throws SQLException {
    execute(connection, "CHECKPOINT SYNC");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void rollBack() {
    try {
      writer.rollback();
    } catch (SQLException e) {
      broken = failure("rolling back", e);
    }
  }

  private void refuseWhereBroken() {
    StoreException failure = broken;
    if (failure != null) {
      throw new StoreException(
          InventoryError.STORE_BROKEN.id() + " " + InventoryError.STORE_BROKEN.summary(), failure);
    }
  }

  private static StoreException failure(String doing, SQLException e) {
    return new StoreException(
        InventoryError.STORE_BROKEN.id() + " " + doing + " the database: " + e.getMessage(), e);
  }

  private static @Nullable FileLock lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Held in this very process: as good as held by another.
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    return lock;
  }

  private static void release(FileLock lock) {
    try {
      lock.acquiredBy().close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void closeQuietly(@Nullable Connection connection) {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        // What is reported is why it is closed.
      }
    }
  }

  /// Syncs and closes; nothing may use the database any more.
  @Override
  public void close() {
    writing.lock();
    syncing.lock();
    try {
      sync(syncer);
      for (Connection reader = readers.poll(); reader != null; reader = readers.poll()) {
        reader.close();
      }
      syncer.close();
      writer.close(); // The last connection closes the database.
    } catch (SQLException e) {
      throw failure("closing", e);
    } finally {
      syncing.unlock();
      writing.unlock();
      release(stateLock);
    }
  }
}
