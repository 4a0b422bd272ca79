package io.kindling.appliance.backup;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.release.Releases;
import io.kindling.inventory.StoreException;
import io.kindling.inventory.store.Database;
import io.kindling.inventory.store.LeaseTable;
import java.io.ByteArrayInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Makes backups of an appliance that serves. In one is all of the state directory but what is made
/// anew at a start and imported releases; kindling.yaml; and the key that signs the package mirror,
/// for nodes trust it. Thread-safe; one is made at a time.
public final class Backup {
  static final String ABOUT = "about.json";
  static final String CONFIGURATION = "kindling.yaml";
  static final String DATABASE = "database";
  static final String STATE = "state/";
  static final String SIGNING = "mirror-signing/";

  /// Folders that a backup is made in; what a kill left of one goes at the next.
  private static final String WORK = ".backup-";

  /// Of the state directory: made anew at each start, or in the backup in another form.
  private static final Set<String> NOT_KEPT =
      Set.of(
          Database.FILE,
          Database.NAME + ".trace.db",
          LeaseTable.LOG + ".0",
          LeaseTable.LOG + ".1",
          "appliance.lock",
          "lost+found",
          Releases.DIRECTORY);

  private final Path state;
  private final Path cache;
  private final Path signing;
  private final String configuration;
  private final Database database;
  private final LeaseTable leases;
  private final Supplier<About> about;
  private final SecureRandom random;
  private final ReentrantLock making = new ReentrantLock();

  /// @param state the state directory
  /// @param cache of the images, which may lie in it
  /// @param signing the folder of the mirror's key; may be absent
  /// @param configuration kindling.yaml
  /// @param about what it is of, at that moment
  public Backup(
      Path state,
      Path cache,
      Path signing,
      String configuration,
      Database database,
      LeaseTable leases,
      Supplier<About> about,
      SecureRandom random) {
    this.state = state.toAbsolutePath().normalize();
    this.cache = cache.toAbsolutePath().normalize();
    this.signing = signing;
    this.configuration = configuration;
    this.database = database;
    this.leases = leases;
    this.about = about;
    this.random = random;
  }

  /// Does something with a file that is gone afterwards.
  @FunctionalInterface
  public interface Use {
    void with(Path file) throws IOException;
  }

  /// Makes a backup.
  ///
  /// @param use is given the finished file
  /// @throws ApplianceException where the passphrase does not do, or the backup cannot be made
  /// @throws IOException as `use` throws it
  public void make(String passphrase, Use use) throws IOException {
    BackupFile.requirePassphrase(passphrase);
    making.lock();
    try {
      Path work;
      Path file;
      try {
        leftovers();
        work = Files.createTempDirectory(state, WORK); // mode 0700
        file = work.resolve("backup");
        write(file, work, passphrase);
      } catch (IOException | StoreException e) {
        leftovers();
        throw new ApplianceException(ApplianceError.BACKUP_FAILED, String.valueOf(e), e);
      }
      try {
        use.with(file);
      } finally {
        Folders.delete(work);
      }
    } finally {
      making.unlock();
    }
  }

  private void leftovers() throws IOException {
    try (Stream<Path> all = Files.list(state)) {
      for (Path old : all.filter(p -> name(p).startsWith(WORK)).toList()) {
        Folders.delete(old);
      }
    }
  }

  private void write(Path file, Path work, String passphrase) throws IOException {
    About of = about.get();
    Path copy = work.resolve("database");
    leases.settle();
    database.copy(copy);
    BackupFile.write(
        file,
        passphrase,
        of.appliance(),
        Database.SCHEMA,
        of.made(),
        random,
        out -> content(out, of, copy));
  }

  private void content(OutputStream out, About of, Path copy) throws IOException {
    var data = new DataOutputStream(out);
    Entries.write(data, ABOUT, new ByteArrayInputStream(Json.bytes(of)));
    Entries.write(
        data,
        CONFIGURATION,
        new ByteArrayInputStream(configuration.getBytes(StandardCharsets.UTF_8)));
    try (InputStream in = Files.newInputStream(copy)) {
      Entries.write(data, DATABASE, in);
    }
    files(data, state, STATE);
    if (Files.isDirectory(signing)) {
      files(data, signing, SIGNING);
    }
    Entries.end(data);
    data.flush();
  }

  private void files(DataOutputStream data, Path top, String prefix) throws IOException {
    for (Path file : kept(top)) {
      try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
        Entries.write(data, prefix + top.relativize(file), in);
      } catch (NoSuchFileException e) {
        // It was being replaced: its successor has another name by now, and is there.
      }
    }
  }

  private List<Path> kept(Path top) throws IOException {
    var found = new ArrayList<Path>();
    Files.walkFileTree(
        top,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            return isKept(dir) ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile() && isKept(file)) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        });
    found.sort(null);
    return found;
  }

  private boolean isKept(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    boolean inState = state.equals(absolute.getParent());
    return !absolute.equals(cache)
        && !(inState && (NOT_KEPT.contains(name(path)) || name(path).startsWith(WORK)));
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }
}
