package io.kindling.appliance.release;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.ksgen.kickstart.Release;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// Imports an installer's ISO: looks at it, extracts it beside its place by xorriso, compares it
/// with its own checksums, then moves it there. Cut off anywhere, the next import begins again.
public final class IsoImport {

  /// ISO 9660 (ECMA-119 §8.4): the primary volume descriptor is sector 16.
  private static final int SECTOR = 2048;

  private static final int DESCRIPTOR = 16 * SECTOR;
  private static final int VOLUME_SIZE = 80;

  private static final String ARCH = "x86_64";
  private static final String PARTIAL = ".partial";
  private static final Set<PosixFilePermission> DIRECTORY =
      PosixFilePermissions.fromString("rwxr-xr-x");

  private final Releases releases;
  private final Consumer<String> say;

  /// @param say takes a line for each step
  public IsoImport(Releases releases, Consumer<String> say) {
    this.releases = releases;
    this.say = say;
  }

  /// Imports the file; one that is there already is left as it is.
  ///
  /// @throws ApplianceException where it is no installer of a release we know, damaged, or cannot
  ///   be extracted
  public ReleaseTree run(Path iso) {
    Path directory = releases.directory();
    try {
      long bytes = wholeIso(iso);
      Files.createDirectories(directory);
      Path lock = directory.resolve(".lock");
      try (FileChannel channel =
              FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          var held = channel.tryLock()) {
        if (held == null) {
          throw new ApplianceException(
              ApplianceError.IMPORT_FAILED, "another import is running on " + directory);
        }
        Path partial = directory.resolve(PARTIAL);
        try {
          return extract(iso, bytes, directory);
        } finally {
          delete(partial);
        }
      }
    } catch (IOException e) {
      throw new ApplianceException(ApplianceError.IMPORT_FAILED, e.toString(), e);
    }
  }

  private ReleaseTree extract(Path iso, long bytes, Path directory) throws IOException {
    Path partial = directory.resolve(PARTIAL);
    delete(partial);
    Files.createDirectory(partial);
    say.accept("looking at " + iso);
    TreeInfo info = treeInfo(iso, partial);
    Release release = release(info);
    String id = Releases.idOf(release, info);
    var there = releases.find(id);
    if (there.isPresent()) {
      say.accept(id + " is imported already");
      return there.get();
    }
    long free = Files.getFileStore(directory).getUsableSpace();
    if (free < bytes) {
      throw new ApplianceException(
          ApplianceError.IMPORT_FAILED,
          "%s has %d MiB free, the image needs %d MiB"
              .formatted(directory, free >> 20, bytes >> 20));
    }
    say.accept("extracting %s, %d MiB".formatted(id, bytes >> 20));
    Path tree = partial.resolve("tree");
    xorriso(iso, "/", tree);
    say.accept("comparing with its checksums");
    complete(tree, info);
    say.accept("writing it to the disk");
    settle(tree);
    Path place = directory.resolve(id);
    delete(place); // not a tree, or find() had found it
    Files.move(tree, place, StandardCopyOption.ATOMIC_MOVE);
    sync(directory);
    return new ReleaseTree(id, release, place, info);
  }

  /// @return its size
  private static long wholeIso(Path iso) throws IOException {
    if (!Files.isReadable(iso) || !Files.isRegularFile(iso)) {
      throw new ApplianceException(ApplianceError.CONFIG_UNREADABLE, iso.toString());
    }
    ByteBuffer descriptor = ByteBuffer.allocate(SECTOR).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel file = FileChannel.open(iso, StandardOpenOption.READ)) {
      while (descriptor.hasRemaining()
          && file.read(descriptor, DESCRIPTOR + descriptor.position()) >= 0) {
        // until the sector is whole or the file ends
      }
    }
    byte[] magic = {1, 'C', 'D', '0', '0', '1'};
    if (descriptor.hasRemaining()
        || !java.util.Arrays.equals(descriptor.array(), 0, 6, magic, 0, 6)) {
      throw new ApplianceException(ApplianceError.NOT_AN_INSTALLER, iso + " is no ISO image");
    }
    long promised = (descriptor.getInt(VOLUME_SIZE) & 0xFFFF_FFFFL) * SECTOR;
    long bytes = Files.size(iso);
    if (bytes < promised) {
      throw new ApplianceException(
          ApplianceError.ISO_DAMAGED,
          "%s has %d bytes, its volume %d".formatted(iso, bytes, promised));
    }
    return bytes;
  }

  private static TreeInfo treeInfo(Path iso, Path partial) throws IOException {
    Path file = partial.resolve("treeinfo");
    try {
      xorriso(iso, "/" + TreeInfo.FILE, file);
      return TreeInfo.parse(Files.readString(file, StandardCharsets.ISO_8859_1))
          .orElseThrow(() ->
              new ApplianceException(
                  ApplianceError.NOT_AN_INSTALLER,
                  iso + ": its .treeinfo names no version, kernel, initrd and installer"));
    } catch (NoSuchFileException e) {
      throw new ApplianceException(ApplianceError.NOT_AN_INSTALLER, iso + " holds no .treeinfo", e);
    }
  }

  private static Release release(TreeInfo info) {
    if (!info.arch().equals(ARCH)) {
      throw new ApplianceException(
          ApplianceError.RELEASE_UNKNOWN,
          "it is for " + (info.arch().isEmpty() ? "no" : info.arch()) + " machines, not " + ARCH);
    }
    return Release.of(info.family(), info.version())
        .orElseThrow(() ->
            new ApplianceException(
                ApplianceError.RELEASE_UNKNOWN,
                "it is " + info.family() + " " + info.version() + "; known: " + Release.labels()));
  }

  private static void complete(Path tree, TreeInfo info) throws IOException {
    for (String path : List.of(info.kernel(), info.initrd(), info.stage2())) {
      if (!Files.isRegularFile(tree.resolve(path))) {
        throw new ApplianceException(ApplianceError.NOT_AN_INSTALLER, "it has no " + path);
      }
    }
    if (info.repositories().isEmpty()) {
      throw new ApplianceException(ApplianceError.NO_PACKAGES, "its .treeinfo names none");
    }
    for (String repository : info.repositories().values()) {
      if (!Files.isRegularFile(tree.resolve(repository).resolve("repodata/repomd.xml"))) {
        throw new ApplianceException(
            ApplianceError.NO_PACKAGES, "it has no " + repository + "/repodata/repomd.xml");
      }
    }
    for (Map.Entry<String, String> sum : info.checksums().entrySet()) {
      Path file = tree.resolve(sum.getKey());
      // A boot image of another medium of the same compose may be named and not there.
      if (Files.isRegularFile(file) && !sha256(file).equals(sum.getValue())) {
        throw new ApplianceException(
            ApplianceError.ISO_DAMAGED, sum.getKey() + " has another SHA-256 than its .treeinfo");
      }
    }
  }

  private static String sha256(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(java.io.OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void xorriso(Path iso, String from, Path to) throws IOException {
    List<String> command =
        List.of(
            "xorriso",
            "-abort_on",
            "FAILURE",
            "-report_about",
            "WARNING",
            "-osirrox",
            "on",
            "-indev",
            "stdio:" + iso.toAbsolutePath(),
            "-extract",
            from,
            to.toString());
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new ApplianceException(
          ApplianceError.IMPORT_FAILED, "xorriso cannot be started: install it (apt)", e);
    }
    try {
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0 && !Files.exists(to) && out.contains("Cannot determine attributes")) {
        throw new NoSuchFileException(from);
      }
      if (status != 0) {
        throw new ApplianceException(ApplianceError.ISO_DAMAGED, "xorriso: " + lastLine(out));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String lastLine(String out) {
    var lines = new ArrayList<>(out.lines().filter(l -> !l.isBlank()).toList());
    return lines.isEmpty() ? "no reason given" : lines.getLast().strip();
  }

  /// Every file and name is on stable storage when it returns: what is moved to its place is whole,
  /// also after a power cut. ISO's directories are read-only, also for who wants to delete them.
  private static void settle(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes a)
              throws IOException {
            Files.setPosixFilePermissions(dir, DIRECTORY);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            if (a.isRegularFile()) {
              sync(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, java.io.IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            sync(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void delete(Path tree) throws IOException {
    if (!Files.exists(tree, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes a)
              throws IOException {
            Files.setPosixFilePermissions(dir, DIRECTORY);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, java.io.IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
