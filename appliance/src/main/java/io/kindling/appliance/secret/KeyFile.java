package io.kindling.appliance.secret;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;

/// Files that only their owner reads (mode 0600), and keys of random bytes in such.
public final class KeyFile {
  /// What AES-256 and HMAC-SHA256 take.
  private static final int BYTES = 32;

  private KeyFile() {}

  /// Reads the key; makes it where there is none.
  public static byte[] loadOrCreate(Path file, SecureRandom random) throws IOException {
    if (!Files.exists(file)) {
      byte[] fresh = new byte[BYTES];
      random.nextBytes(fresh);
      write(file, fresh);
    }
    byte[] key = Files.readAllBytes(file);
    if (key.length != BYTES) {
      throw new IOException(file + " is damaged: " + key.length + " bytes instead of " + BYTES);
    }
    return key;
  }

  /// Writes a file as a whole, never open to others; on stable storage when it returns.
  public static void write(Path file, byte[] content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(temporary);
    Files.createFile(
        temporary,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      ByteBuffer left = ByteBuffer.wrap(content);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel names =
        FileChannel.open(file.toAbsolutePath().resolveSibling(""), StandardOpenOption.READ)) {
      names.force(true);
    }
  }
}
