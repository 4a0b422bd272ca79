package io.kindling.appliance.backup;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.http.Json;
import io.kindling.inventory.StoreException;
import io.kindling.inventory.store.Database;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// Brings a backup back. All that can be wrong with the file is found before anything is written;
/// what is wrong with the place leaves the place as it was. While files are written a mark stands
/// beside them, with which no appliance starts. Not thread-safe.
public final class Restore {
  /// The mark.
  private static final String UNFINISHED = "restore.unfinished";

  /// What an empty directory may hold: a file system's own folder, and this one's mark.
  private static final Set<String> NOTHING = Set.of("lost+found", UNFINISHED);

  private final Path file;
  private final byte[] key;
  private final BackupFile.Head head;
  private final About about;
  private final String configuration;
  private final Map<String, byte[]> signing;

  private Restore(
      Path file,
      byte[] key,
      BackupFile.Head head,
      About about,
      String configuration,
      Map<String, byte[]> signing) {
    this.file = file;
    this.key = key;
    this.head = head;
    this.about = about;
    this.configuration = configuration;
    this.signing = signing;
  }

  /// Reads the whole backup; writes nothing.
  ///
  /// @throws ApplianceException what is wrong with the file or the passphrase
  public static Restore of(Path file, String passphrase) {
    try {
      BackupFile.Head head = BackupFile.check(file, Database.SCHEMA);
      byte[] key = BackupFile.key(file, head, passphrase);
      var texts = new TreeMap<String, byte[]>();
      var names = new ArrayList<String>();
      try (InputStream content = BackupFile.open(file, head, key)) {
        Entries.read(
            content,
            (name, in) -> {
              names.add(name);
              if (!name.equals(Backup.DATABASE) && !name.startsWith(Backup.STATE)) {
                texts.put(name, in.readAllBytes());
              }
            });
      }
      byte[] about = texts.remove(Backup.ABOUT);
      byte[] configuration = texts.remove(Backup.CONFIGURATION);
      if (about == null || configuration == null || !names.contains(Backup.DATABASE)) {
        throw BackupFile.damaged("it is not complete");
      }
      return new Restore(
          file,
          key,
          head,
          Json.read(about, About.class),
          new String(configuration, StandardCharsets.UTF_8),
          texts);
    } catch (IOException | JacksonException e) {
      throw new ApplianceException(
          ApplianceError.CONFIG_UNREADABLE, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /// What the backup is of.
  public About about() {
    return about;
  }

  /// kindling.yaml, as it was.
  public String configuration() {
    return configuration;
  }

  /// A named failure where a restore broke off in that state directory.
  public static void requireFinished(Path state) {
    if (Files.exists(state.resolve(UNFINISHED))) {
      throw new ApplianceException(ApplianceError.RESTORE_UNFINISHED, state.toString());
    }
  }

  /// Makes it the state of an appliance that is started next.
  ///
  /// @param state the state directory; absent or empty
  /// @param mirrorKey the folder of the key that signs the package mirror
  /// @return what an operator must know, in words
  /// @throws ApplianceException where that cannot be; then nothing is left there
  public List<String> into(Path state, Path mirrorKey, Clock clock) {
    boolean made = !Files.exists(state);
    boolean begun = false;
    boolean done = false;
    try {
      prepare(state, made);
      begun = true;
      extract(state);
      List<String> notes = new ArrayList<>(new Aftercare(clock).settle(state, about));
      own(state);
      Folders.sync(state);
      Files.delete(state.resolve(UNFINISHED));
      try (FileChannel names = FileChannel.open(state, StandardOpenOption.READ)) {
        names.force(true);
      }
      done = true;
      notes.addAll(sign(mirrorKey));
      about.leftOut().forEach(left -> notes.add("not in the backup: " + left));
      return notes;
    } catch (IOException | StoreException e) {
      throw new ApplianceException(ApplianceError.RESTORE_FAILED, state + ": " + e, e);
    } finally {
      if (begun && !done) {
        undo(state, made);
      }
    }
  }

  private static void prepare(Path state, boolean make) throws IOException {
    if (make) {
      Path above = state.toAbsolutePath().getParent();
      if (above != null) {
        Files.createDirectories(above);
      }
      Files.createDirectory(
          state,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    boolean leftovers = Files.exists(state.resolve(UNFINISHED));
    List<Path> there = there(state);
    if (!there.isEmpty() && !leftovers) {
      throw new ApplianceException(
          ApplianceError.OCCUPIED, state + " holds " + there.getFirst().getFileName());
    }
    if (!leftovers) {
      Files.createFile(state.resolve(UNFINISHED));
    }
    for (Path left : there) {
      Folders.delete(left); // of a restore that a kill or a power cut broke off
    }
    Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwx------"));
    try (FileChannel names = FileChannel.open(state, StandardOpenOption.READ)) {
      names.force(true);
    }
  }

  private static List<Path> there(Path state) throws IOException {
    try (Stream<Path> all = Files.list(state)) {
      return all.filter(p -> !NOTHING.contains(String.valueOf(p.getFileName()))).sorted().toList();
    }
  }

  private void extract(Path state) throws IOException {
    try (InputStream content = BackupFile.open(file, head, key)) {
      Entries.read(
          content,
          (name, in) -> {
            if (name.equals(Backup.DATABASE)) {
              Database.unpack(in, state);
            } else if (name.startsWith(Backup.STATE)) {
              write(inside(state, name.substring(Backup.STATE.length())), in);
            }
          });
    }
  }

  /// Names are the appliance's own; still none leads elsewhere.
  private static Path inside(Path top, String name) throws IOException {
    Path path = top.resolve(name).normalize();
    if (!path.startsWith(top) || path.equals(top) || name.indexOf('\0') >= 0) {
      throw new IOException("a file's name leads elsewhere");
    }
    return path;
  }

  private static void write(Path path, InputStream in) throws IOException {
    Path above = path.getParent();
    if (above != null) {
      Files.createDirectories(
          above,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (FileChannel to =
        FileChannel.open(
            path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
      in.transferTo(Channels.newOutputStream(to));
      to.force(true);
    }
  }

  /// The service may run as a user of its own, to whom the directory belongs.
  private static void own(Path state) throws IOException {
    PosixFileAttributes folder = Files.readAttributes(state, PosixFileAttributes.class);
    List<Path> all;
    try (Stream<Path> walk = Files.walk(state)) {
      all = walk.filter(p -> !p.equals(state) && !p.endsWith("lost+found")).toList();
    }
    for (Path path : all) {
      var view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
      PosixFileAttributes now = view.readAttributes();
      if (!now.owner().equals(folder.owner())) {
        view.setOwner(folder.owner());
      }
      if (!now.group().equals(folder.group())) {
        view.setGroup(folder.group());
      }
    }
  }

  private static void undo(Path state, boolean made) {
    try {
      for (Path path : there(state)) {
        Folders.delete(path);
      }
      Files.deleteIfExists(state.resolve(UNFINISHED));
      if (made) {
        Files.deleteIfExists(state);
      }
    } catch (IOException e) {
      // The mark is still there: the next restore clears up, and no appliance starts before.
      LoggerFactory.getLogger(Restore.class).warn("{} not cleared: {}", state, e.toString());
    }
  }

  /// Nodes take packages by this key's signature alone.
  private List<String> sign(Path folder) {
    if (signing.isEmpty()) {
      return List.of();
    }
    try {
      if (Files.exists(folder)) {
        return same(folder)
            ? List.of()
            : List.of(
                "the package mirror here is signed by another key than the nodes know: they refuse"
                    + " its packages. Move "
                    + folder
                    + " away, restore anew, then `kindling mirror sync`");
      }
      Path above = folder.toAbsolutePath().getParent();
      if (above != null) {
        Files.createDirectories(above);
      }
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      for (var entry : signing.entrySet()) {
        write(
            inside(folder, entry.getKey().substring(Backup.SIGNING.length())),
            new ByteArrayInputStream(entry.getValue()));
      }
      return List.of();
    } catch (IOException e) {
      return List.of(
          "the key that signs the package mirror could not be put into " + folder + ": " + e);
    }
  }

  private boolean same(Path folder) throws IOException {
    for (var entry : signing.entrySet()) {
      String name = entry.getKey().substring(Backup.SIGNING.length());
      if (name.startsWith("private-keys")) {
        Path there = inside(folder, name);
        if (!Files.exists(there) || !Arrays.equals(Files.readAllBytes(there), entry.getValue())) {
          return false;
        }
      }
    }
    return true;
  }
}
