package io.kindling.postinstall;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A file per node, `ID.log`, each line `2026-11-23T20:15:00.123Z task text`. Subscribers read the
/// file itself, so a slow one costs no memory. Thread-safe; one appliance writes at a time.
public final class FileTaskLog implements TaskLog {

  /// A longer text is cut, in characters.
  static final int LONGEST_TEXT = 8192;

  private final Path directory;
  private final Clock clock;
  private final Map<UUID, NodeFile> files = new ConcurrentHashMap<>();

  public FileTaskLog(Path directory, Clock clock) {
    this.directory = directory;
    this.clock = clock;
  }

  @Override
  public void append(UUID node, String task, String text) {
    Instant at = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    file(node).append(at + " " + harmless(task).replace(' ', '-') + " " + harmless(text) + "\n");
  }

  @Override
  public List<Line> last(UUID node, int limit) {
    var lines = new ArrayDeque<Line>();
    NodeFile file = file(node);
    long end = file.size();
    file.read(
        file.startOfLast(limit, end),
        end,
        line -> {
          if (lines.size() == limit) {
            lines.removeFirst();
          }
          lines.addLast(line);
        });
    return new ArrayList<>(lines);
  }

  @Override
  public Subscription subscribe(UUID node, int backlog, Consumer<Line> taker) {
    NodeFile file = file(node);
    long from = file.startOfLast(backlog, file.size());
    Thread reader = Thread.ofVirtual().name("log-" + node).start(() -> follow(file, from, taker));
    return reader::interrupt;
  }

  private static void follow(NodeFile file, long from, Consumer<Line> taker) {
    long position = from;
    try {
      while (true) {
        long end = file.awaitMore(position);
        file.read(
            position,
            end,
            line -> {
              if (!Thread.currentThread().isInterrupted()) {
                taker.accept(line);
              }
            });
        position = end;
      }
    } catch (InterruptedException e) {
      // The subscription was closed: the one way this thread ends.
      Thread.currentThread().interrupt();
    }
  }

  private NodeFile file(UUID node) {
    return files.computeIfAbsent(node, n -> new NodeFile(directory.resolve(n + ".log")));
  }

  /// Escapes control characters: a machine's output must not drive an operator's terminal.
  static String harmless(String text) {
    String cut = text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) : text;
    var safe = new StringBuilder(cut.length());
    for (int i = 0; i < cut.length(); i++) {
      char c = cut.charAt(i);
      if (c == '\t') {
        safe.append(' ');
      } else if (c == '\r' && i == cut.length() - 1) {
        continue; // the line end of a serial console
      } else if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
        safe.append("\\x%02x".formatted((int) c));
      } else if (Character.isSurrogate(c) && !paired(cut, i)) {
        safe.append('\uFFFD');
      } else {
        safe.append(c);
      }
    }
    return safe.toString();
  }

  private static boolean paired(String text, int i) {
    char c = text.charAt(i);
    return Character.isHighSurrogate(c)
        ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
  }

  /// One node's file; `size` is the end of the last whole line.
  private static final class NodeFile {

    private final Path path;
    private @Nullable FileChannel writer;
    private long size;

    NodeFile(Path path) {
      this.path = path;
      try {
        size = Files.exists(path) ? Files.size(path) : 0;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    synchronized void append(String line) {
      try {
        FileChannel to = writer;
        if (to == null || !to.isOpen()) {
          Files.createDirectories(path.getParent());
          to =
              FileChannel.open(
                  path,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.APPEND);
          writer = to;
          size = to.size();
          if (size > 0 && !endsWithNewline()) {
            size += to.write(ByteBuffer.wrap(new byte[] {'\n'})); // the appliance died in a line
          }
        }
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(line);
        while (bytes.hasRemaining()) {
          size += to.write(bytes);
        }
        notifyAll();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write " + path, e);
      }
    }

    synchronized long size() {
      return size;
    }

    synchronized long awaitMore(long position) throws InterruptedException {
      while (size <= position) {
        wait();
      }
      return size;
    }

    /// Where the last `limit` lines before `end` begin.
    long startOfLast(int limit, long end) {
      if (limit <= 0 || end == 0) {
        return end;
      }
      int newlines = 0;
      var block = ByteBuffer.allocate(64 * 1024);
      try (FileChannel from = FileChannel.open(path, StandardOpenOption.READ)) {
        for (long high = end; high > 0; ) {
          long low = Math.max(0, high - block.capacity());
          block.clear().limit((int) (high - low));
          while (block.hasRemaining() && from.read(block, low + block.position()) >= 0) {
            // until the block is full
          }
          for (int i = block.position() - 1; i >= 0; i--) {
            if (block.get(i) == '\n' && low + i < end - 1 && ++newlines == limit) {
              return low + i + 1;
            }
          }
          high = low;
        }
        return 0;
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + path, e);
      }
    }

    void read(long from, long to, Consumer<Line> taker) {
      if (from >= to) {
        return;
      }
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        var block = ByteBuffer.allocate(64 * 1024);
        var line = new java.io.ByteArrayOutputStream();
        for (long at = from; at < to; ) {
          block.clear().limit((int) Math.min(block.capacity(), to - at));
          int n = channel.read(block, at);
          if (n <= 0) {
            break; // the file was cut from outside
          }
          at += n;
          for (int i = 0; i < n; i++) {
            if (block.get(i) == '\n') {
              taker.accept(parse(line.toString(StandardCharsets.UTF_8)));
              line.reset();
            } else {
              line.write(block.get(i));
            }
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + path, e);
      }
    }

    private static Line parse(String line) {
      String[] parts = line.split(" ", 3);
      try {
        return new Line(Instant.parse(parts[0]), parts[1], parts.length > 2 ? parts[2] : "");
      } catch (DateTimeException | ArrayIndexOutOfBoundsException e) {
        return new Line(Instant.EPOCH, "", line); // half a line from before a crash
      }
    }

    private boolean endsWithNewline() throws IOException {
      var last = ByteBuffer.allocate(1);
      try (FileChannel from = FileChannel.open(path, StandardOpenOption.READ)) {
        from.read(last, from.size() - 1);
      }
      return last.get(0) == '\n';
    }
  }
}
