package io.kindling.appliance.backup;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// The files in a backup's content, one after another: a name, pieces with their lengths, an empty
/// piece; at the end an empty name. So a log may grow while it is read. Stateless.
final class Entries {
  private static final int PIECE = 64 << 10;

  private Entries() {}

  /// Takes a file.
  @FunctionalInterface
  interface Taker {
    /// @param content to be read or left; whoever calls closes it
    void take(String name, InputStream content) throws IOException;
  }

  static void write(DataOutputStream out, String name, InputStream content) throws IOException {
    out.writeUTF(name);
    byte[] piece = new byte[PIECE];
    for (int n = content.read(piece); n >= 0; n = content.read(piece)) {
      if (n > 0) {
        out.writeInt(n);
        out.write(piece, 0, n);
      }
    }
    out.writeInt(0);
  }

  static void end(DataOutputStream out) throws IOException {
    out.writeUTF("");
  }

  /// Hands over every file, and returns once the end was there.
  static void read(InputStream in, Taker taker) throws IOException {
    var data = new DataInputStream(in);
    for (String name = data.readUTF(); !name.isEmpty(); name = data.readUTF()) {
      var content = new Content(data);
      taker.take(name, content);
      content.transferTo(OutputStream.nullOutputStream());
    }
    if (data.read() >= 0) { // the end of what is sealed is thereby seen, too
      throw new EOFException("there is more behind the end");
    }
  }

  /// One file's pieces as a stream.
  private static final class Content extends FilterInputStream {
    private final DataInputStream data;
    private int left;
    private boolean ended;

    Content(DataInputStream data) {
      super(data);
      this.data = data;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0 && !ended) {
        left = data.readInt();
        ended = left == 0;
        if (left < 0 || left > PIECE) {
          throw new IOException("a piece of " + left + " bytes");
        }
      }
      if (ended) {
        return -1;
      }
      int n = data.read(bytes, offset, Math.min(length, left));
      if (n < 0) {
        throw new EOFException("it ends within a file");
      }
      left -= n;
      return n;
    }

    @Override
    public void close() {
      // the next file comes by the same stream
    }
  }
}
