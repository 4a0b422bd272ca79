package io.kindling.appliance.support;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// Writes a tar file (POSIX.1-2017 pax, "ustar Interchange Format") of small files. Not
/// thread-safe.
final class TarStream {

  private static final int BLOCK = 512;
  private static final int NAME = 100;
  private static final int CHECKSUM_AT = 148;
  private static final int CHECKSUM = 8;

  private final OutputStream out;
  private final Instant time;

  TarStream(OutputStream out, Instant time) {
    this.out = out;
    this.time = time;
  }

  /// @param name a relative path of at most 100 bytes
  void add(String name, byte[] content) throws IOException {
    byte[] header = new byte[BLOCK];
    byte[] path = name.getBytes(StandardCharsets.UTF_8);
    if (path.length > NAME) {
      throw new IllegalArgumentException("a name of " + path.length + " bytes");
    }
    System.arraycopy(path, 0, header, 0, path.length);
    put(header, 100, "0000600\0");
    put(header, 108, "0000000\0");
    put(header, 116, "0000000\0");
    put(header, 124, "%011o\0".formatted(content.length));
    put(header, 136, "%011o\0".formatted(time.getEpochSecond()));
    put(header, CHECKSUM_AT, " ".repeat(CHECKSUM));
    put(header, 156, "0");
    put(header, 257, "ustar\00000");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, CHECKSUM_AT, "%06o\0 ".formatted(sum));
    out.write(header);
    out.write(content);
    out.write(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
  }

  /// The two empty blocks at its end.
  void end() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.flush();
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }
}
