package io.kindling.tests.endtoend;

import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Waiting;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A disk with an ext4 file system on it, of whose writes and flushes QEMU keeps a log
/// (`blklogwrites`). Needs root, loop devices and FUSE.
///
/// Not thread-safe.
final class RecordedDisk implements AutoCloseable {

  private static final long BYTES = 1L << 30;
  private static final Duration SOON = Duration.ofSeconds(30);

  private final Path directory;
  private final Process recorder;
  private String device = "";
  private boolean mounted;

  /// Makes it, blank, and mounts it.
  ///
  /// @param directory for its files
  RecordedDisk(Path directory) throws IOException {
    this.directory = directory;
    try (var file = new RandomAccessFile(bytes().toFile(), "rw")) {
      file.setLength(BYTES);
    }
    Commands.run("mkfs.ext4", "-q", "-F", "-L", "kindling-data", bytes().toString());
    Commands.run("cp", "--sparse=always", bytes().toString(), before().toString());
    Files.createFile(log());
    Path export = Files.createFile(directory.resolve("disk"));
    recorder =
        new ProcessBuilder(
                "qemu-storage-daemon",
                "--blockdev",
                "driver=file,node-name=bytes,filename=" + bytes(),
                "--blockdev",
                "driver=file,node-name=log,filename=" + log(),
                "--blockdev",
                "driver=blklogwrites,node-name=disk,file=bytes,log=log",
                "--export",
                "type=fuse,id=export,node-name=disk,writable=on,mountpoint=" + export)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("recorder.log").toFile())
            .start();
    try {
      Waiting.until("the recorded disk", SOON, () -> size(export) == BYTES, () -> {});
      device = Commands.run("losetup", "--find", "--show", export.toString()).strip();
      Files.createDirectories(root());
      Commands.run("mount", "-t", "ext4", "-o", "noatime", device, root().toString());
      mounted = true;
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /// Where it is mounted.
  Path root() {
    return directory.resolve("root");
  }

  /// Every write and flush so far.
  Path log() {
    return directory.resolve("writes");
  }

  /// What was on it before it was mounted.
  Path before() {
    return directory.resolve("before.raw");
  }

  private Path bytes() {
    return directory.resolve("bytes.raw");
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return -1; // it is about to be mounted over
    }
  }

  @Override
  public void close() {
    if (mounted) {
      Commands.attempt(SOON, List.of("umount", root().toString()));
      mounted = false;
    }
    if (!device.isEmpty()) {
      Commands.attempt(SOON, List.of("losetup", "--detach", device));
      device = "";
    }
    recorder.destroy();
    recorder.onExit().join();
  }
}
