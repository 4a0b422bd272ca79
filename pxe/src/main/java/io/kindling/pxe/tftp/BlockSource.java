package io.kindling.pxe.tftp;

import io.kindling.pxe.Catalogue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;

/// The bytes of a transfer, read at any place any number of times.
sealed interface BlockSource extends AutoCloseable {

  long size();

  /// Fills the buffer from this offset, as far as there is content.
  void read(long offset, ByteBuffer into) throws IOException;

  @Override
  void close() throws IOException;

  record Memory(byte[] content) implements BlockSource {
    @Override
    public long size() {
      return content.length;
    }

    @Override
    public void read(long offset, ByteBuffer into) {
      int from = (int) Math.min(offset, content.length);
      into.put(content, from, Math.min(into.remaining(), content.length - from));
    }

    @Override
    public void close() {}
  }

  /// A file, read ahead: blocks are small, and are asked for one after the other.
  final class File implements BlockSource {
    static final int AHEAD = 32 << 10;

    private final FileChannel channel;
    private final long size;
    private final ByteBuffer ahead;

    /// Where what was read ahead begins.
    private long from;

    /// Its size is what it is now: a file that shrinks ends the transfer with an error.
    File(FileChannel channel) throws IOException {
      this.channel = channel;
      this.size = channel.size();
      this.ahead = ByteBuffer.allocate((int) Math.min(AHEAD, size)).limit(0);
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public void read(long offset, ByteBuffer into) throws IOException {
      long end = Math.min(offset + into.remaining(), size);
      long at = offset;
      while (at < end) {
        if (at < from || at >= from + ahead.limit()) {
          fill(at);
        }
        int start = (int) (at - from);
        int length = (int) Math.min(ahead.limit() - start, end - at);
        into.put(ahead.slice(start, length));
        at += length;
      }
    }

    private void fill(long at) throws IOException {
      from = at;
      int read = channel.read(ahead.clear(), at);
      ahead.flip();
      if (read <= 0) {
        throw new IOException("the file became shorter while it was being sent");
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /// Above this a file is no text.
  int MAX_NETASCII = 4 << 20;

  static BlockSource open(Catalogue.Found found, boolean netascii) throws IOException {
    if (netascii) {
      if (found.size() > MAX_NETASCII) {
        throw new IOException("too large for netascii");
      }
      byte[] content =
          switch (found) {
            case Catalogue.InMemory memory -> memory.content();
            case Catalogue.OnDisk file -> Files.readAllBytes(file.path());
          };
      return new Memory(netascii(content));
    }
    return switch (found) {
      case Catalogue.InMemory memory -> new Memory(memory.content());
      case Catalogue.OnDisk file ->
          new File(FileChannel.open(file.path(), StandardOpenOption.READ));
    };
  }

  /// LF becomes CR LF, a lone CR becomes CR NUL (RFC 764).
  static byte[] netascii(byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + content.length / 32);
    for (byte b : content) {
      switch (b) {
        case '\n' -> out.writeBytes(new byte[] {'\r', '\n'});
        case '\r' -> out.writeBytes(new byte[] {'\r', 0});
        default -> out.write(b);
      }
    }
    return out.toByteArray();
  }
}
