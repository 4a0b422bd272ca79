package io.kindling.inventory.store.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/// Records that must be on stable storage at once and are put in their place later. Two files of a
/// fixed size are written in turn, so that a sync writes the record's block and nothing else: no
/// file grows. A record is its number, its length, its checksum and its content; numbers never
/// repeat, so what an earlier turn left behind the last record is told apart. Not thread-safe.
///
/// Before a turn, what the other file holds must be in its place, and before the first record what
/// was found. What both files hold is found again at the next start, in order; some of it is in its
/// place already.
public final class RedoLog implements AutoCloseable {
  private static final int HEADER = Long.BYTES + 2 * Integer.BYTES;

  private static final class Half {
    final FileChannel file;
    final List<byte[]> records = new ArrayList<>();
    long last = -1;

    Half(FileChannel file) {
      this.file = file;
    }
  }

  private final int size;
  private final List<byte[]> found;
  private Half current;
  private Half other;
  private long next;
  private int at;

  private RedoLog(int size, Half older, Half newer) {
    this.size = size;
    this.found = new ArrayList<>(older.records);
    found.addAll(newer.records);
    older.records.clear();
    newer.records.clear();
    this.current = older;
    this.other = newer;
    this.next = Math.max(newer.last, 0) + 1;
  }

  /// Opens the files `NAME.0` and `NAME.1`, which are made where they are absent.
  ///
  /// @param size bytes of each
  public static RedoLog open(Path dir, String name, int size) throws IOException {
    List<Half> halves = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        Half half = new Half(file(dir.resolve(name + "." + i), size));
        halves.add(half);
        read(half);
      }
      try (FileChannel folder = FileChannel.open(dir, StandardOpenOption.READ)) {
        folder.force(true); // the names of the files too
      }
    } catch (IOException e) {
      for (Half half : halves) {
        half.file.close();
      }
      throw e;
    }
    halves.sort(Comparator.comparingLong(half -> half.last));
    return new RedoLog(size, halves.get(0), halves.get(1));
  }

  private static FileChannel file(Path path, int size) throws IOException {
    FileChannel file =
        FileChannel.open(
            path,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    if (Files.size(path) < size) {
      ByteBuffer zeros = ByteBuffer.allocate(size - (int) Files.size(path));
      writeFully(file, zeros, Files.size(path));
      file.force(true);
    }
    return file;
  }

  private static void read(Half half) throws IOException {
    ByteBuffer content = ByteBuffer.allocate((int) half.file.size());
    int read = 0;
    while (read >= 0 && content.hasRemaining()) {
      read = half.file.read(content, content.position());
    }
    content.flip();
    while (content.remaining() > HEADER) {
      long number = content.getLong();
      int length = content.getInt();
      int checksum = content.getInt();
      boolean follows = half.last < 0 ? number > 0 : number == half.last + 1;
      if (!follows || length <= 0 || length > content.remaining()) {
        return;
      }
      byte[] record = new byte[length];
      content.get(record);
      if (checksum(number, record) != checksum) {
        return;
      }
      half.records.add(record);
      half.last = number;
    }
  }

  private static int checksum(long number, byte[] record) {
    CRC32C sum = new CRC32C();
    sum.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
    sum.update(record);
    return (int) sum.getValue();
  }

  private static void writeFully(FileChannel file, ByteBuffer from, long at) throws IOException {
    long to = at;
    while (from.hasRemaining()) {
      to += file.write(from, to);
    }
  }

  /// What was there when it was opened, in the order it was written.
  public List<byte[]> found() {
    return List.copyOf(found);
  }

  /// Whether a record of this length fits without a turn.
  public boolean hasRoom(int length) {
    return at + HEADER + length <= size;
  }

  /// How much of the current file is taken, bytes.
  public int used() {
    return at;
  }

  /// Writes a record; it is on stable storage when this returns.
  public void append(byte[] record) throws IOException {
    if (record.length == 0 || !hasRoom(record.length)) {
      throw new IllegalArgumentException("record of " + record.length + " bytes");
    }
    ByteBuffer bytes = ByteBuffer.allocate(HEADER + record.length);
    bytes.putLong(next).putInt(record.length).putInt(checksum(next, record)).put(record).flip();
    writeFully(current.file, bytes, at);
    current.file.force(false);
    at += HEADER + record.length;
    next++;
  }

  /// Goes on in the other file, over what it holds.
  public void turn() {
    Half before = current;
    current = other;
    other = before;
    at = 0;
  }

  @Override
  public void close() throws IOException {
    try {
      current.file.close();
    } finally {
      other.file.close();
    }
  }
}
