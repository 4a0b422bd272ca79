package io.kindling.pxe.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Writes a `newc` cpio archive as the kernel unpacks it from an initrd
/// (Documentation/driver-api/early-userspace/buffer-format.rst). Not thread-safe.
final class Cpio {
  private static final int DIRECTORY = 0040000;
  private static final int REGULAR = 0100000;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int inode = 1;

  /// @param mode permission bits
  Cpio directory(String name, int mode) {
    return entry(name, DIRECTORY | mode, 2, new byte[0]);
  }

  Cpio file(String name, int mode, byte[] content) {
    return entry(name, REGULAR | mode, 1, content);
  }

  byte[] finish() {
    entry("TRAILER!!!", 0, 1, new byte[0]);
    return out.toByteArray();
  }

  private Cpio entry(String name, int mode, int links, byte[] content) {
    byte[] nameBytes = (name + "\0").getBytes(StandardCharsets.US_ASCII);
    int number = mode == 0 ? 0 : inode++;
    // ino mode uid gid nlink mtime size devmajor devminor rdevmajor rdevminor namesize check
    int[] fields = {number, mode, 0, 0, links, 0, content.length, 0, 0, 0, 0, nameBytes.length, 0};
    StringBuilder header = new StringBuilder("070701");
    for (int field : fields) {
      header.append("%08x".formatted(field));
    }
    out.writeBytes(header.toString().getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(nameBytes);
    pad();
    out.writeBytes(content);
    pad();
    return this;
  }

  private void pad() {
    while (out.size() % 4 != 0) {
      out.write(0);
    }
  }
}
