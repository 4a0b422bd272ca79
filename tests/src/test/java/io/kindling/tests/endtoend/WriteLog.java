package io.kindling.tests.endtoend;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// What was written to a disk, in the order in which it was done: QEMU's `blklogwrites`, in the
/// form of Linux's drivers/md/dm-log-writes.c. An entry is added before the machine hears that its
/// write or flush is done, so what it told anybody afterwards stands behind it.
///
/// Not thread-safe.
final class WriteLog implements AutoCloseable {

  private static final long MAGIC = 0x6a736677736872L;
  private static final int HEADER = 512;
  private static final int FLUSH = 1;
  private static final int DISCARD = 4;
  private static final int FLAGS = 15;
  private static final int LARGEST_COPY = 1 << 20;

  private final FileChannel file;
  private final List<Entry> entries = new ArrayList<>();

  /// @param offset where on the drive, in bytes
  /// @param length in bytes
  /// @param data where in the log its bytes stand
  /// @param end where in the log the entry ends
  /// @param flush whether everything before is on the drive for good
  /// @param discard whether the bytes are given up instead of written
  record Entry(long offset, long length, long data, long end, boolean flush, boolean discard) {}

  WriteLog(Path log) throws IOException {
    file = FileChannel.open(log, StandardOpenOption.READ);
    ByteBuffer head = read(0);
    int sector = head.getInt(24);
    if (head.getLong(0) != MAGIC || sector < HEADER) {
      throw new IOException(log + " is no log of writes");
    }
    long count = head.getLong(16);
    long at = sector;
    for (long i = 0; i < count; i++) {
      ByteBuffer entry = read(at);
      long flags = entry.getLong(16);
      if ((flags & ~FLAGS) != 0) {
        throw new IOException("%s: entry %d at %d has flags %x".formatted(log, i, at, flags));
      }
      boolean discard = (flags & DISCARD) != 0;
      long length = entry.getLong(8) * sector;
      long data = at + sector;
      at = data + (discard ? 0 : length);
      entries.add(
          new Entry(entry.getLong(0) * sector, length, data, at, (flags & FLUSH) != 0, discard));
    }
  }

  List<Entry> entries() {
    return List.copyOf(entries);
  }

  /// Does what an entry says to a copy of the disk.
  ///
  /// @param most so many of its bytes: a write that a power cut tears
  void apply(Entry entry, FileChannel disk, long most) throws IOException {
    if (entry.discard()) {
      return; // the disk may keep the bytes; the file system relies on neither
    }
    long end = Math.min(entry.length(), most);
    for (long done = 0; done < end; ) {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(LARGEST_COPY, end - done));
      while (bytes.hasRemaining()) {
        if (file.read(bytes, entry.data() + done + bytes.position()) < 0) {
          throw new IOException("the log of writes ends in the midst of an entry");
        }
      }
      bytes.flip();
      long at = entry.offset() + done;
      done += bytes.limit();
      while (bytes.hasRemaining()) {
        at += disk.write(bytes, at);
      }
    }
  }

  private ByteBuffer read(long at) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (file.read(buffer, at + buffer.position()) < 0) {
        throw new IOException("the log of writes ends at " + at);
      }
    }
    return buffer.flip();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
